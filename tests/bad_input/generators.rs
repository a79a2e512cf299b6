//! Generators of random numbers that fail, stand still, or start over.

use std::fmt;

use countersign::otp::EntropyError;
use countersign::{Channel, Error, Fault, Timestamp};
use rand_core::{TryCryptoRng, TryRng};

use super::calls;
use super::desk::{Desk, number};
use super::faulty::Faulty;
use super::rng::Seeded;

/// A generator that is out of order.
enum Broken {
    /// It answers so many calls, then it fails.
    After(u32, Seeded),
    /// It gives the same byte for ever.
    Constant(u8),
    /// It gives the same bytes in every call.
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
            Self::Constant(byte) => bytes.fill(*byte),
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
        other => panic!("expected a fault of the generator: {other:?}"),
    }
}

#[test]
fn a_generator_that_fails_issues_no_code_and_loses_nothing() {
    let store = Faulty::default();
    let mut desk = Desk::new(&store);
    let issued = desk.at().start(number(), Channel::Sms).unwrap();
    desk.now += 30_000;
    let (before, now) = (store.only(), Timestamp::from_unix_millis(desk.now));
    for answers in 0..2 {
        let broken = || Broken::After(answers, Seeded(3));
        assert_eq!(
            error(desk.verifier.at(now, &mut broken()).start(number(), Channel::Sms)),
            EntropyError::Failed
        );
        let resent = desk.verifier.at(now, &mut broken()).resend(number(), issued.handle());
        assert_eq!(error(resent), EntropyError::Failed);
    }
    for (name, call) in calls::all::<_, Broken>() {
        let mut broken = Broken::After(0, Seeded(3));
        let result = call(&mut desk.verifier.at(now, &mut broken), issued.handle(), issued.code().as_str());
        assert_eq!(error(result), EntropyError::Failed, "{name}");
    }
    assert_eq!(store.only(), before);
    assert!(desk.at().check(number(), issued.handle(), issued.code().as_str()).is_ok());
}

#[test]
fn a_generator_that_stands_still_issues_no_code() {
    for byte in 0..=255 {
        let store = Faulty::default();
        let desk = Desk::new(&store);
        let now = Timestamp::from_unix_millis(desk.now);
        let started = desk.verifier.at(now, &mut Broken::Constant(byte)).start(number(), Channel::Sms);
        assert_eq!(error(started), EntropyError::Stuck, "{byte:#x}");
        assert_eq!(store.len(), 0);
    }
}

/// As after a virtual machine was started twice from one snapshot: the first code can't be told from a good one.
#[test]
fn a_generator_that_starts_over_issues_no_second_code() {
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
