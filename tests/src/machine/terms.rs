//! The common vocabulary of the library's answers and the model's.

use countersign::error::Fault;
use countersign::limits::Lock;
use countersign::otp::Status;
use countersign::{Channel, Error, Handle, Issued, KeyId, Purpose, Reason, Refusal, Timestamp};

use super::spec::Spec;

/// The answer of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Issued { channel: Channel, expires_at: u64 },
    Verified { purpose: Purpose, channel: Channel, at: u64 },
    Done,
    Denied(Reason),
    Refused(Refusal),
    Fault(Fault),
}

impl Answer {
    pub fn sent(issued: &Issued) -> Self {
        Self::Issued { channel: issued.channel(), expires_at: issued.expires_at().unix_millis() }
    }

    pub fn done((): &()) -> Self {
        Self::Done
    }

    pub fn refused(error: &Error) -> Self {
        match error {
            Error::Denied(reason) => Self::Denied(*reason),
            Error::Refused(refusal) => Self::Refused(*refusal),
            Error::Fault(fault) => Self::Fault(*fault),
            other => panic!("unexpected store error: {other}"),
        }
    }
}

/// The environment of an operation.
#[derive(Clone, Copy)]
pub struct Now<'a> {
    pub at: u64,
    pub spec: &'a Spec,
    pub epoch: u32,
    /// The key that codes are issued under.
    pub key: u8,
    pub first_key_is_known: bool,
}

/// A challenge.
#[derive(Clone, Debug)]
pub struct Held {
    pub handle: Handle,
    pub purpose: Purpose,
    pub channel: Channel,
    /// Whether there are letters too, and how many characters.
    pub shape: (bool, usize),
    pub lifetime: u64,
    pub deadline: Option<u64>,
    pub epoch: u32,
    pub key: u8,
    pub code: String,
    /// The earlier codes, newest first.
    pub older: Vec<String>,
    pub issued_at: u64,
    pub expires_at: u64,
    pub tries_left: u8,
    pub used: bool,
}

impl Default for Held {
    fn default() -> Self {
        Self {
            handle: Handle::from_bytes([0; 16]),
            purpose: Purpose::LOGIN,
            channel: Channel::Sms,
            shape: (false, 6),
            lifetime: 0,
            deadline: None,
            epoch: 0,
            key: 0,
            code: String::new(),
            older: Vec::new(),
            issued_at: 0,
            expires_at: 0,
            tries_left: 0,
            used: false,
        }
    }
}

impl Held {
    /// Adds the handle and the code that the library drew, if it drew any.
    pub fn drawn(self, issued: Option<&Issued>) -> Self {
        match issued {
            Some(issued) => Self { handle: issued.handle(), code: issued.code().as_str().to_owned(), ..self },
            None => self,
        }
    }

    /// A code can be checked or replaced only where its key is known.
    pub fn key_is_known(&self, now: &Now<'_>) -> Result<(), Answer> {
        match self.key {
            0 if !now.first_key_is_known => Err(Answer::Fault(Fault::UnknownKey(KeyId::new(0)))),
            _ => Ok(()),
        }
    }

    /// Returns the code that an entry stands for, if it has the format of one.
    pub fn read(&self, entry: &str) -> Option<String> {
        let (letters, length) = self.shape;
        let entry = if letters { entry.to_ascii_uppercase() } else { entry.to_owned() };
        let alphabet = if letters { "23456789ABCDEFGHJKMNPQRSTVWXYZ" } else { "0123456789" };
        let fits = entry.chars().count() == length && entry.chars().all(|c| alphabet.contains(c));
        fits.then_some(entry)
    }
}

/// The status of a recipient: the failures, then the ends of lock, cooldown and quota, then the
/// challenge.
pub type Seen = (
    u16,
    (Option<Lock>, Option<Timestamp>, Option<Timestamp>),
    Option<(Purpose, Channel, Timestamp, u8, bool)>,
);

pub fn seen(status: &Status) -> Seen {
    let ends = (status.lock, status.cooldown_until, status.quota_until);
    let challenge = status
        .challenge
        .map(|held| (held.purpose, held.channel, held.expires_at, held.tries_left, held.used));
    (status.failures_in_a_row, ends, challenge)
}
