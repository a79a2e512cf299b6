//! The two names in a label.

use alloc::boxed::Box;
use core::fmt;

use crate::unseen::is_unseen;

/// The largest number of characters.
const LONGEST: usize = 64;

/// The name of an issuer or of an account: 1 to 64 characters without `:`, line breaks and other
/// control characters, and characters that change the direction of a line (the Unicode property
/// Bidi_Control). `:` separates the two names.
///
/// A name does not begin with a space: a space after the separator belongs to the separator, so
/// that a reader would drop it.
///
/// `Debug` hides the name, because accounts are often email addresses.
///
/// ```
/// use countersign::totp::{UriName, UriNameError};
///
/// assert_eq!(UriName::new("Café 7")?.as_str(), "Café 7");
/// assert_eq!(UriName::new("Acme: Rome"), Err(UriNameError::Character { at: 4 }));
/// # Ok::<(), UriNameError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UriName(Box<str>);

impl UriName {
    /// Parses a name.
    ///
    /// # Errors
    ///
    /// If the name is not as described above.
    pub fn new(name: &str) -> Result<Self, UriNameError> {
        if name.is_empty() {
            return Err(UriNameError::Empty);
        }
        if name.starts_with(' ') {
            return Err(UriNameError::Character { at: 0 });
        }
        for (count, (at, c)) in name.char_indices().enumerate() {
            if count == LONGEST {
                return Err(UriNameError::TooLong);
            }
            if c == ':' || is_unseen(c) {
                return Err(UriNameError::Character { at });
            }
        }
        Ok(Self(name.into()))
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UriName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for UriName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UriName(..)")
    }
}

/// The error of a text that is not the name of an issuer or account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UriNameError {
    /// The name is empty.
    Empty,
    /// The name has more than 64 characters.
    TooLong,
    /// The name begins with a space, or contains `:`, a control character, or a character that
    /// changes the direction of the line.
    Character {
        /// The byte offset of the character.
        at: usize,
    },
}

impl fmt::Display for UriNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("empty; expected 1 to 64 characters"),
            Self::TooLong => f.write_str("too long; expected 1 to 64 characters"),
            Self::Character { at } => {
                write!(f, "byte {at}: expected no `:`, control or direction character, and no space in front")
            }
        }
    }
}

impl core::error::Error for UriNameError {}

#[cfg(test)]
mod tests {
    use super::UriNameError::{Character, Empty, TooLong};
    use super::*;
    use alloc::format;

    #[test]
    fn names_have_1_to_64_characters() {
        for name in ["A", "ada@example.com", "東京", "a b", "a ", "+%&=#/?", &"é".repeat(64)] {
            assert_eq!(UriName::new(name).unwrap().as_str(), name);
        }
        for (name, error) in [
            ("", Empty),
            (" a", Character { at: 0 }),
            (":", Character { at: 0 }),
            ("é:", Character { at: 2 }),
            ("a\tb", Character { at: 1 }),
            ("a\nb", Character { at: 1 }),
            ("a\0", Character { at: 1 }),
            ("a\u{85}", Character { at: 1 }),
            ("a\u{202e}b", Character { at: 1 }),
            ("a\u{2066}b", Character { at: 1 }),
            ("a\u{200f}b", Character { at: 1 }),
            ("a\u{61c}b", Character { at: 1 }),
            ("a\u{2028}b", Character { at: 1 }),
            (&"é".repeat(65), TooLong),
            (&"a".repeat(1 << 20), TooLong),
        ] {
            assert_eq!(UriName::new(name), Err(error), "{name:?}");
        }
    }

    #[test]
    fn debug_hides_the_name() {
        assert_eq!(format!("{:?}", UriName::new("ada@example.com").unwrap()), "UriName(..)");
    }
}
