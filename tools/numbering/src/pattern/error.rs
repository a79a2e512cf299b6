//! What can be wrong with a pattern.

use core::fmt;

/// A pattern that goes beyond what the metadata is known to use, or that is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    /// Where in the pattern's text, in bytes.
    pub at: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A character that has no place in these patterns, such as `*` or `^`.
    Unsupported(char),
    /// A group that captures, looks ahead or has flags.
    UnsupportedGroup,
    /// A group without its `)`.
    UnclosedGroup,
    /// A `)` without its group.
    UnopenedGroup,
    /// Groups nested so deep that it must be an error.
    TooDeep,
    /// A class that is not made of digits and ascending ranges.
    BadClass,
    /// A count that is not `{n}` or `{n,m}` with `n <= m <= 17`.
    BadCount,
    /// A count or `?` that follows nothing, or another count.
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
                "{found:?} is not supported; patterns have digits, \\d, classes, (?:…), |, ?, {{n}} and {{n,m}} only"
            ),
            Problem::UnsupportedGroup => f.write_str("a group that captures; write it as (?:…)"),
            Problem::UnclosedGroup => f.write_str("this group is never closed; a `)` is missing"),
            Problem::UnopenedGroup => f.write_str("this `)` closes no group; remove it"),
            Problem::TooDeep => f.write_str("groups are nested too deep to be a numbering plan"),
            Problem::BadClass => {
                f.write_str("a class holds digits and ascending ranges only, such as [02-467]")
            }
            Problem::BadCount => f.write_str("a count is {n} or {n,m}, with n <= m <= 17"),
            Problem::NothingToRepeat => f.write_str("nothing here that could be repeated"),
            Problem::EmptyAlternative => {
                f.write_str("an empty alternative; write (?:…)? for what may be absent")
            }
        }
    }
}

impl core::error::Error for PatternError {}
