//! The check of an entry, compared with a search through the texts of the codes.

use countersign::totp::{TimeStep, TotpCheck, TotpSecret, TotpSettings, TotpVerdict, Window};
use countersign_tests::totp;
use proptest::prelude::*;

use super::{secret_bytes, settings};
use crate::cases::cases;

/// The verdict by a plain search, newest step first.
fn plain(
    bytes: &[u8],
    settings: TotpSettings,
    window: u64,
    last: Option<u64>,
    now: u64,
    entry: &str,
) -> TotpVerdict {
    let entry = entry.replace(' ', "");
    let digits = usize::from(settings.digits());
    if entry.len() != digits || entry.contains(|c: char| !c.is_ascii_digit()) {
        return TotpVerdict::Malformed;
    }
    let (now, window) = (i128::from(now), i128::from(window));
    let steps = (now - window..=now + window).rev().filter_map(|step| u64::try_from(step).ok());
    let matching: Vec<u64> =
        steps.filter(|step| totp::code(settings.algorithm(), digits, bytes, *step) == entry).collect();
    let newest = matching.iter().find(|step| last.is_none_or(|last| **step > last));
    match (newest, matching.is_empty()) {
        (Some(&step), _) => {
            TotpVerdict::Right { step: TimeStep::new(step), drift: (i128::from(step) - now) as i8 }
        }
        (None, false) => TotpVerdict::AlreadyUsed,
        (None, true) => TotpVerdict::Wrong,
    }
}

/// Steps that are near the present, and near both ends of the range.
fn steps() -> impl Strategy<Value = u64> {
    prop_oneof![0..=30u64, u64::MAX - 30..=u64::MAX, 55_000_000..60_000_000u64, any::<u64>()]
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn verdicts_match_a_plain_search(
        bytes in secret_bytes(), settings in settings(), window in 0..=10u64, now in steps(),
        last in proptest::option::of(-12..=12i64), off in -12..=12i64, place in 0..=8usize,
        between in "[ ]{0,3}|[-a１]", mistyped in proptest::option::of(0..8usize)
    ) {
        let secret = TotpSecret::from_bytes(&bytes).unwrap();
        let last = last.map(|last| now.saturating_add_signed(last));
        let shown = now.saturating_add_signed(off);
        let mut entry = totp::code(settings.algorithm(), settings.digits().into(), &bytes, shown);
        let code = settings.code(&secret, TimeStep::new(shown));
        prop_assert_eq!(code.as_str(), &entry);
        if let Some(place) = mistyped.filter(|place| *place < entry.len()) {
            let other = (entry.as_bytes()[place] - b'0' + 1) % 10;
            entry.replace_range(place..=place, &other.to_string());
        }
        entry.insert_str(place.min(entry.len()), &between);
        let check = TotpCheck::new(&secret, settings, TimeStep::new(now))
            .with_window(Window::new(window).unwrap())
            .with_last_accepted(last.map(TimeStep::new));
        prop_assert_eq!(check.check(&entry), plain(&bytes, settings, window, last, now, &entry));
    }
}

#[test]
fn a_code_counts_once_and_older_ones_no_more() {
    let bytes = b"12345678901234567890";
    let (secret, settings) = (TotpSecret::from_bytes(bytes).unwrap(), TotpSettings::DEFAULT);
    let code = |step| settings.code(&secret, TimeStep::new(step));
    let check = TotpCheck::new(&secret, settings, TimeStep::new(100));
    let right = |step, drift| TotpVerdict::Right { step: TimeStep::new(step), drift };
    assert_eq!(check.check(code(99).as_str()), right(99, -1));
    assert_eq!(check.check(code(101).as_str()), right(101, 1));
    assert_eq!(check.check(code(98).as_str()), TotpVerdict::Wrong);
    assert_eq!(check.check(code(102).as_str()), TotpVerdict::Wrong);
    let later = check.with_last_accepted(Some(TimeStep::new(100)));
    assert_eq!(later.check(code(99).as_str()), TotpVerdict::AlreadyUsed);
    assert_eq!(later.check(code(100).as_str()), TotpVerdict::AlreadyUsed);
    assert_eq!(later.check(code(101).as_str()), right(101, 1));
    let last = check.with_last_accepted(Some(TimeStep::new(u64::MAX)));
    assert_eq!(last.check(code(101).as_str()), TotpVerdict::AlreadyUsed);
}

/// Two steps in one window that have the same code, found by a search.
const OLDER: u64 = 2386;
const NEWER: u64 = 2394;

#[test]
fn the_newest_of_several_matches_counts() {
    let secret = TotpSecret::from_bytes(b"12345678901234567890").unwrap();
    let settings = TotpSettings::DEFAULT;
    let (older, newer) = (TimeStep::new(OLDER), TimeStep::new(NEWER));
    let code = settings.code(&secret, older);
    assert_eq!(code.as_str(), settings.code(&secret, newer).as_str());
    let now = OLDER.midpoint(NEWER);
    let check = TotpCheck::new(&secret, settings, TimeStep::new(now)).with_window(Window::new(10).unwrap());
    let right = TotpVerdict::Right { step: newer, drift: (NEWER - now) as i8 };
    assert_eq!(check.check(code.as_str()), right);
    assert_eq!(check.with_last_accepted(Some(older)).check(code.as_str()), right, "the other was used");
    assert_eq!(check.with_last_accepted(Some(newer)).check(code.as_str()), TotpVerdict::AlreadyUsed);
}
