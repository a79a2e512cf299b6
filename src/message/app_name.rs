//! The app that a message is from.

use core::fmt;

use super::{gsm, is_unseen};

/// The longest name, in the units of its encoding: with it, the built-in texts stay in one segment.
const LONGEST: usize = 20;

/// The name of the app that a message is from: at most 20 characters of the GSM alphabet (those of its extension table, such as `€`,
/// count two), on one line, without `@` and `#`, which begin what browsers fill in, and without the
/// characters that turn the direction of a line (the property Bidi_Control of Unicode).
///
/// The name is shown as it is: `{code}` in it is five letters between braces. Whether it is the name of somebody else, or looks
/// like a link, only the host can judge.
///
/// ```
/// use countersign::message::AppName;
///
/// assert!(AppName::new("Società Acme").is_ok());
/// let error = AppName::new("Ação").unwrap_err();
/// assert_eq!(error.to_string(), "app name, byte 1: 'ç' (U+00E7) is not in the GSM alphabet, and would triple the price of each SMS");
/// assert!(AppName::at_ucs2_price("Ação").is_ok());
/// # Ok::<(), countersign::message::AppNameError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AppName<'a>(&'a str);

impl<'a> AppName<'a> {
    /// A name of the GSM alphabet.
    ///
    /// # Errors
    ///
    /// If it is not as described above.
    pub fn new(name: &'a str) -> Result<Self, AppNameError> {
        let named = Self::printable(name)?;
        let mut septets = 0;
        for (at, character) in name.char_indices() {
            septets += gsm::septets(character).ok_or(AppNameError::NotGsm { at, character })?;
        }
        named.no_longer_than(septets)
    }

    /// A name of any characters, at most 20 UTF-16 units. One that is not in the GSM alphabet makes each SMS travel as UCS-2: two or
    /// three segments instead of one, and two or three times the price. WhatsApp and email do not care.
    ///
    /// # Errors
    ///
    /// If it is longer, empty, or has one of the characters that no name may have.
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

    /// The name.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.0
    }
}

/// A text that is no name of an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AppNameError {
    /// It is empty, or begins or ends with a space.
    Blank,
    /// `@` or `#`, a line break or another control character, or one that turns the direction of the line.
    Character {
        /// The byte it begins at.
        at: usize,
        /// What it is.
        character: char,
    },
    /// A character that the GSM alphabet lacks.
    NotGsm {
        /// The byte it begins at.
        at: usize,
        /// What it is.
        character: char,
    },
    /// Longer than 20.
    TooLong {
        /// Its length, in septets or UTF-16 units.
        units: usize,
    },
}

impl fmt::Display for AppNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Blank => f.write_str("app name: expected a text that neither begins nor ends with a space"),
            Self::Character { at, character: c } => write!(
                f,
                "app name, byte {at}: U+{:04X} is not allowed: expected one line without @ and #",
                u32::from(c)
            ),
            Self::NotGsm { at, character: c } => write!(
                f,
                "app name, byte {at}: {c:?} (U+{:04X}) is not in the GSM alphabet, and would triple the price of each SMS",
                u32::from(c)
            ),
            Self::TooLong { units } => write!(
                f,
                "app name of {units} characters: expected at most {LONGEST} (those of the GSM extension table count two)"
            ),
        }
    }
}

impl core::error::Error for AppNameError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_gsm_alphabet() {
        for name in
            ["A", "Acme", "7-Eleven & Co.", "Crédit Nuñez", "{code}", "01234567890123456789", "€€€€€€€€€€"]
        {
            assert_eq!(AppName::new(name).unwrap().as_str(), name);
        }
        assert!(AppName::at_ucs2_price("Ação 😀😀😀😀😀😀").is_ok());
    }

    #[test]
    fn what_is_wrong_and_where() {
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
