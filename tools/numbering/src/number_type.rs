//! libphonenumber's number types.

use core::fmt;

/// The type of a number: libphonenumber's `PhoneNumberType`, without its `UNKNOWN`.
///
/// Displays libphonenumber's own name, such as `FIXED_LINE_OR_MOBILE`, which the data uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NumberType {
    /// A fixed line.
    FixedLine,
    /// A mobile phone.
    Mobile,
    /// A fixed line or a mobile phone: the plan does not distinguish them, as in all of North
    /// America.
    FixedLineOrMobile,
    /// Free for the caller.
    TollFree,
    /// More expensive than a normal call; the callee is paid.
    PremiumRate,
    /// Caller and callee share the cost.
    SharedCost,
    /// Voice over IP.
    Voip,
    /// A personal number, routed to whichever phone its owner chooses.
    PersonalNumber,
    /// A pager.
    Pager,
    /// A company's universal access number.
    Uan,
    /// Access to a voice mailbox.
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
