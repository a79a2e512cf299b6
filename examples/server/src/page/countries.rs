//! Which countries may be sent codes, which may not, and which never.

use countersign::policy::Decision;
use countersign::{Channel, Policy, Reason, Region};
use serde::Serialize;

/// All countries, and per channel those of which there is something to say. Codes alone: browsers know the names.
#[derive(Debug, Serialize)]
pub(super) struct Countries {
    regions: Vec<&'static str>,
    sms: Lists,
    whatsapp: Lists,
}

/// No country is on two of these lists. Who is on none is refused until the allowlist names it.
#[derive(Debug, Default, Serialize)]
struct Lists {
    allowed: Vec<&'static str>,
    denied: Vec<&'static str>,
    unsupported: Vec<&'static str>,
}

/// The countries as `policy` decides on them, whatever the kind of a number.
pub(super) fn countries(policy: &Policy) -> Countries {
    Countries {
        regions: Region::all().map(Region::as_str).collect(),
        sms: Lists::of(policy, Channel::Sms),
        whatsapp: Lists::of(policy, Channel::WhatsApp),
    }
}

impl Lists {
    fn of(policy: &Policy, channel: Channel) -> Self {
        let mut lists = Self::default();
        for region in Region::all() {
            match policy.decide_region(Some(region), channel) {
                Decision::Allow => lists.allowed.push(region.as_str()),
                Decision::Deny(Reason::UnsupportedCountry) => lists.unsupported.push(region.as_str()),
                Decision::Deny(Reason::CountryDenied) => lists.denied.push(region.as_str()),
                Decision::Deny(_) => {}
            }
        }
        lists
    }
}

#[cfg(test)]
mod tests {
    use countersign::region::RegionSet;

    use super::*;

    #[test]
    fn lists_are_the_policys_sets_and_share_nothing() {
        let policy = Policy::default().allow(Channel::Sms, [Region::FR]).unwrap();
        let policy = policy.deny(Channel::Sms, [Region::US, Region::GB, Region::RU]).unwrap();
        let told = countries(&policy);
        assert_eq!(told.regions.len(), Region::COUNT);
        assert_eq!(told.sms.allowed, ["CA", "FR"]);
        assert_eq!(told.sms.denied, ["GB", "US"]);
        assert_eq!(told.sms.unsupported.len(), RegionSet::SMS_UNSUPPORTED.len());
        assert!(told.sms.unsupported.contains(&"RU"));
        assert_eq!((told.whatsapp.allowed, told.whatsapp.denied), (vec!["CA", "US"], vec![]));
        assert_eq!(told.whatsapp.unsupported.len(), RegionSet::WHATSAPP_UNSUPPORTED.len());
    }
}
