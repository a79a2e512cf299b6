//! Kinds of numbers, allowed or not, and a number of each.

use std::sync::LazyLock;

use countersign::policy::Decision;
use countersign::{Kind, PhoneNumber, Reason};

/// The kinds that are allowed on a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kinds {
    kinds: Vec<Kind>,
    unallocated: bool,
}

/// Returns the defaults for SMS and WhatsApp, as documented for `Policy`.
pub fn defaults() -> [Kinds; 2] {
    let sms = vec![Kind::Mobile, Kind::FixedLineOrMobile, Kind::Voip];
    let whatsapp = vec![Kind::Mobile, Kind::FixedLineOrMobile, Kind::Voip, Kind::FixedLine];
    [sms, whatsapp].map(|kinds| Kinds { kinds, unallocated: false })
}

impl Kinds {
    pub fn switch(&mut self, kinds: &[Kind], allow: bool) {
        self.kinds.retain(|kind| !kinds.contains(kind));
        if allow {
            self.kinds.extend(kinds);
        }
    }

    pub fn allow_unallocated(&mut self, allow: bool) {
        self.unallocated = allow;
    }

    /// Returns the decision if the country is allowed.
    pub fn decide(&self, what: What) -> Decision {
        match what {
            What::Assigned(kind) if !self.kinds.contains(&kind) => Decision::Deny(Reason::Kind(kind)),
            What::Unallocated if !self.unallocated => Decision::Deny(Reason::Unallocated),
            What::Impossible => Decision::Deny(Reason::Impossible),
            _ => Decision::Allow,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Assigned(Kind),
    Unallocated,
    Impossible,
}

/// A number of each kind, with its country if it has one, picked by hand from the tables of
/// `data/`.
pub static NUMBERS: LazyLock<Vec<(PhoneNumber, Option<&'static str>, What)>> = LazyLock::new(|| {
    let numbers = [
        ("+442079460958", "GB", What::Assigned(Kind::FixedLine)),
        ("+33612345678", "FR", What::Assigned(Kind::Mobile)),
        ("+12025550162", "US", What::Assigned(Kind::FixedLineOrMobile)),
        ("+18005550199", "US", What::Assigned(Kind::TollFree)),
        ("+33891123456", "FR", What::Assigned(Kind::PremiumRate)),
        ("+33810123456", "FR", What::Assigned(Kind::SharedCost)),
        ("+445612345678", "GB", What::Assigned(Kind::Voip)),
        ("+447012345678", "GB", What::Assigned(Kind::PersonalNumber)),
        ("+447640123456", "GB", What::Assigned(Kind::Pager)),
        ("+443001234567", "GB", What::Assigned(Kind::Uan)),
        ("+49170131234567", "DE", What::Assigned(Kind::Voicemail)),
        ("+11025550162", "US", What::Unallocated),
        ("+120255501", "US", What::Impossible),
        ("+8821612345678", "", What::Assigned(Kind::Mobile)),
    ];
    let read = |(text, code, what): (&str, &'static str, What)| {
        (text.parse().unwrap(), Some(code).filter(|code| !code.is_empty()), what)
    };
    numbers.map(read).into()
});
