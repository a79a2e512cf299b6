//! Decisions for many texts are those of single calls.

use countersign::policy::Decision;
use countersign::{Channel, Reason};
use countersign_tests::fuzz::many::{compare, policy};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::cases::cases;
use crate::numbers::texts;

proptest! {
    #![proptest_config(cases(500))]

    /// Several blocks, the last of which is rarely full.
    #[test]
    fn answers_match_single_calls(texts in vec(texts(), 0..200), channel in select(&Channel::ALL[..])) {
        compare(&policy(), &texts, channel);
    }
}

/// Numbers of all prefixes of the plan, and their neighbours.
#[test]
fn answers_match_single_calls_for_the_whole_plan() {
    let lines = include_str!("data/agreement.csv").lines().skip(2);
    let texts: Vec<_> = lines.filter_map(|line| Some(format!("+{}", line.split_once(',')?.0))).collect();
    assert!(texts.len() > 40_000);
    compare(&policy(), &texts, Channel::Sms);
}

/// Numbers whose longer walks fill a block, and then no text that is a number.
#[test]
fn blocks_may_be_all_alike() {
    for text in ["+390669812345", "+49170131234567", "+", "nonsense", "", "+9991234567"] {
        for count in [1, 63, 64, 65, 128, 129] {
            compare(&policy(), &vec![text; count], Channel::Sms);
        }
    }
}

#[test]
fn email_reaches_no_numbers() {
    let policy = policy();
    let mut answers = policy.decide_many(&["+12025550162"], Channel::Email);
    let denied = Decision::Deny(Reason::NotATelephoneChannel);
    assert_eq!(answers.next().unwrap().map(|(_, decision)| decision), Ok(denied));
    assert_eq!(format!("{answers:?}"), "DecideMany { .. }");
}
