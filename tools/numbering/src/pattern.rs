//! The patterns of the metadata, parsed.

mod error;
mod parser;

pub use error::{PatternError, Problem};

use crate::digits::DigitSet;

/// A pattern over digits: the small part of the regular expressions that libphonenumber's metadata uses.
///
/// That part is digits, `\d`, classes such as `[2-467]`, groups `(?:…)`, alternatives, `?`, `{n}` and
/// `{n,m}`, with white space that means nothing. Parsing refuses anything else by name and place, because a
/// construct that was guessed at would make wrong data. What a pattern matches is therefore a finite set of
/// digit strings.
///
/// ```
/// use countersign_numbering::pattern::Pattern;
///
/// assert!(r"6[2-467]\d{3}".parse::<Pattern>().is_ok());
/// let error = "6(7)".parse::<Pattern>().unwrap_err();
/// assert_eq!(error.to_string(), "at byte 1: a group that captures; write it as (?:…)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// One digit out of a set.
    Digit(DigitSet),
    /// All of these, one after the other.
    Sequence(Vec<Pattern>),
    /// One of these.
    Choice(Vec<Pattern>),
    /// The same pattern over and over.
    Repeat {
        /// What is repeated.
        of: Box<Pattern>,
        /// At least so many times.
        min: u8,
        /// At most so many times.
        max: u8,
    },
}
