//! Random number generators that fail, are stuck, or start over.

use std::convert::Infallible;
use std::fmt;

use countersign::error::{EntropyError, Fault};
use countersign::{Channel, Error, Timestamp};
use countersign_tests::desk::{Desk, number};
use countersign_tests::faulty::Faulty;
use countersign_tests::rng::Seeded;
use rand_core::{TryCryptoRng, TryRng};

use super::calls;

/// A broken generator.
enum Broken {
    /// Succeeds for this many calls, then fails.
    After(u32, Seeded),
    /// Returns the same eight bytes for ever.
    Constant([u8; 8]),
    /// Returns the same bytes in every call.
    StartsOver,
}

#[derive(Debug)]
struct Failed;

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken")
    }
}

impl std::error::Error for Failed {}

impl TryRng for Broken {
    type Error = Failed;

    fn try_next_u32(&mut self) -> Result<u32, Failed> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Failed> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Failed> {
        match self {
            Self::After(0, _) => return Err(Failed),
            Self::After(left, good) => {
                *left -= 1;
                let Ok(()) = good.try_fill_bytes(bytes);
            }
            Self::Constant(word) => {
                bytes.iter_mut().zip(word.iter().cycle()).for_each(|(byte, same)| *byte = *same);
            }
            Self::StartsOver => {
                let Ok(()) = Seeded(5).try_fill_bytes(bytes);
            }
        }
        Ok(())
    }
}

impl TryCryptoRng for Broken {}

fn error<T>(result: Result<T, Error>) -> EntropyError {
    match result.map(drop) {
        Err(Error::Fault(Fault::Entropy(error))) => error,
        other => panic!("expected an entropy fault: {other:?}"),
    }
}

#[test]
fn failing_generator_issues_no_code_and_loses_nothing() {
    let store = Faulty::default();
    let mut desk = Desk::new(&store);
    let issued = desk.at().start(number(), Channel::Sms).unwrap();
    desk.now += 30_000;
    let (before, now) = (store.only(), Timestamp::from_unix_millis(desk.now));
    for (name, call) in calls::all::<_, Broken>() {
        let mut broken = Broken::After(0, Seeded(3));
        let result = call(&mut desk.verifier.at(now, &mut broken), issued.handle(), issued.code().as_str());
        assert_eq!(error(result), EntropyError::Failed, "{name}");
    }
    let forgotten = desk.verifier.at(now, &mut Broken::After(0, Seeded(3))).forget(number());
    assert_eq!(error(forgotten), EntropyError::Failed);
    assert_eq!(store.only(), before);
    assert!(desk.at().check(number(), issued.handle(), issued.code().as_str()).is_ok());
}

/// A draw may cost a system call: each call draws once, and no more than it needs.
#[test]
fn each_call_draws_once() {
    let store = Faulty::default();
    let mut desk = Desk::new(&store);
    for (name, call) in calls::all::<_, Counting>() {
        desk.now += 30_000;
        let issued = desk.at().start(number(), Channel::Sms).unwrap();
        desk.now += 30_000;
        let mut counting = Counting { good: Seeded(3), draws: Vec::new() };
        let now = Timestamp::from_unix_millis(desk.now);
        let done = call(&mut desk.verifier.at(now, &mut counting), issued.handle(), issued.code().as_str());
        done.unwrap();
        let expected = if matches!(name, "start" | "resend") { 64 } else { 16 };
        assert_eq!(counting.draws, [expected], "{name}");
        desk.at().forget(number()).unwrap();
    }
    let mut counting = Counting { good: Seeded(3), draws: Vec::new() };
    desk.verifier.at(Timestamp::from_unix_millis(desk.now), &mut counting).forget(number()).unwrap();
    assert_eq!(counting.draws, [16]);
}

/// Records how many bytes were drawn.
struct Counting {
    good: Seeded,
    draws: Vec<usize>,
}

impl TryRng for Counting {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.draws.push(4);
        self.good.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.draws.push(8);
        self.good.try_next_u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.draws.push(bytes.len());
        self.good.try_fill_bytes(bytes)
    }
}

impl TryCryptoRng for Counting {}

#[test]
fn stuck_generator_issues_no_code() {
    let words = (0..=255).map(|byte| [byte; 8]).chain([[1, 2, 3, 4, 5, 6, 7, 8], *b"the same"]);
    for word in words {
        let store = Faulty::default();
        let desk = Desk::new(&store);
        let now = Timestamp::from_unix_millis(desk.now);
        let started = desk.verifier.at(now, &mut Broken::Constant(word)).start(number(), Channel::Sms);
        assert_eq!(error(started), EntropyError::Stuck, "{word:?}");
        assert_eq!(store.len(), 0);
    }
}

#[test]
fn stuck_generator_changes_nothing() {
    let store = Faulty::default();
    let mut desk = Desk::new(&store);
    let issued = desk.at().start(number(), Channel::Sms).unwrap();
    desk.now += 30_000;
    let (before, now) = (store.only(), Timestamp::from_unix_millis(desk.now));
    for (name, call) in calls::all::<_, Broken>() {
        let mut broken = Broken::Constant([7; 8]);
        let result = call(&mut desk.verifier.at(now, &mut broken), issued.handle(), issued.code().as_str());
        assert_eq!(error(result), EntropyError::Stuck, "{name}");
    }
    assert_eq!(store.only(), before);
}

/// As after a virtual machine was started twice from one snapshot. The first code cannot be
/// distinguished from a proper one.
#[test]
fn restarted_generator_issues_no_second_code() {
    let store = Faulty::default();
    let mut desk = Desk::new(&store);
    let now = Timestamp::from_unix_millis(desk.now);
    let issued = desk.verifier.at(now, &mut Broken::StartsOver).start(number(), Channel::Sms).unwrap();
    desk.now += 30_000;
    let before = store.only();
    let now = Timestamp::from_unix_millis(desk.now);
    let second = desk.verifier.at(now, &mut Broken::StartsOver).start(number(), Channel::Sms);
    assert_eq!(error(second), EntropyError::Stuck);
    assert_eq!(store.only(), before);
    assert!(desk.at().check(number(), issued.handle(), issued.code().as_str()).is_ok());
}
