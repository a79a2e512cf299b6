//! What can happen to a recipient, and to the clock.

use countersign::Purpose;
use countersign::otp::CodeFormat;

/// One step of a story.
#[derive(Clone, Debug)]
pub enum Op {
    /// A challenge is started.
    Start { who: usize, terms: Asked },
    /// A newer code is asked for, for a purpose or for whichever the challenge has.
    Resend { who: usize, handle: Shown, purpose: Option<usize> },
    /// A code is entered, for a purpose or for whichever the challenge has.
    Check { who: usize, handle: Shown, purpose: Option<usize>, entry: Entry, small: bool },
    /// The same wrong code is entered again and again.
    Guess { who: usize, times: usize },
    /// A challenge is ended.
    Cancel { who: usize, handle: Shown, purpose: Option<usize> },
    /// The gateway says that it did not send.
    Undelivered { who: usize, handle: Shown, purpose: Option<usize> },
    /// An operator clears failures and lock.
    Unlock { who: usize },
    /// An operator drops all that is remembered.
    Forget { who: usize },
    /// Time passes, milliseconds.
    Wait(u64),
    /// Time passes until something ends for a recipient, or a millisecond before or after.
    WaitFor { who: usize, edge: Edge, off: i64 },
    /// The clock goes back, milliseconds.
    Back(u64),
    /// So many phases further in the rotation of the keys.
    Rotate(usize),
    /// A restored backup: running challenges are dead.
    RaiseEpoch,
}

impl Op {
    /// Whose record it may change.
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

/// The terms of a start, as numbers that [`purpose`] and [`format`] read.
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

/// Which handle is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// None at all.
    None,
    /// The one of the challenge that started last.
    Last,
    /// The one before it.
    Before,
    /// The last one of somebody else.
    Foreign,
    /// One that nobody has.
    Random(u64),
}

/// What is entered.
#[derive(Clone, Debug)]
pub enum Entry {
    /// The code that was issued last.
    Newest,
    /// One that was issued before it, so many issues ago.
    Older(usize),
    /// The newest with one character changed.
    Near(usize),
    /// Whatever it is.
    Text(String),
}

/// What a recipient can wait for.
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
        _ => Purpose::new("add_fone").unwrap(),
    }
}

/// Six digits in most cases.
pub fn format(number: usize) -> CodeFormat {
    match number % 8 {
        5 => CodeFormat::digits(10).unwrap(),
        6 => CodeFormat::alphanumeric(6).unwrap(),
        7 => CodeFormat::alphanumeric(8).unwrap(),
        _ => CodeFormat::DEFAULT,
    }
}

/// Whether these are letters too, and how many characters.
pub fn shape(number: usize) -> (bool, usize) {
    [(false, 6), (false, 6), (false, 6), (false, 6), (false, 6), (false, 10), (true, 6), (true, 8)]
        [number % 8]
}
