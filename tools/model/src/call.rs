//! The calls of clients, and their outcomes.

use core::fmt;

use countersign::account::Factor;
use countersign::error::Fault;
use countersign::keys::DeviceId;
use countersign::verifier::Moment;
use countersign::{
    Challenge, Channel, DeviceToken, Error, Handle, Issued, PhoneNumber, Refusal, Store, Timestamp, Verified,
};
use countersign_tests::rng::Seeded;

use crate::account::{Guess, Verdict};
use crate::holder::Holder;

/// One call of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    /// Start a challenge.
    Start,
    /// Request a newer code for the challenge that the client knows.
    Resend,
    /// Check a code under the handle that the client knows.
    Check(Entry),
    /// Cancel that challenge.
    Cancel,
    /// Report that the gateway could not send.
    Undelivered,
    /// Clear failures and lock, as an operator.
    Unlock,
    /// Erase the record, as an operator.
    Forget,
    /// Guess the account's secret, which involves two records.
    Guess(Entry),
    /// Enter the code of one of an account's factors.
    Prove(Factor, Entry),
    /// Remove the account's authenticator.
    Remove,
    /// Enrol the secret of the account's authenticator again.
    Import,
}

/// The entry of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// The newest code that the client knows.
    Right,
    /// A code that was not sent to anybody.
    Wrong,
}

/// A code that was issued, and its handle.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Passcode {
    handle: Box<str>,
    code: Box<str>,
    /// When it was issued, by the issuer's clock.
    issued_at: Timestamp,
    lane: Lane,
}

/// The lane of a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lane {
    /// The lane that all strangers share.
    #[default]
    Common,
    /// The lane of the device that verified the recipient long ago.
    Device,
}

/// The recipient of a call.
#[derive(Clone, Debug)]
pub(crate) struct Recipient {
    pub(crate) number: PhoneNumber,
    /// The token that the device presents, for its own lane.
    pub(crate) token: DeviceToken,
    /// The device of the token.
    pub(crate) device: DeviceId,
}

/// The outcome of a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A code was issued.
    Issued(Passcode),
    /// This code is correct.
    Verified(Passcode),
    /// The code is wrong, with this many attempts left.
    Wrong(u8),
    /// The code was replaced by a newer one, with this many attempts left.
    Superseded(u8),
    /// The call is done.
    Done,
    /// The verdict of a guess at the account's secret.
    Guessed(Verdict),
    /// The code of an account's factor is correct.
    Proven(Factor),
    /// Another refusal, which reveals nothing about the code.
    Refused(No),
    /// A fault of the service or of the replay.
    Failed(String),
}

/// A refusal that reveals nothing about the code, without its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum No {
    /// [`Refusal::CoolingDown`] or [`Refusal::QuotaExceeded`].
    TooSoon,
    /// [`Refusal::Locked`] or [`Refusal::Closed`].
    Locked,
    /// [`Refusal::UnknownHandle`].
    UnknownHandle,
    /// [`Refusal::NoTriesLeft`].
    NoTriesLeft,
    /// [`Refusal::AlreadyUsed`].
    AlreadyUsed,
    /// [`Fault::ClockWentBack`] or [`Fault::ClockOutOfRange`]: only the clock is wrong.
    Clock,
    /// [`Error::Contended`], where a guess may end that way.
    Contended,
    /// Any other refusal.
    Other,
}

impl Call {
    /// Makes the call with the passcode that the client knows. Returns `None` if it needs one and
    /// has none.
    #[expect(clippy::too_many_arguments, reason = "each call needs some of them")]
    pub(crate) fn make<S: Store>(
        self,
        at: &Moment<'_, S, Seeded>,
        clock: Timestamp,
        lane: Lane,
        recipient: &Recipient,
        known: Option<&Passcode>,
        holder: Option<&Holder>,
        guess: impl FnOnce(bool) -> Guess,
    ) -> Option<Outcome> {
        let issued = |result| issued(result, clock, lane);
        let Recipient { number, token, .. } = recipient;
        let number = *number;
        Some(match (self, known) {
            (Self::Start, _) => {
                let token = (lane == Lane::Device).then(|| token.clone());
                issued(at.start(Challenge::new(number).with_device(token), Channel::Sms))
            }
            (Self::Unlock, _) => done(at.unlock(recipient.of_operator(lane))),
            (Self::Forget, _) => done(at.forget(recipient.of_operator(lane))),
            (Self::Guess(entry), _) => guessed(at.carry_out(guess(entry == Entry::Right))),
            (Self::Prove(factor, entry), _) => holder?.prove(at, clock, factor, entry),
            (Self::Remove, _) => holder?.remove(at),
            (Self::Import, _) => holder?.import(at),
            (_, None) => return None,
            (Self::Resend, Some(known)) => issued(at.resend(number, known.handle()?)),
            (Self::Cancel, Some(known)) => done(at.cancel(number, known.handle()?)),
            (Self::Undelivered, Some(known)) => done(at.undelivered(number, known.handle()?)),
            (Self::Check(entry), Some(known)) => {
                let shown = if entry == Entry::Right { known.clone() } else { known.wrong() };
                checked(at.check(number, shown.handle()?, &shown.code), shown)
            }
        })
    }
}

impl Recipient {
    /// Returns the challenge of an operator's call in this lane.
    pub(crate) fn of_operator(&self, lane: Lane) -> Challenge<'static> {
        let challenge = Challenge::new(self.number);
        match lane {
            Lane::Common => challenge,
            Lane::Device => challenge.on_device(self.device),
        }
    }
}

impl Passcode {
    fn handle(&self) -> Option<Handle> {
        self.handle.parse().ok()
    }

    /// Returns when it was issued, by the issuer's clock.
    #[must_use]
    pub const fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// Returns the lane that it runs in.
    #[must_use]
    pub const fn lane(&self) -> Lane {
        self.lane
    }

    /// Returns the same handle with a code that differs in its first digit.
    fn wrong(&self) -> Self {
        let mut digits = self.code.chars();
        let first = digits.next().and_then(|digit| digit.to_digit(10)).unwrap_or_default();
        let code = format!("{}{}", (first + 1) % 10, digits.as_str());
        Self { code: code.into(), ..self.clone() }
    }
}

impl Outcome {
    /// Returns the code that was issued, if any.
    pub(crate) const fn passcode(&self) -> Option<&Passcode> {
        match self {
            Self::Issued(passcode) => Some(passcode),
            _ => None,
        }
    }

    /// Returns whether the outcome says that a code is not the live one: a verdict that must have
    /// been counted.
    #[must_use]
    pub const fn is_failure(&self) -> bool {
        matches!(self, Self::Wrong(_) | Self::Superseded(_))
    }

    /// Returns whether the outcome is a success.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self, Self::Verified(_) | Self::Proven(_))
    }
}

fn issued(result: Result<Issued, Error>, clock: Timestamp, lane: Lane) -> Outcome {
    result.map_or_else(refused, |issued| {
        let (handle, code) = (issued.handle().to_string().into(), issued.code().as_str().into());
        Outcome::Issued(Passcode { handle, code, issued_at: clock, lane })
    })
}

fn checked(result: Result<Verified, Error>, shown: Passcode) -> Outcome {
    result.map_or_else(refused, |_| Outcome::Verified(shown))
}

pub(crate) fn done(result: Result<(), Error>) -> Outcome {
    result.map_or_else(refused, |()| Outcome::Done)
}

fn guessed(result: Result<Verdict, Error>) -> Outcome {
    match result {
        Ok(verdict) => Outcome::Guessed(verdict),
        Err(Error::Contended) => Outcome::Refused(No::Contended),
        Err(error) => refused(error),
    }
}

pub(crate) fn proven(factor: Factor, result: Result<(), Error>) -> Outcome {
    match result {
        Ok(()) => Outcome::Proven(factor),
        Err(Error::Contended) => Outcome::Refused(No::Contended),
        Err(error) => refused(error),
    }
}

fn refused(error: Error) -> Outcome {
    if let Error::Fault(Fault::ClockWentBack { .. } | Fault::ClockOutOfRange) = error {
        return Outcome::Refused(No::Clock);
    }
    let Some(refusal) = error.refusal() else { return Outcome::Failed(error.to_string()) };
    Outcome::Refused(match refusal {
        Refusal::WrongCode { tries_left, .. } => return Outcome::Wrong(tries_left),
        Refusal::Superseded { tries_left, .. } => return Outcome::Superseded(tries_left),
        Refusal::CoolingDown { .. } | Refusal::QuotaExceeded { .. } => No::TooSoon,
        Refusal::Locked { .. } | Refusal::Closed => No::Locked,
        Refusal::UnknownHandle => No::UnknownHandle,
        Refusal::NoTriesLeft => No::NoTriesLeft,
        Refusal::AlreadyUsed => No::AlreadyUsed,
        _ => No::Other,
    })
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Prove(factor, Entry::Right) => return write!(f, "{} right", factor.as_str()),
            Self::Prove(factor, Entry::Wrong) => return write!(f, "{} wrong", factor.as_str()),
            Self::Remove => "remove",
            Self::Import => "import",
            Self::Start => "start",
            Self::Resend => "resend",
            Self::Check(Entry::Right) => "check right",
            Self::Check(Entry::Wrong) => "check wrong",
            Self::Cancel => "cancel",
            Self::Undelivered => "undelivered",
            Self::Unlock => "unlock",
            Self::Forget => "forget",
            Self::Guess(Entry::Right) => "guess right",
            Self::Guess(Entry::Wrong) => "guess wrong",
        })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Issued(passcode) => write!(f, "issued {}", passcode.code),
            Self::Verified(passcode) => write!(f, "passed with {}", passcode.code),
            Self::Wrong(tries_left) => write!(f, "wrong, attempts left: {tries_left}"),
            Self::Superseded(tries_left) => write!(f, "superseded, attempts left: {tries_left}"),
            Self::Done => f.write_str("done"),
            Self::Guessed(verdict) => write!(f, "the guess is {verdict:?}"),
            Self::Proven(factor) => write!(f, "{} passes", factor.as_str()),
            Self::Refused(no) => write!(f, "refused, {no:?}"),
            Self::Failed(why) => write!(f, "failed: {why}"),
        }
    }
}
