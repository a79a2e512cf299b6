//! The lines of the input.

use core::fmt;
use core::net::IpAddr;
use core::str;

use countersign::number::ParseError;
use countersign::{Channel, PhoneNumber, Timestamp};

/// The number of fields of a line.
const FIELDS: usize = 6;

/// The earliest time that a verifier accepts: 2020.
const EARLIEST: Timestamp = Timestamp::from_unix_seconds(1_577_836_800);

/// A line of the input: the two fields that the answer repeats, and the event if there is one.
#[derive(Debug)]
pub struct Line<'a> {
    /// The first field, as given.
    pub time_ms: &'a [u8],
    /// The sixth field, as given. Empty if there is none.
    pub event: &'a [u8],
    /// What happened.
    pub parsed: Result<Event<'a>, BadLine>,
}

/// What happened, and when.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// When it happened.
    pub time: Timestamp,
    /// Whose number it is about.
    pub number: PhoneNumber,
    /// The channel of the passcode.
    pub channel: Channel,
    /// The address that the request came from.
    pub ip: Option<IpAddr>,
    /// The account that the request was for. Empty if there is none.
    pub account: &'a [u8],
    /// What was done.
    pub action: Action,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A passcode was requested.
    Send,
    /// A passcode was requested by a person who had passed a check of the host's own.
    Vouched,
    /// The right code was entered.
    Verify,
    /// The number had been verified before there was a guard.
    Import,
}

/// Why a line is no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadLine {
    /// It has another number of fields.
    Fields(usize),
    /// The time is not a number of milliseconds.
    Time,
    /// The time is before 2020 or after 10889.
    TimeOutOfRange,
    /// The number is not a phone number.
    Number(ParseError),
    /// The channel is neither `sms` nor `whatsapp`.
    Channel,
    /// The address is neither empty nor an IP address.
    Ip,
    /// The event is unknown.
    Event,
}

impl<'a> Line<'a> {
    /// Reads a line without its line ending. Nothing is trimmed, and there is no quoting.
    #[must_use]
    pub fn parse(line: &'a [u8]) -> Self {
        let mut fields: [&[u8]; FIELDS] = [&[]; FIELDS];
        let mut count = 0;
        for field in line.split(|byte| *byte == b',') {
            if let Some(place) = fields.get_mut(count) {
                *place = field;
            }
            count += 1;
        }
        let parsed = if count == FIELDS { Event::parse(fields) } else { Err(BadLine::Fields(count)) };
        Self { time_ms: fields[0], event: fields[5], parsed }
    }
}

impl<'a> Event<'a> {
    fn parse([time, number, channel, ip, account, event]: [&'a [u8]; FIELDS]) -> Result<Self, BadLine> {
        Ok(Self {
            time: parse_time(time)?,
            number: PhoneNumber::try_from(number).map_err(BadLine::Number)?,
            channel: match channel {
                b"sms" => Channel::Sms,
                b"whatsapp" => Channel::WhatsApp,
                _ => return Err(BadLine::Channel),
            },
            ip: match ip {
                [] => None,
                text => Some(parse_ip(text)?),
            },
            account,
            action: match event {
                b"send" => Action::Send,
                b"vouched" => Action::Vouched,
                b"verify" => Action::Verify,
                b"import" => Action::Import,
                _ => return Err(BadLine::Event),
            },
        })
    }
}

/// Digits only: `u64::from_str` would accept a sign.
fn parse_time(text: &[u8]) -> Result<Timestamp, BadLine> {
    if !text.iter().all(u8::is_ascii_digit) {
        return Err(BadLine::Time);
    }
    let text = str::from_utf8(text).map_err(|_| BadLine::Time)?;
    match text.parse::<u64>() {
        Ok(millis) => Ok(Timestamp::from_unix_millis(millis)),
        Err(_) if text.is_empty() => Err(BadLine::Time),
        Err(_) => Err(BadLine::TimeOutOfRange),
    }
}

fn parse_ip(text: &[u8]) -> Result<IpAddr, BadLine> {
    let text = str::from_utf8(text).map_err(|_| BadLine::Ip)?;
    text.parse().map_err(|_| BadLine::Ip)
}

/// Returns the time of the replay after an event at `time`, if the latest before it was `latest`.
///
/// # Errors
///
/// If a verifier would not accept the time.
pub(crate) fn latest(latest: Timestamp, time: Timestamp) -> Result<Timestamp, BadLine> {
    let now = latest.max(time);
    if EARLIEST <= now && now < Timestamp::MAX { Ok(now) } else { Err(BadLine::TimeOutOfRange) }
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fields(count) => write!(f, "expected {FIELDS} fields; found {count}"),
            Self::Time => f.write_str("time_ms: expected milliseconds since 1970 in digits"),
            Self::TimeOutOfRange => {
                f.write_str("time_ms: before 2020 or after 10889; expected milliseconds since 1970")
            }
            Self::Number(error) => write!(f, "number: {error}"),
            Self::Channel => f.write_str("channel: expected sms or whatsapp"),
            Self::Ip => f.write_str("ip: expected an IPv4 or IPv6 address or nothing"),
            Self::Event => f.write_str("event: expected send or vouched or verify or import"),
        }
    }
}

impl core::error::Error for BadLine {}
