//! A verifier with a clock and a generator set by the test.

use countersign::verifier::Moment;
use countersign::{Error, Handle, Issued, Keys, PhoneNumber, Refusal, Store, Timestamp, Verifier};

use super::rng::Seeded;

pub const SECOND: u64 = 1000;
pub const MINUTE: u64 = 60 * SECOND;
pub const HOUR: u64 = 60 * MINUTE;
pub const DAY: u64 = 24 * HOUR;

/// A verifier, a clock that only the test moves, and a generator.
pub struct Desk<S> {
    pub verifier: Verifier<S>,
    pub rng: Seeded,
    /// Milliseconds of Unix time.
    pub now: u64,
}

pub fn keys() -> Keys {
    Keys::from_secret([7; 32]).unwrap()
}

pub fn number() -> PhoneNumber {
    "+12025550162".parse().unwrap()
}

/// Returns a six-digit code that differs from this one in the digit at `place`.
pub fn wrong(code: &str, place: usize) -> String {
    let mut digits = code.as_bytes().to_vec();
    digits[place] = b'0' + (digits[place] - b'0' + 1) % 10;
    String::from_utf8(digits).unwrap()
}

impl<S: Store> Desk<S> {
    pub fn new(store: S) -> Self {
        Self {
            verifier: Verifier::new(keys(), store).with_instance(1),
            rng: Seeded(1),
            now: 1_800_000_000_000,
        }
    }

    pub fn with(self, change: impl FnOnce(Verifier<S>) -> Verifier<S>) -> Self {
        Self { verifier: change(self.verifier), ..self }
    }

    pub fn at(&mut self) -> Moment<'_, S, Seeded> {
        self.verifier.at(Timestamp::from_unix_millis(self.now), &mut self.rng)
    }

    /// Enters a wrong code, and returns the refusal.
    pub fn fail(&mut self, issued: &Issued) -> Refusal {
        self.refused(issued.handle(), &wrong(issued.code().as_str(), 0))
    }

    pub fn refused(&mut self, handle: Handle, entry: &str) -> Refusal {
        refusal(self.at().check(number(), handle, entry))
    }

    pub fn failures(&mut self) -> u16 {
        self.at().status(number()).unwrap().failures_in_a_row
    }
}

/// Returns the refusal of a call. Any other result fails the test.
#[track_caller]
pub fn refusal<T>(result: Result<T, Error>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        Err(error) => panic!("expected a refusal: {error}"),
        Ok(_) => panic!("expected a refusal"),
    }
}
