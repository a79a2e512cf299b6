//! The pure state machine with a fixed clock and a given generator, for programs that run its
//! transitions by the million.

use core::fmt;
use core::time::Duration;

use countersign::error::Fault;
use countersign::keys::KeyError;
use countersign::otp::{
    CodeFormat, CodeFormatError, Context, Drawn, NewCode, Record, Step, Terms, Transition,
};
use countersign::store::{RecordKey, Swap};
use countersign::{Keys, Limits, Refusal, Timestamp};
use rand_core::TryCryptoRng;

/// A service, and the key of one record.
pub struct Machine {
    keys: Keys,
    limits: Limits,
    place: RecordKey,
    now: Timestamp,
}

/// An unexpected result of the state machine.
#[derive(Debug)]
pub enum MachineError {
    /// The keys could not be created.
    Keys(KeyError),
    /// A fault.
    Fault(Fault),
    /// A refusal.
    Refused(Refusal),
    /// A code was issued without a record to write.
    NotWritten,
}

impl Machine {
    /// Creates a machine with a fixed secret and the default limits.
    ///
    /// # Errors
    ///
    /// If the keys cannot be created.
    pub fn new() -> Result<Self, MachineError> {
        let keys = Keys::from_secret([7; 32]).map_err(MachineError::Keys)?;
        let now = Timestamp::from_unix_seconds(1_800_000_000);
        Ok(Self { keys, limits: Limits::DEFAULT, place: RecordKey::from_bytes([3; 16]), now })
    }

    /// Returns the inputs of a transition besides its record.
    #[must_use]
    pub fn context(&self) -> Context<'_> {
        let Self { keys, limits, place, now } = self;
        Context::new(place, keys, *now, 1).with_limits(limits)
    }

    /// Starts a challenge in a fresh record. Returns the record and the issued code.
    ///
    /// # Errors
    ///
    /// If the generator fails.
    pub fn start(
        &self,
        terms: &Terms,
        rng: &mut impl TryCryptoRng,
    ) -> Result<(Record, NewCode), MachineError> {
        written(Record::fresh().start(&self.context(), terms, &drawn(rng)?))
    }

    /// Starts a challenge whose code is sent three times. Returns the record and the issued codes,
    /// newest first.
    ///
    /// # Errors
    ///
    /// If the generator fails.
    pub fn start_and_resend_twice(
        &mut self,
        terms: &Terms,
        rng: &mut impl TryCryptoRng,
    ) -> Result<(Record, [NewCode; 3]), MachineError> {
        let (record, first) = self.start(terms, rng)?;
        self.now = self.now + Duration::from_secs(30);
        let (record, second) =
            written(record.resend(&self.context(), Some(&first.handle), terms.purpose, &drawn(rng)?))?;
        self.now = self.now + Duration::from_secs(30);
        let (record, third) =
            written(record.resend(&self.context(), Some(&first.handle), terms.purpose, &drawn(rng)?))?;
        Ok((record, [third, second, first]))
    }
}

fn drawn(rng: &mut impl TryCryptoRng) -> Result<Drawn, MachineError> {
    Drawn::new(rng).map_err(|error| MachineError::Fault(error.into()))
}

/// Returns the next record and the outcome, as if the store had applied the write.
fn written<T>(transition: Transition<T>) -> Result<(Record, T), MachineError> {
    match transition.map_err(MachineError::Fault)? {
        Step::Write { next, withheld } => {
            let outcome = withheld.confirm(Swap::Applied).ok_or(MachineError::NotWritten)?;
            Ok((next, outcome.map_err(MachineError::Refused)?))
        }
        Step::Answer(Err(refusal)) => Err(MachineError::Refused(refusal)),
        Step::Answer(Ok(_)) => Err(MachineError::NotWritten),
    }
}

/// Returns the format of eight letters.
///
/// # Errors
///
/// If the library no longer has this format.
pub fn letters() -> Result<CodeFormat, CodeFormatError> {
    CodeFormat::alphanumeric(8)
}

impl fmt::Display for MachineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keys(error) => error.fmt(f),
            Self::Fault(fault) => fault.fmt(f),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::NotWritten => f.write_str("a code was issued without a record to write"),
        }
    }
}

impl std::error::Error for MachineError {}
