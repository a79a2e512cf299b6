//! The name of the app that a message is from.

use core::fmt;

use super::gsm;
use crate::unseen::is_unseen;

/// The longest name, in the units of its encoding. The built-in texts with a name of this length
/// fit one segment.
const LONGEST: usize = 20;

/// The name of the app that a message is from: one line of at most 20 characters of the GSM
/// alphabet, where characters of its extension table, such as `€`, count as two. It must not
/// contain `@` and `#`, which begin the autofill marks of browsers, nor characters that change the
/// direction of a line (the Unicode property Bidi_Control).
///
/// The name is shown verbatim: `{code}` in it is not a placeholder. Only the application can judge
/// whether the name impersonates another app or looks like a link.
///
/// ```
/// use countersign::message::AppName;
///
/// assert!(AppName::new("Società Acme").is_ok());
/// let error = AppName::new("Ação").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "app name, byte 1: 'ç' (U+00E7) is not in the GSM alphabet; \
///      it would triple the price of each SMS"
/// );
/// assert!(AppName::at_ucs2_price("Ação").is_ok());
/// # Ok::<(), countersign::message::AppNameError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AppName<'a>(&'a str);

impl<'a> AppName<'a> {
    /// Creates a name in the GSM alphabet.
    ///
    /// # Errors
    ///
    /// If the name is not as described above.
    pub fn new(name: &'a str) -> Result<Self, AppNameError> {
        let named = Self::printable(name)?;
        let mut septets = 0;
        for (at, character) in name.char_indices() {
            septets += gsm::septets(character).ok_or(AppNameError::NotGsm { at, character })?;
        }
        named.no_longer_than(septets)
    }

    /// Creates a name of any characters, at most 20 UTF-16 units. A name outside the GSM alphabet
    /// makes each SMS travel as UCS-2, in two or three segments instead of one and at two or three
    /// times the price. WhatsApp and email are unaffected.
    ///
    /// # Errors
    ///
    /// If the name is too long, empty, or contains a character that no name may contain.
    pub fn at_ucs2_price(name: &'a str) -> Result<Self, AppNameError> {
        Self::printable(name)?.no_longer_than(name.encode_utf16().count())
    }

    fn printable(name: &'a str) -> Result<Self, AppNameError> {
        let refused = |c: char| is_unseen(c) || matches!(c, '@' | '#');
        if let Some((at, character)) = name.char_indices().find(|&(_, c)| refused(c)) {
            return Err(AppNameError::Character { at, character });
        }
        if name.trim().len() == name.len() && !name.is_empty() {
            Ok(Self(name))
        } else {
            Err(AppNameError::Blank)
        }
    }

    const fn no_longer_than(self, units: usize) -> Result<Self, AppNameError> {
        if units <= LONGEST { Ok(self) } else { Err(AppNameError::TooLong { units }) }
    }

    /// Returns the name.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.0
    }
}

/// The error of a text that is not an app name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AppNameError {
    /// The name is empty, or begins or ends with a space.
    Blank,
    /// The name contains `@` or `#`, a line break or another control character, or a character that
    /// changes the direction of the line.
    Character {
        /// The byte offset of the character.
        at: usize,
        /// The character.
        character: char,
    },
    /// The name contains a character outside the GSM alphabet.
    NotGsm {
        /// The byte offset of the character.
        at: usize,
        /// The character.
        character: char,
    },
    /// The name is longer than 20 units.
    TooLong {
        /// The length in septets or UTF-16 units.
        units: usize,
    },
}

impl fmt::Display for AppNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Blank => f.write_str(
                "app name: expected text that is not empty and neither begins nor ends with a space",
            ),
            Self::Character { at, character: c } => write!(
                f,
                "app name, byte {at}: U+{:04X} is not allowed; expected one line without @ and #",
                u32::from(c)
            ),
            Self::NotGsm { at, character: c } => write!(
                f,
                "app name, byte {at}: {c:?} (U+{:04X}) is not in the GSM alphabet; it would triple the price of each SMS",
                u32::from(c)
            ),
            Self::TooLong { units } => write!(
                f,
                "app name of {units} characters: expected at most {LONGEST} (characters of the GSM extension table count as two)"
            ),
        }
    }
}

impl core::error::Error for AppNameError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_names_in_the_gsm_alphabet() {
        for name in
            ["A", "Acme", "7-Eleven & Co.", "Crédit Nuñez", "{code}", "01234567890123456789", "€€€€€€€€€€"]
        {
            assert_eq!(AppName::new(name).unwrap().as_str(), name);
        }
        assert!(AppName::at_ucs2_price("Ação 😀😀😀😀😀😀").is_ok());
    }

    #[test]
    fn reports_errors_with_their_position() {
        use AppNameError::{Blank, Character, NotGsm, TooLong};
        for (name, error) in [
            ("", Blank),
            (" ", Blank),
            ("Acme ", Blank),
            ("\u{a0}Acme", Blank),
            ("Acme\n@evil.example #1", Character { at: 4, character: '\n' }),
            ("Ac\rme", Character { at: 2, character: '\r' }),
            ("Ac\tme", Character { at: 2, character: '\t' }),
            ("é\u{85}", Character { at: 2, character: '\u{85}' }),
            ("Acme\u{2028}", Character { at: 4, character: '\u{2028}' }),
            ("Acme\u{202e}", Character { at: 4, character: '\u{202e}' }),
            ("@cme", Character { at: 0, character: '@' }),
            ("Acme #1", Character { at: 5, character: '#' }),
            ("Ação", NotGsm { at: 1, character: 'ç' }),
            ("Acme’s", NotGsm { at: 4, character: '’' }),
            ("012345678901234567890", TooLong { units: 21 }),
            ("0123456789012345678€", TooLong { units: 21 }),
        ] {
            assert_eq!(AppName::new(name), Err(error), "{name:?}");
            let anyway = AppName::at_ucs2_price(name);
            assert_eq!(anyway.is_ok(), matches!(error, NotGsm { .. }) || name.contains('€'), "{name:?}");
        }
        assert_eq!(AppName::at_ucs2_price("ç12345678901234567😀😀"), Err(TooLong { units: 22 }));
    }
}
