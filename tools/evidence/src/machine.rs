//! The pure machine, with a clock and a generator of ours, for programs that run its transitions by the million.

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

/// A service, and the place of one record.
pub struct Machine {
    keys: Keys,
    limits: Limits,
    place: RecordKey,
    now: Timestamp,
}

/// What the machine said no to, or could not do.
#[derive(Debug)]
pub enum Trouble {
    /// The keys can't be made.
    Keys(KeyError),
    /// The machine is out of order.
    Fault(Fault),
    /// It refused.
    Refused(Refusal),
    /// It issued a code without a record to write.
    NotWritten,
}

impl Machine {
    /// With a secret of ours and the default limits.
    ///
    /// # Errors
    ///
    /// If the keys can't be made.
    pub fn new() -> Result<Self, Trouble> {
        let keys = Keys::from_secret([7; 32]).map_err(Trouble::Keys)?;
        let now = Timestamp::from_unix_seconds(1_800_000_000);
        Ok(Self { keys, limits: Limits::DEFAULT, place: RecordKey::from_bytes([3; 16]), now })
    }

    /// What a transition needs besides its record.
    #[must_use]
    pub fn context(&self) -> Context<'_> {
        let Self { keys, limits, place, now } = self;
        Context::new(place, keys, *now, 1).with_limits(limits)
    }

    /// A challenge in a fresh record: the record, and what was issued.
    ///
    /// # Errors
    ///
    /// If the generator is out of order.
    pub fn start(&self, terms: &Terms, rng: &mut impl TryCryptoRng) -> Result<(Record, NewCode), Trouble> {
        written(Record::fresh().start(&self.context(), terms, &drawn(rng)?))
    }

    /// A challenge of which the code was sent three times: the record, and what was issued, newest first.
    ///
    /// # Errors
    ///
    /// If the generator is out of order.
    pub fn start_and_resend_twice(
        &mut self,
        terms: &Terms,
        rng: &mut impl TryCryptoRng,
    ) -> Result<(Record, [NewCode; 3]), Trouble> {
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

fn drawn(rng: &mut impl TryCryptoRng) -> Result<Drawn, Trouble> {
    Drawn::new(rng).map_err(|error| Trouble::Fault(error.into()))
}

/// The next record and the outcome, as if the store had taken it.
fn written<T>(transition: Transition<T>) -> Result<(Record, T), Trouble> {
    match transition.map_err(Trouble::Fault)? {
        Step::Write { next, withheld } => {
            let outcome = withheld.confirm(Swap::Applied).ok_or(Trouble::NotWritten)?;
            Ok((next, outcome.map_err(Trouble::Refused)?))
        }
        Step::Answer(Err(refusal)) => Err(Trouble::Refused(refusal)),
        Step::Answer(Ok(_)) => Err(Trouble::NotWritten),
    }
}

/// Codes of eight letters.
///
/// # Errors
///
/// If the library no longer has such a format.
pub fn letters() -> Result<CodeFormat, CodeFormatError> {
    CodeFormat::alphanumeric(8)
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keys(error) => error.fmt(f),
            Self::Fault(fault) => fault.fmt(f),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::NotWritten => f.write_str("a code was issued without a record to write"),
        }
    }
}

impl std::error::Error for Trouble {}
