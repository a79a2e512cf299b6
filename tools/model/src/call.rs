//! What clients do, and what they are told.

use core::fmt;

use countersign::error::Fault;
use countersign::keys::DeviceId;
use countersign::verifier::Moment;
use countersign::{
    Challenge, Channel, DeviceToken, Error, Handle, Issued, PhoneNumber, Refusal, Store, Timestamp, Verified,
};
use countersign_tests::rng::Seeded;

use crate::account::{Guess, Verdict};

/// One call of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    /// A new challenge.
    Start,
    /// A newer code for the challenge that the client knows.
    Resend,
    /// A check under the handle that the client knows.
    Check(Entry),
    /// The end of that challenge.
    Cancel,
    /// The gateway could not send.
    Undelivered,
    /// The operator clears failures and lock.
    Unlock,
    /// The operator drops all that is remembered.
    Forget,
    /// A guess at the account's secret, which touches two records.
    Guess(Entry),
}

/// What a client enters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// The newest code that it knows of.
    Right,
    /// A code that nobody was sent.
    Wrong,
}

/// A code that was issued, and its handle.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Passcode {
    handle: Box<str>,
    code: Box<str>,
    /// By the issuer's clock.
    issued_at: Timestamp,
    lane: Lane,
}

/// In which of a recipient's lanes somebody is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lane {
    /// The one that all strangers share.
    #[default]
    Common,
    /// The one of the device that proved the recipient long ago.
    Device,
}

/// Whom a call is about.
#[derive(Clone, Debug)]
pub(crate) struct Recipient {
    pub(crate) number: PhoneNumber,
    /// What the device shows, in its own lane.
    pub(crate) token: DeviceToken,
    /// Whose token it is.
    pub(crate) device: DeviceId,
}

/// What a client was told.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A code, to be sent.
    Issued(Passcode),
    /// This code is right.
    Verified(Passcode),
    /// The code is wrong, and so many tries are left.
    Wrong(u8),
    /// The code was replaced by a newer one, of which so many tries are left.
    Superseded(u8),
    /// What was asked for is done.
    Done,
    /// What a guess at the account's secret led to.
    Guessed(Verdict),
    /// Another refusal, which says nothing of the code.
    Refused(No),
    /// The service is out of order, or the replay is.
    Failed(String),
}

/// A refusal that says nothing of the code, without its times.
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
    /// [`Fault::ClockWentBack`] or [`Fault::ClockOutOfRange`]: the clock, and nothing else, is out of order.
    Clock,
    /// [`Error::Contended`], where a guess may end so.
    Contended,
    /// Any other.
    Other,
}

impl Call {
    /// Makes the call, with the passcode that the client knows. Nothing if it would need one and has none.
    pub(crate) fn make<S: Store>(
        self,
        at: &Moment<'_, S, Seeded>,
        clock: Timestamp,
        lane: Lane,
        recipient: &Recipient,
        known: Option<&Passcode>,
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
    /// What an operator's call is about: this lane.
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

    /// When it was issued, by the issuer's clock.
    #[must_use]
    pub const fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// The lane that it runs in.
    #[must_use]
    pub const fn lane(&self) -> Lane {
        self.lane
    }

    /// The same handle, and a code that differs in its first digit.
    fn wrong(&self) -> Self {
        let mut digits = self.code.chars();
        let first = digits.next().and_then(|digit| digit.to_digit(10)).unwrap_or_default();
        let code = format!("{}{}", (first + 1) % 10, digits.as_str());
        Self { code: code.into(), ..self.clone() }
    }
}

impl Outcome {
    /// The code that was issued.
    pub(crate) const fn passcode(&self) -> Option<&Passcode> {
        match self {
            Self::Issued(passcode) => Some(passcode),
            _ => None,
        }
    }

    /// Whether it says that a code is not the live one: a verdict that must have been counted.
    #[must_use]
    pub const fn is_failure(&self) -> bool {
        matches!(self, Self::Wrong(_) | Self::Superseded(_))
    }

    /// Whether it is a success.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self, Self::Verified(_))
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

fn done(result: Result<(), Error>) -> Outcome {
    result.map_or_else(refused, |()| Outcome::Done)
}

fn guessed(result: Result<Verdict, Error>) -> Outcome {
    match result {
        Ok(verdict) => Outcome::Guessed(verdict),
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
            Self::Wrong(tries_left) => write!(f, "wrong, tries left: {tries_left}"),
            Self::Superseded(tries_left) => write!(f, "superseded, tries left: {tries_left}"),
            Self::Done => f.write_str("done"),
            Self::Guessed(verdict) => write!(f, "the guess is {verdict:?}"),
            Self::Refused(no) => write!(f, "refused, {no:?}"),
            Self::Failed(why) => write!(f, "out of order: {why}"),
        }
    }
}
