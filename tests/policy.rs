//! The country policy, compared with plain lists after random changes.

use countersign::number::Allocation;
use countersign::policy::Decision;
use countersign::{Channel, Kind, PhoneNumber, Policy, Reason, Region};
use countersign_tests::policy::{self, Change};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::cases::cases;

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn random_changes_match_plain_lists(changes in vec(change(), 0..12)) {
        policy::run(&changes);
    }
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn decides_by_region_and_then_by_kind(
        digits in prop_oneof![1_000_000..1_000_000_000_000_000u64, 12_000_000_000..20_000_000_000u64, 33_000_000_000..34_000_000_000u64],
        allowed in region(), denied in region()) {
        let Ok(number) = format!("+{digits}").parse::<PhoneNumber>() else { return Ok(()) };
        for channel in [Channel::Sms, Channel::WhatsApp] {
            let policy = Policy::default().deny(channel, [denied]).unwrap();
            let policy = policy.allow(channel, [allowed]).unwrap_or(policy);
            let decision = policy.decide(number, channel);
            let by_region = policy.decide_region(number.region(), channel);
            match number.allocation() {
                _ if number.region().is_none() => prop_assert_eq!(decision, Decision::Deny(Reason::NoCountry)),
                Allocation::Impossible => prop_assert_eq!(decision, Decision::Deny(Reason::Impossible)),
                _ if by_region != Decision::Allow => prop_assert_eq!(decision, by_region),
                Allocation::Unallocated => prop_assert_eq!(decision, Decision::Deny(Reason::Unallocated)),
                Allocation::Assigned(kind) => {
                    prop_assert!(matches!(decision, Decision::Allow) || decision == Decision::Deny(Reason::Kind(kind)));
                    prop_assert_eq!(decision == Decision::Allow, is_reached(kind, channel), "{}", kind);
                }
            }
            if decision == Decision::Allow {
                let region = number.region().unwrap();
                prop_assert!(!Policy::unsupported(channel).contains(region));
                prop_assert!(region != denied && [allowed, Region::US, Region::CA].contains(&region));
            }
        }
        prop_assert_eq!(
            Policy::default().decide(number, Channel::Email),
            Decision::Deny(Reason::NotATelephoneChannel)
        );
    }
}

/// The defaults, as documented for `Policy`.
fn is_reached(kind: Kind, channel: Channel) -> bool {
    match kind {
        Kind::Mobile | Kind::FixedLineOrMobile | Kind::Voip => true,
        Kind::FixedLine => channel == Channel::WhatsApp,
        _ => false,
    }
}

fn region() -> impl Strategy<Value = Region> {
    select(Region::all().collect::<Vec<_>>())
}

fn change() -> impl Strategy<Value = Change> {
    let channel =
        prop_oneof![6 => Just(Channel::Sms), 4 => Just(Channel::WhatsApp), 1 => Just(Channel::Email)];
    let kinds = vec(select(&Kind::ALL), 0..4);
    (0..8, channel, codes(), kinds, any::<bool>()).prop_map(|(kind, channel, codes, kinds, allow)| match kind
    {
        0 => Change::Allow(channel, codes),
        1 => Change::AllowSet(channel, codes),
        2 => Change::Deny(channel, codes),
        3 => Change::SetAllowed(channel, codes),
        4 => Change::SetAllowedCodes(channel, codes),
        5 => Change::Kinds(channel, kinds, allow),
        6 => Change::Unallocated(channel, allow),
        _ => Change::SetDenied(channel, codes),
    })
}

/// Mostly valid lists: a list of random regions would nearly always contain an unsupported one.
fn codes() -> impl Strategy<Value = Vec<String>> {
    let good: Vec<Region> = Region::all()
        .filter(|region| {
            [Channel::Sms, Channel::WhatsApp].iter().all(|&c| !Policy::unsupported(c).contains(*region))
        })
        .collect();
    let code = prop_oneof![
        30 => select(good).prop_map(|region| region.to_string()),
        2 => region().prop_map(|region| region.to_string()),
        2 => region().prop_map(|region| region.as_str().to_ascii_lowercase()),
        1 => "[A-Z]{2}",
        1 => "\\PC{0,3}",
    ];
    vec(code, 0..6)
}
