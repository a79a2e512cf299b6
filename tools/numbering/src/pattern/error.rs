//! Errors of parsing a pattern.

use core::fmt;

/// The error of a pattern that is malformed or uses unsupported syntax.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    /// The byte offset in the pattern's text.
    pub at: usize,
    /// What is wrong at this offset.
    pub problem: Problem,
}

/// What is wrong with a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// An unsupported character, such as `*` or `^`.
    Unsupported(char),
    /// A group that captures, looks ahead or has flags.
    UnsupportedGroup,
    /// A group without its `)`.
    UnclosedGroup,
    /// A `)` without its group.
    UnopenedGroup,
    /// Groups that are nested too deep to be intentional.
    TooDeep,
    /// A class with anything other than digits and ascending ranges.
    BadClass,
    /// A count that is not `{n}` or `{n,m}` with `n <= m <= 17`.
    BadCount,
    /// A count or `?` that follows nothing or another count.
    NothingToRepeat,
    /// An alternative that matches the empty string.
    EmptyAlternative,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: ", self.at)?;
        match self.problem {
            Problem::Unsupported(found) => write!(
                f,
                "{found:?} is not supported; patterns contain only digits, \\d, classes, (?:…), |, ?, {{n}} and {{n,m}}"
            ),
            Problem::UnsupportedGroup => f.write_str("unsupported group; write it as (?:…)"),
            Problem::UnclosedGroup => f.write_str("unclosed group; add a `)`"),
            Problem::UnopenedGroup => f.write_str("unmatched `)`; remove it"),
            Problem::TooDeep => f.write_str("groups are nested too deep; numbering plans nest four"),
            Problem::BadClass => {
                f.write_str("malformed class; expected digits and ascending ranges, such as [02-467]")
            }
            Problem::BadCount => f.write_str("malformed count; expected {n} or {n,m}, with n <= m <= 17"),
            Problem::NothingToRepeat => {
                f.write_str("nothing to repeat; put one count after a digit, class or group")
            }
            Problem::EmptyAlternative => f.write_str("empty alternative; write (?:…)? for an optional part"),
        }
    }
}

impl core::error::Error for PatternError {}
