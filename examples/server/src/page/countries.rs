//! The lists of allowed, denied and unsupported countries.

use countersign::policy::Decision;
use countersign::{Channel, Policy, Reason, Region};
use serde::Serialize;

/// All countries, and lists per channel. Only codes: browsers know the countries' names.
#[derive(Debug, Serialize)]
pub(super) struct Countries {
    regions: Vec<&'static str>,
    sms: Lists,
    whatsapp: Lists,
}

/// Disjoint lists of countries. A country on none of them is refused until it is added to the
/// allowlist.
#[derive(Debug, Default, Serialize)]
struct Lists {
    allowed: Vec<&'static str>,
    denied: Vec<&'static str>,
    unsupported: Vec<&'static str>,
}

/// Returns the countries as `policy` decides on them, regardless of the kind of number.
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
    fn lists_match_the_policy_and_are_disjoint() {
        let policy = Policy::default().allow(Channel::Sms, [Region::FR]).unwrap();
        let policy = policy.deny(Channel::Sms, [Region::US, Region::GB, Region::RU]).unwrap();
        let lists = countries(&policy);
        assert_eq!(lists.regions.len(), Region::COUNT);
        assert_eq!(lists.sms.allowed, ["CA", "FR"]);
        assert_eq!(lists.sms.denied, ["GB", "US"]);
        assert_eq!(lists.sms.unsupported.len(), RegionSet::SMS_UNSUPPORTED.len());
        assert!(lists.sms.unsupported.contains(&"RU"));
        assert_eq!((lists.whatsapp.allowed, lists.whatsapp.denied), (vec!["CA", "US"], vec![]));
        assert_eq!(lists.whatsapp.unsupported.len(), RegionSet::WHATSAPP_UNSUPPORTED.len());
    }
}
