//! A policy as plain lists of codes, compared with the library's.

mod kinds;
mod lists;

use countersign::policy::{Decision, PolicyError};
use countersign::region::RegionSet;
use countersign::{Channel, Kind, Policy, Reason, Region};

use kinds::{Kinds, NUMBERS, What};
use lists::{DATA, EMPTY, List};

/// A change of a policy, with country codes as a host has them, possibly unknown ones.
#[derive(Clone, Debug)]
pub enum Change {
    /// Adds to the allowlist. Unknown codes cannot be expressed and are left out.
    Allow(Channel, Vec<String>),
    /// The same, through the call for constants.
    AllowSet(Channel, Vec<String>),
    /// Adds to the denylist.
    Deny(Channel, Vec<String>),
    /// Replaces the allowlist.
    SetAllowed(Channel, Vec<String>),
    /// Replaces the allowlist, with codes as text.
    SetAllowedCodes(Channel, Vec<String>),
    /// Replaces the denylist.
    SetDenied(Channel, Vec<String>),
    /// Allows or denies kinds of numbers.
    Kinds(Channel, Vec<Kind>, bool),
    /// Allows or denies numbers that the plan does not know.
    Unallocated(Channel, bool),
}

/// Lists of codes and kinds for SMS and WhatsApp.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Plain {
    allowed: [List; 2],
    denied: [List; 2],
    kinds: [Kinds; 2],
}

/// Makes the changes one by one, and compares every answer, list and decision with the plain lists.
pub fn run(changes: &[Change]) {
    let us_and_canada = DATA.list(["CA", "US"]);
    let mut plain = Plain { allowed: [us_and_canada; 2], denied: [EMPTY; 2], kinds: kinds::defaults() };
    let mut policy = Policy::default();
    for change in changes {
        let before = policy;
        let answer = make(&mut policy, change);
        let expected = plain.make(change);
        assert_eq!(answer.map_err(Refused::from), expected, "{change:?}");
        assert!(expected.is_ok() || policy == before, "a refused change changed something: {change:?}");
        plain.has_the_list_of(change, &policy, &before);
    }
    plain.has_the_lists_of(&policy);
    plain.decides_as(&policy);
    plain.decides_numbers_as(&policy);
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
        Change::Kinds(channel, kinds, true) => {
            *policy = policy.allow_kinds(*channel, kinds.iter().copied())?
        }
        Change::Kinds(channel, kinds, false) => {
            *policy = policy.deny_kinds(*channel, kinds.iter().copied())?
        }
        Change::Unallocated(channel, allow) => *policy = policy.allow_unallocated(*channel, *allow)?,
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
    Invalid { unsupported: RegionSet, unknown: bool },
}

impl From<PolicyError> for Refused {
    fn from(error: PolicyError) -> Self {
        match error {
            PolicyError::EmptyAllowlist { .. } => Self::Empty,
            PolicyError::NotATelephoneChannel { .. } => Self::Email,
            PolicyError::InvalidCountries { unsupported, unknown, .. } => {
                Self::Invalid { unsupported, unknown: unknown.is_some() }
            }
            other => panic!("unexpected error: {other}"),
        }
    }
}

impl Plain {
    fn make(&mut self, change: &Change) -> Result<(), Refused> {
        let (channel, codes) = change.parts();
        let list = DATA.list(codes);
        let place = place(channel);
        let unsupported = place.map_or(EMPTY, |at| lists::both(&list, &DATA.unsupported[at]));
        let refused = |unknown| Err(Refused::Invalid { unsupported: DATA.set(&unsupported), unknown });
        if matches!(change, Change::SetAllowedCodes(..)) && codes.iter().any(|code| DATA.row(code).is_none())
        {
            return refused(true);
        }
        if matches!(change, Change::Kinds(_, kinds, _) if kinds.is_empty()) {
            return Ok(());
        }
        let place = place.ok_or(Refused::Email)?;
        let (allowed, denied) = (&mut self.allowed[place], &mut self.denied[place]);
        match change {
            Change::Deny(..) => *denied = lists::either(denied, &list),
            Change::SetDenied(..) => *denied = list,
            Change::Kinds(_, kinds, allow) => self.kinds[place].switch(kinds, *allow),
            Change::Unallocated(_, allow) => self.kinds[place].allow_unallocated(*allow),
            _ if unsupported != EMPTY => return refused(false),
            Change::Allow(..) | Change::AllowSet(..) => *allowed = lists::either(allowed, &list),
            _ if list == EMPTY => return Err(Refused::Empty),
            _ => *allowed = list,
        }
        Ok(())
    }

    /// Checks that a change altered its own list as in the plain one, and no other list.
    fn has_the_list_of(&self, change: &Change, policy: &Policy, before: &Policy) {
        let denies = matches!(change, Change::Deny(..) | Change::SetDenied(..));
        let lists = !matches!(change, Change::Kinds(..) | Change::Unallocated(..));
        for channel in Channel::ALL {
            let at = place(channel).filter(|_| lists && channel == change.parts().0);
            let allowed = at.filter(|_| !denies).map(|at| DATA.set(&self.allowed[at]));
            let denied = at.filter(|_| denies).map(|at| DATA.set(&self.denied[at]));
            assert_eq!(policy.allowed(channel), allowed.unwrap_or(before.allowed(channel)), "{change:?}");
            assert_eq!(policy.denied(channel), denied.unwrap_or(before.denied(channel)), "{change:?}");
        }
    }

    /// Compares all lists, code by code.
    fn has_the_lists_of(&self, policy: &Policy) {
        for (at, channel) in [Channel::Sms, Channel::WhatsApp].into_iter().enumerate() {
            assert_eq!(self.allowed[at], DATA.read_set(policy.allowed(channel)), "allowed by {channel}");
            assert_eq!(self.denied[at], DATA.read_set(policy.denied(channel)), "denied by {channel}");
        }
        let none = (RegionSet::EMPTY, RegionSet::EMPTY);
        assert_eq!((policy.allowed(Channel::Email), policy.denied(Channel::Email)), none);
    }

    /// Compares the decisions for every region and for none, on every channel.
    fn decides_as(&self, policy: &Policy) {
        for channel in Channel::ALL {
            for (row, &region) in DATA.regions.iter().enumerate() {
                let decision = policy.decide_region(Some(region), channel);
                assert_eq!(decision, self.decide(row, channel), "{region} by {channel}");
            }
            let nowhere = place(channel).map_or(Reason::NotATelephoneChannel, |_| Reason::NoCountry);
            assert_eq!(policy.decide_region(None, channel), Decision::Deny(nowhere));
        }
    }

    /// Compares the decisions for a number of each kind, on every channel. An impossible number is
    /// reported before its country, the country before the kind.
    fn decides_numbers_as(&self, policy: &Policy) {
        for channel in Channel::ALL {
            for &(number, code, what) in NUMBERS.iter() {
                let expected = match (place(channel), code) {
                    (None, _) => Decision::Deny(Reason::NotATelephoneChannel),
                    (_, None) => Decision::Deny(Reason::NoCountry),
                    (Some(at), _) if what == What::Impossible => self.kinds[at].decide(what),
                    (Some(at), Some(code)) => match self.decide(DATA.row(code).unwrap(), channel) {
                        Decision::Allow => self.kinds[at].decide(what),
                        denied => denied,
                    },
                };
                assert_eq!(policy.decide(number, channel), expected, "{what:?} of {code:?} by {channel}");
            }
        }
    }

    fn decide(&self, row: usize, channel: Channel) -> Decision {
        let Some(place) = place(channel) else { return Decision::Deny(Reason::NotATelephoneChannel) };
        if DATA.unsupported[place][row] {
            Decision::Deny(Reason::UnsupportedCountry)
        } else if self.denied[place][row] {
            Decision::Deny(Reason::CountryDenied)
        } else if !self.allowed[place][row] {
            Decision::Deny(Reason::CountryNotAllowed)
        } else {
            Decision::Allow
        }
    }
}

impl Change {
    fn parts(&self) -> (Channel, &[String]) {
        match self {
            Self::Allow(channel, codes)
            | Self::AllowSet(channel, codes)
            | Self::Deny(channel, codes)
            | Self::SetAllowed(channel, codes)
            | Self::SetAllowedCodes(channel, codes)
            | Self::SetDenied(channel, codes) => (*channel, codes),
            Self::Kinds(channel, ..) | Self::Unallocated(channel, ..) => (*channel, &[]),
        }
    }
}

/// Returns the index of a channel. Email has no countries.
fn place(channel: Channel) -> Option<usize> {
    match channel {
        Channel::Sms => Some(0),
        Channel::WhatsApp => Some(1),
        _ => None,
    }
}
