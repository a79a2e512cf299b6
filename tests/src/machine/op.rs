//! Events for a recipient and for the clock.

use countersign::Purpose;
use countersign::otp::CodeFormat;

/// One operation of a sequence.
#[derive(Clone, Debug)]
pub enum Op {
    /// Start a challenge.
    Start { who: usize, terms: Asked },
    /// Request a newer code, for a purpose or for that of the challenge.
    Resend { who: usize, handle: Shown, purpose: Option<usize> },
    /// Enter a code, for a purpose or for that of the challenge.
    Check { who: usize, handle: Shown, purpose: Option<usize>, entry: Entry, small: bool },
    /// Enter the same wrong code repeatedly.
    Guess { who: usize, times: usize },
    /// Cancel a challenge.
    Cancel { who: usize, handle: Shown, purpose: Option<usize> },
    /// Report that the gateway could not send.
    Undelivered { who: usize, handle: Shown, purpose: Option<usize> },
    /// Clear failures and lock, as an operator.
    Unlock { who: usize },
    /// Erase the record, as an operator.
    Forget { who: usize },
    /// Let this many milliseconds pass.
    Wait(u64),
    /// Wait until something ends for a recipient, or a millisecond before or after.
    WaitFor { who: usize, edge: Edge, off: i64 },
    /// Set the clock back by this many milliseconds.
    Back(u64),
    /// Go this many phases further in the rotation of the keys.
    Rotate(usize),
    /// Raise the epoch, which ends running challenges.
    RaiseEpoch,
}

impl Op {
    /// Returns whose record the operation may change.
    pub fn who(&self) -> Option<usize> {
        match *self {
            Self::Start { who, .. }
            | Self::Resend { who, .. }
            | Self::Check { who, .. }
            | Self::Guess { who, .. }
            | Self::Cancel { who, .. }
            | Self::Undelivered { who, .. }
            | Self::Unlock { who }
            | Self::Forget { who } => Some(who),
            Self::Wait(_) | Self::WaitFor { .. } | Self::Back(_) | Self::Rotate(_) | Self::RaiseEpoch => None,
        }
    }
}

/// The terms of a start, as numbers for `purpose` and `format`.
#[derive(Clone, Debug)]
pub struct Asked {
    pub channel: usize,
    pub purpose: usize,
    pub format: usize,
    /// Seconds.
    pub lifetime: u64,
    /// Seconds from now.
    pub deadline: Option<u64>,
}

/// The presented handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// No handle.
    None,
    /// That of the challenge that started last.
    Last,
    /// That of the challenge before it.
    Before,
    /// The last one of another participant.
    Foreign,
    /// A handle that nobody has.
    Random(u64),
}

/// The entered code.
#[derive(Clone, Debug)]
pub enum Entry {
    /// The code that was issued last.
    Newest,
    /// A code that was issued this many issues before the last.
    Older(usize),
    /// The newest with one character changed.
    Near(usize),
    /// Any text.
    Text(String),
}

/// An end that a recipient can wait for.
#[derive(Clone, Copy, Debug)]
pub enum Edge {
    Code,
    Cooldown,
    Quota,
    Lock,
    Deadline,
    Token,
}

pub fn purpose(number: usize) -> Purpose {
    match number % 3 {
        0 => Purpose::LOGIN,
        1 => Purpose::new("recovery").unwrap(),
        _ => Purpose::new("add_phone").unwrap(),
    }
}

/// Returns six digits in most cases.
pub fn format(number: usize) -> CodeFormat {
    match number % 8 {
        5 => CodeFormat::digits(10).unwrap(),
        6 => CodeFormat::alphanumeric(6).unwrap(),
        7 => CodeFormat::alphanumeric(8).unwrap(),
        _ => CodeFormat::DEFAULT,
    }
}

/// Returns whether the format has letters, and its length.
pub fn shape(number: usize) -> (bool, usize) {
    [(false, 6), (false, 6), (false, 6), (false, 6), (false, 6), (false, 10), (true, 6), (true, 8)]
        [number % 8]
}
