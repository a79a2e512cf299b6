//! Parsed patterns of the metadata.

mod error;
mod parser;

pub use error::{PatternError, Problem};

use crate::digits::DigitSet;

/// A pattern over digits: the subset of regular expressions that libphonenumber's metadata uses.
///
/// The subset consists of digits, `\d`, classes such as `[2-467]`, groups `(?:…)`, alternatives,
/// `?`, `{n}` and `{n,m}`. White space is ignored. Parsing rejects anything else with its name and
/// position, because guessing would generate wrong data. A pattern therefore matches a finite set
/// of digit strings.
///
/// ```
/// use countersign_numbering::pattern::Pattern;
///
/// assert!(r"6[2-467]\d{3}".parse::<Pattern>().is_ok());
/// let error = "6(7)".parse::<Pattern>().unwrap_err();
/// assert_eq!(error.to_string(), "at byte 1: unsupported group; write it as (?:…)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// One digit of a set.
    Digit(DigitSet),
    /// All of these in sequence.
    Sequence(Vec<Pattern>),
    /// One of these.
    Choice(Vec<Pattern>),
    /// A repeated pattern.
    Repeat {
        /// The repeated pattern.
        of: Box<Pattern>,
        /// The minimum number of repetitions.
        min: u8,
        /// The maximum number of repetitions.
        max: u8,
    },
}
