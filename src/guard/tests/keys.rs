//! Where the entries of a question are kept.

use super::level::Level;
use super::*;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

#[test]
fn keys_of_a_question_are_distinct_and_fit_one_call() {
    let caps = Caps { region: Some(1.0), tenant: Some(1.0), all: Some(1.0) };
    let world = World::with(Guard::default().with_caps(caps).unwrap());
    let keys: Vec<_> = (0..8_u8).map(|id| HostKey::account([id])).collect();
    let subject = gb(1).with_tags(world.secret.tags(&keys, None, Channel::Sms).unwrap());
    let question = world.question(&subject.clone().with_vouched(true));
    let different: BTreeSet<_> = question.keys().iter().collect();
    assert_eq!((question.keys().len(), different.len()), (19, 19));
    assert_eq!(question.memory_key().kind(), crate::store::EntryKind::Number);
    assert_eq!(question.tallies().count(), 18);
    let question = world.question(&subject);
    assert_eq!(question.tallies().count(), 17, "nobody is vouched for");
}

#[test]
fn neighbours_share_their_common_blocks() {
    let world = World::new();
    let shared = |one: &Subject, two: &Subject| {
        let [one, two] = [one, two].map(|subject| world.question(&subject.clone().with_vouched(true)));
        let both = one.tallies().zip(two.tallies()).filter(|(one, two)| one == two);
        both.map(|((level, _), _)| level).collect::<Vec<_>>()
    };
    let wide = [Level::Region, Level::Purse, Level::Vouched];
    for (other, blocks) in [(123_499, 4), (123_500, 3), (124_000, 2), (130_000, 1)] {
        let expected: Vec<_> = Level::BLOCKS.into_iter().skip(4 - blocks).chain(wide).collect();
        assert_eq!(shared(&gb(123_456), &gb(other)), expected, "{other}");
    }
    // As many digits in front, but the number is one digit longer.
    let (short, long) = (number("+4930123456"), number("+49301234567"));
    let subject = |number| Subject::new(number, Channel::Sms);
    assert_eq!(shared(&subject(short), &subject(long)), wide);
}

#[test]
fn another_secret_gives_other_keys() {
    let (guard, subject) = (Guard::default(), gb(1));
    let keys = |byte| guard.question(&TallySecret::new([byte; 16]), &subject);
    let (one, two) = (keys(1), keys(2));
    assert!(one.keys().iter().all(|key| !two.keys().contains(key)));
}
