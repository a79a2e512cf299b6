//! A policy as plain lists of codes, run side by side with the library's.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use countersign::{Channel, Decision, Policy, PolicyError, Reason, Region, RegionSet};

type Codes = BTreeSet<&'static str>;

/// A change of a policy, with country codes as a host has them: perhaps of no country.
#[derive(Clone, Debug)]
pub enum Change {
    /// Adds to the allowlist; what names no country can't be expressed and is left out.
    Allow(Channel, Vec<String>),
    /// The same, through the call for constants.
    AllowSet(Channel, Vec<String>),
    /// Adds to the denylist.
    Deny(Channel, Vec<String>),
    /// Replaces the allowlist.
    SetAllowed(Channel, Vec<String>),
    /// Replaces the allowlist, codes as they are.
    SetAllowedCodes(Channel, Vec<String>),
    /// Replaces the denylist.
    SetDenied(Channel, Vec<String>),
}

/// Lists of codes for SMS and WhatsApp.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Plain {
    allowed: [Codes; 2],
    denied: [Codes; 2],
}

static REGIONS: LazyLock<Codes> = LazyLock::new(|| column(include_str!("../../data/regions.csv")));
static UNSUPPORTED: LazyLock<[Codes; 2]> = LazyLock::new(|| {
    [include_str!("../../data/sms_unsupported.csv"), include_str!("../../data/whatsapp_unsupported.csv")]
        .map(column)
});

/// Makes the changes one by one, and holds every answer, every list and every decision against the plain lists.
pub fn run(changes: &[Change]) {
    let us_and_canada = Codes::from(["CA", "US"]);
    let mut plain = Plain { allowed: [us_and_canada.clone(), us_and_canada], denied: Default::default() };
    let mut policy = Policy::default();
    for change in changes {
        let before = policy;
        let answer = make(&mut policy, change);
        let expected = plain.make(change);
        assert_eq!(answer.map_err(Refused::from), expected, "{change:?}");
        assert!(expected.is_ok() || policy == before, "a refused change changed something: {change:?}");
        plain.has_the_lists_of(&policy);
    }
    plain.decides_as(&policy);
}

fn make(policy: &mut Policy, change: &Change) -> Result<(), PolicyError> {
    match change {
        Change::Allow(channel, codes) => *policy = policy.allow(*channel, regions(codes))?,
        Change::AllowSet(channel, codes) => {
            *policy = policy.allow_set(*channel, regions(codes).collect::<RegionSet>())?;
        }
        Change::Deny(channel, codes) => *policy = policy.deny(*channel, regions(codes))?,
        Change::SetAllowed(channel, codes) => policy.set_allowed(*channel, regions(codes))?,
        Change::SetAllowedCodes(channel, codes) => policy.set_allowed_codes(*channel, codes)?,
        Change::SetDenied(channel, codes) => policy.set_denied(*channel, regions(codes))?,
    }
    Ok(())
}

fn regions(codes: &[String]) -> impl Iterator<Item = Region> {
    codes.iter().filter_map(|code| code.parse().ok())
}

/// Why a change was refused.
#[derive(Debug, PartialEq, Eq)]
enum Refused {
    Empty,
    Email,
    Invalid { unsupported: Codes, unknown: bool },
}

impl From<PolicyError> for Refused {
    fn from(error: PolicyError) -> Self {
        match error {
            PolicyError::EmptyAllowlist { .. } => Self::Empty,
            PolicyError::NotATelephoneChannel { .. } => Self::Email,
            PolicyError::InvalidCountries { unsupported, unknown, .. } => {
                Self::Invalid { unsupported: codes(unsupported), unknown: unknown.is_some() }
            }
            other => panic!("an error that the plain lists don't know: {other}"),
        }
    }
}

impl Plain {
    fn make(&mut self, change: &Change) -> Result<(), Refused> {
        let (Change::Allow(channel, codes)
        | Change::AllowSet(channel, codes)
        | Change::Deny(channel, codes)
        | Change::SetAllowed(channel, codes)
        | Change::SetAllowedCodes(channel, codes)
        | Change::SetDenied(channel, codes)) = change;
        let known = codes.iter().map(|code| REGIONS.get(code.to_ascii_uppercase().as_str()));
        let list: Codes = known.clone().flatten().copied().collect();
        let channel = place(*channel);
        let refused =
            channel.map_or_else(Codes::new, |at| list.intersection(&UNSUPPORTED[at]).copied().collect());
        if matches!(change, Change::SetAllowedCodes(..)) && known.clone().any(|code| code.is_none()) {
            return Err(Refused::Invalid { unsupported: refused, unknown: true });
        }
        let place = channel.ok_or(Refused::Email)?;
        let (allowed, denied) = (&mut self.allowed[place], &mut self.denied[place]);
        match change {
            Change::Deny(..) => denied.extend(list),
            Change::SetDenied(..) => *denied = list,
            _ if !refused.is_empty() => {
                return Err(Refused::Invalid { unsupported: refused, unknown: false });
            }
            Change::Allow(..) | Change::AllowSet(..) => allowed.extend(list),
            _ if list.is_empty() => return Err(Refused::Empty),
            _ => *allowed = list,
        }
        Ok(())
    }

    fn has_the_lists_of(&self, policy: &Policy) {
        for channel in Channel::ALL {
            let lists = (codes(policy.allowed(channel)), codes(policy.denied(channel)));
            let expected = place(channel).map(|at| (self.allowed[at].clone(), self.denied[at].clone()));
            assert_eq!(lists, expected.unwrap_or_default());
        }
    }

    /// Every region, and no region, on every channel.
    fn decides_as(&self, policy: &Policy) {
        for channel in Channel::ALL {
            for region in Region::all() {
                let decision = policy.decide_region(Some(region), channel);
                assert_eq!(decision, self.decide(region.alpha2(), channel), "{region} by {channel}");
            }
            let nowhere = place(channel).map_or(Reason::NotATelephoneChannel, |_| Reason::NoCountry);
            assert_eq!(policy.decide_region(None, channel), Decision::Deny(nowhere));
        }
    }

    fn decide(&self, code: &str, channel: Channel) -> Decision {
        let Some(place) = place(channel) else { return Decision::Deny(Reason::NotATelephoneChannel) };
        if UNSUPPORTED[place].contains(code) {
            Decision::Deny(Reason::UnsupportedCountry)
        } else if self.denied[place].contains(code) {
            Decision::Deny(Reason::CountryDenied)
        } else if !self.allowed[place].contains(code) {
            Decision::Deny(Reason::CountryNotAllowed)
        } else {
            Decision::Allow
        }
    }
}

/// Email has no countries.
fn place(channel: Channel) -> Option<usize> {
    match channel {
        Channel::Sms => Some(0),
        Channel::WhatsApp => Some(1),
        _ => None,
    }
}

fn codes(set: RegionSet) -> Codes {
    set.iter().map(Region::alpha2).collect()
}

fn column(file: &str) -> Codes {
    let rows = csv::Reader::from_reader(file.as_bytes()).into_records();
    rows.map(|row| &*row.unwrap()[0].to_owned().leak()).collect()
}
