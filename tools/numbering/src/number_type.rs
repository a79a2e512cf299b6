//! The types of numbers that libphonenumber tells apart.

use core::fmt;

/// What kind of service answers a number: libphonenumber's `PhoneNumberType`, without its `UNKNOWN`.
///
/// Displayed by libphonenumber's own names, such as `FIXED_LINE_OR_MOBILE`; those stand in the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NumberType {
    /// A telephone in a place.
    FixedLine,
    /// A mobile telephone.
    Mobile,
    /// The plan does not tell the two apart, as in all of North America.
    FixedLineOrMobile,
    /// Free for the caller.
    TollFree,
    /// Dearer than a call, the called party earns.
    PremiumRate,
    /// The cost is shared between both ends.
    SharedCost,
    /// Voice over IP.
    Voip,
    /// A number of a person, routed to wherever that person is.
    PersonalNumber,
    /// A pager.
    Pager,
    /// A company's universal access number.
    Uan,
    /// Access to a voice mail box.
    Voicemail,
}

impl fmt::Display for NumberType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::FixedLine => "FIXED_LINE",
            Self::Mobile => "MOBILE",
            Self::FixedLineOrMobile => "FIXED_LINE_OR_MOBILE",
            Self::TollFree => "TOLL_FREE",
            Self::PremiumRate => "PREMIUM_RATE",
            Self::SharedCost => "SHARED_COST",
            Self::Voip => "VOIP",
            Self::PersonalNumber => "PERSONAL_NUMBER",
            Self::Pager => "PAGER",
            Self::Uan => "UAN",
            Self::Voicemail => "VOICEMAIL",
        })
    }
}
