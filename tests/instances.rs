//! The instance value of a verifier: with a given value, records are reproducible; without one,
//! they never are.

use std::sync::Arc;

use countersign::{Channel, Timestamp, Verifier};
use countersign_tests::desk::{keys, number, wrong};
use countersign_tests::engine::Engine;
use countersign_tests::rng::Seeded;

/// Returns the records that a start and two guesses write, with a generator that begins in the same
/// state each time.
fn writes(instance: Option<u64>, clones: bool) -> Vec<Vec<u8>> {
    let engine = Arc::new(Engine::default());
    let made = Verifier::new(keys(), Arc::clone(&engine));
    let first = match instance {
        Some(instance) => made.with_instance(instance),
        None => made,
    };
    let second = if clones { Some(first.clone()) } else { None };
    let (now, mut rng) = (Timestamp::from_unix_seconds(1_800_000_000), Seeded(1));
    let issued = first.at(now, &mut rng).start(number(), Channel::Sms).unwrap();
    let entry = wrong(issued.code().as_str(), 0);
    for _ in 0..2 {
        let verifier = second.as_ref().unwrap_or(&first);
        assert!(verifier.at(now, &mut rng).check(number(), issued.handle(), &entry).is_err());
    }
    (0..engine.writes()).map(|write| engine.written(write)).collect()
}

#[test]
fn same_instance_and_generator_write_the_same_records() {
    for instance in [0, 1, u64::MAX] {
        let once = writes(Some(instance), false);
        assert_eq!(once.len(), 3);
        assert_eq!(writes(Some(instance), false), once, "a new verifier");
        assert_eq!(writes(Some(instance), true), once, "a clone");
    }
}

#[test]
fn different_instances_write_different_records() {
    let all = [writes(Some(1), false), writes(Some(2), false), writes(None, false), writes(None, false)];
    for (place, one) in all.iter().enumerate() {
        for other in &all[place + 1..] {
            assert!(one.iter().zip(other).all(|(one, other)| one != other));
        }
    }
}
