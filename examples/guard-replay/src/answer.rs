//! The lines of the output.

use core::fmt::{self, Display, Write as _};
use std::io;

use countersign::Timestamp;
use countersign::guard::{Rule, Ruling, Scope};

/// What is answered to a line.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The passcode is sent. In monitor mode, with why it would have been refused.
    Allow(Option<Grounds>),
    /// The passcode is not sent.
    Deny(Grounds),
    /// The event changed what is known of the number.
    Counted,
    /// No code of the number is live on this channel.
    Ignored,
    /// The line is not an event, or the event could not be replayed.
    Error(String),
}

/// Why a passcode is not sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grounds {
    /// The rule that won.
    pub rule: Rule,
    /// What it covers.
    pub scope: Scope,
    /// When no rule would refuse the send any more, if waiting helps.
    pub retry_at: Option<Timestamp>,
}

impl Grounds {
    /// Returns why the ruling refuses the send, or would if the guard were enforced.
    #[must_use]
    pub fn of(ruling: &Ruling) -> Option<Self> {
        let finding = ruling.finding()?;
        Some(Self { rule: finding.rule, scope: finding.scope, retry_at: ruling.retry_at() })
    }
}

impl Answer {
    /// Returns the decision: `allow`, `deny`, `counted`, `ignored` or `error`.
    #[must_use]
    pub const fn decision(&self) -> &'static str {
        match self {
            Self::Allow(_) => "allow",
            Self::Deny(_) => "deny",
            Self::Counted => "counted",
            Self::Ignored => "ignored",
            Self::Error(_) => "error",
        }
    }

    /// Writes a line of the output, with `time_ms` and `event` as they were given.
    ///
    /// # Errors
    ///
    /// If the output can't be written.
    pub fn write(&self, to: &mut impl io::Write, time_ms: &[u8], event: &[u8]) -> io::Result<()> {
        to.write_all(time_ms)?;
        to.write_all(b",")?;
        to.write_all(event)?;
        writeln!(to, ",{self}")
    }
}

/// The last four fields of a line: `deny,guard:block_100,+3361234xx,1800000000000`.
impl Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},", self.decision())?;
        match self {
            Self::Allow(Some(grounds)) | Self::Deny(grounds) => {
                write!(Field(f), "{}", grounds.rule)?;
                f.write_char(',')?;
                write!(Field(f), "{}", grounds.scope)?;
                f.write_char(',')?;
                grounds.retry_at.map_or(Ok(()), |at| write!(f, "{}", at.unix_millis()))
            }
            Self::Error(message) => {
                Field(f).write_str(message)?;
                f.write_str(",,")
            }
            Self::Allow(None) | Self::Counted | Self::Ignored => f.write_str(",,"),
        }
    }
}

/// A field. It has no commas and line breaks, as there is no quoting.
struct Field<'a, 'f>(&'a mut fmt::Formatter<'f>);

impl fmt::Write for Field<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|char| {
            self.0.write_char(match char {
                ',' => ';',
                char if char.is_control() => ' ',
                char => char,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_stay_in_their_field() {
        let answer = Answer::Error("one, two\r\nthree".into());
        assert_eq!(answer.to_string(), "error,one; two  three,,");
    }
}
