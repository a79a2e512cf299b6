//! Passcodes and their formats.

use core::fmt;

use zeroize::Zeroize;

use super::entropy::Drawn;
use crate::error::EntropyError;

/// The maximum length of a code.
const LONGEST: usize = 10;

/// Digits and capitals without those that are easily confused (0 O, 1 I L) and without U.
const UNAMBIGUOUS: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The same characters as a set: bit `c` for the character `c`.
const UNAMBIGUOUS_SET: u128 = {
    let (mut set, mut place) = (0, 0);
    while place < UNAMBIGUOUS.len() {
        set |= 1 << UNAMBIGUOUS[place];
        place += 1;
    }
    set
};

/// Returns the character at this place of [`UNAMBIGUOUS`], if there is one.
///
/// Computed rather than looked up: an index into a table would reveal the character through the
/// processor's cache.
fn unambiguous(place: u8) -> Option<u8> {
    // The characters left out before each place: `:` to `@`, then I, L, O, U.
    let gaps = [(8, 7), (16, 1), (18, 1), (20, 1), (25, 1)];
    let skipped: u8 = gaps.iter().map(|&(from, width)| u8::from(place >= from) * width).sum();
    (usize::from(place) < UNAMBIGUOUS.len()).then_some(b'2' + place + skipped)
}

/// The length and alphabet of codes: six digits by default, the least that NIST SP 800-63B-4
/// §3.1.3.2 allows.
///
/// ```
/// use countersign::otp::CodeFormat;
///
/// let format = CodeFormat::alphanumeric(8)?;      // such as 7KX2M9QT, entered in either case
/// # let _ = format;
/// assert!(CodeFormat::digits(4).is_err());
/// # Ok::<(), countersign::otp::CodeFormatError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CodeFormat {
    alphabet: Alphabet,
    length: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Alphabet {
    Digits,
    Unambiguous,
}

impl CodeFormat {
    /// Six digits, the default.
    pub const DEFAULT: Self = Self { alphabet: Alphabet::Digits, length: 6 };

    /// Creates a format of `length` digits.
    ///
    /// # Errors
    ///
    /// If `length` is not 6 to 10.
    pub const fn digits(length: u8) -> Result<Self, CodeFormatError> {
        Self::new(Alphabet::Digits, length)
    }

    /// Creates a format of `length` characters from an alphabet of 30: digits and capitals without
    /// 0, 1, I, L, O and U. Entered in either case.
    ///
    /// # Errors
    ///
    /// If `length` is not 6 to 10.
    pub const fn alphanumeric(length: u8) -> Result<Self, CodeFormatError> {
        Self::new(Alphabet::Unambiguous, length)
    }

    const fn new(alphabet: Alphabet, length: u8) -> Result<Self, CodeFormatError> {
        match length {
            6..=10 => Ok(Self { alphabet, length }),
            _ => Err(CodeFormatError),
        }
    }

    /// Returns the number of characters of a code.
    #[must_use]
    pub const fn length(self) -> usize {
        self.length as usize
    }

    /// Returns the format's stable number in records and tags.
    pub(crate) const fn number(self) -> u8 {
        match self.alphabet {
            Alphabet::Digits => self.length,
            Alphabet::Unambiguous => 0x10 | self.length,
        }
    }

    pub(crate) fn from_number(number: u8) -> Option<Self> {
        match number >> 4 {
            0 => Self::digits(number).ok(),
            1 => Self::alphanumeric(number & 0x0F).ok(),
            _ => None,
        }
    }

    /// Maps a random byte to a character. Bytes beyond the last full round of the alphabet are
    /// rejected rather than folded, so that all characters are equally likely.
    fn symbol(self, random: u8) -> Option<u8> {
        match self.alphabet {
            Alphabet::Digits => (random < 250).then_some(b'0' + random % 10),
            Alphabet::Unambiguous => {
                if random < 240 {
                    unambiguous(random % 30)
                } else {
                    None
                }
            }
        }
    }

    /// Converts an entered character to the alphabet's case, or returns `None` if it is not in the
    /// alphabet.
    fn entered(self, c: u8) -> Option<u8> {
        match self.alphabet {
            Alphabet::Digits => Some(c).filter(u8::is_ascii_digit),
            // Not a search, which would take longer for later letters.
            Alphabet::Unambiguous => {
                Some(c.to_ascii_uppercase()).filter(|&c| c.is_ascii() && UNAMBIGUOUS_SET >> c & 1 == 1)
            }
        }
    }
}

impl Default for CodeFormat {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The length of a code was not 6 to 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeFormatError;

impl fmt::Display for CodeFormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "code length: expected 6 to 10 characters (NIST SP 800-63B-4 §3.1.3.2 requires at least 6 digits)",
        )
    }
}

impl core::error::Error for CodeFormatError {}

/// A passcode in clear text. `Debug` hides it, and it is wiped on drop.
#[derive(Clone)]
pub struct Code {
    bytes: [u8; LONGEST],
    length: u8,
}

impl Code {
    /// Returns the code, for the message.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }

    /// Creates a code, with all codes of the format equally likely.
    ///
    /// # Errors
    ///
    /// [`EntropyError::Stuck`] if too few bytes of the draw are in range. At least 31 of 40 are out
    /// of range once in 10^27.
    pub(crate) fn random(format: CodeFormat, drawn: &Drawn) -> Result<Self, EntropyError> {
        let mut code = Self { bytes: [0; LONGEST], length: format.length };
        let mut symbols = drawn.code().iter().filter_map(|random| format.symbol(*random));
        for place in code.bytes.iter_mut().take(format.length()) {
            *place = symbols.next().ok_or(EntropyError::Stuck)?;
        }
        Ok(code)
    }

    /// Parses a code as entered by a person. Returns `None` if its length or characters do not
    /// match the format.
    #[inline]
    pub(crate) fn entered(entry: &str, format: CodeFormat) -> Option<Self> {
        if entry.len() != format.length() {
            return None;
        }
        // Assembled in a register, the first character lowest. The bytes are later read as whole
        // words, which would have to wait for bytes written one by one. That wait took a tenth of
        // the HMAC.
        let mut characters = 0_u128;
        for &c in entry.as_bytes().iter().rev() {
            characters = characters << 8 | u128::from(format.entered(c)?);
        }
        let [bytes @ .., _, _, _, _, _, _] = characters.to_le_bytes();
        Some(Self { bytes, length: format.length })
    }

    /// Returns the characters followed by zeros, at the same width for every length.
    pub(crate) const fn padded(&self) -> &[u8; LONGEST] {
        &self.bytes
    }
}

impl Drop for Code {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(..)")
    }
}

/// A person's entry, held by the call that checks it. Wiped on drop.
pub(crate) struct Entry {
    bytes: [u8; LONGEST],
    length: u8,
}

impl Entry {
    /// Copies an entry. One that is longer than any code is stored as empty: neither matches a
    /// format.
    pub(crate) fn new(entry: &str) -> Self {
        let mut kept = Self { bytes: [0; LONGEST], length: 0 };
        if let Some(place) = kept.bytes.get_mut(..entry.len()) {
            place.copy_from_slice(entry.as_bytes());
            kept.length = entry.len() as u8;
        }
        kept
    }

    pub(crate) fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otp::entropy::testing::Script;

    #[test]
    fn format_number_round_trips() {
        for length in 0..=255 {
            for format in [CodeFormat::digits(length), CodeFormat::alphanumeric(length)] {
                assert_eq!(format.is_ok(), (6..=10).contains(&length));
                if let Ok(format) = format {
                    assert_eq!(CodeFormat::from_number(format.number()), Some(format));
                }
            }
        }
        let known = (0..=255).filter(|&number| CodeFormat::from_number(number).is_some());
        assert_eq!(known.count(), 10);
    }

    #[test]
    fn all_symbols_are_equally_likely() {
        for (format, symbols, bytes_each) in
            [(CodeFormat::DEFAULT, 10, 25), (CodeFormat::alphanumeric(6).unwrap(), 30, 8)]
        {
            let mut count = [0; 256];
            for symbol in (0..=255).filter_map(|random| format.symbol(random)) {
                count[usize::from(symbol)] += 1;
                assert_eq!(format.entered(symbol), Some(symbol));
            }
            assert_eq!(count.iter().filter(|&&n| n > 0).count(), symbols);
            assert!(count.iter().all(|&n| n == 0 || n == bytes_each));
        }
    }

    #[test]
    fn symbols_follow_the_alphabet() {
        let symbols = (0..=255).map(|random| CodeFormat::alphanumeric(6).unwrap().symbol(random));
        let alphabet = UNAMBIGUOUS.iter().map(|&symbol| Some(symbol)).cycle().take(240);
        assert!(symbols.eq(alphabet.chain([None; 16])));
    }

    #[test]
    fn lowest_and_highest_codes_are_reachable() {
        for (random, expected) in [(0, "000000"), (9, "999999"), (249, "999999")] {
            let drawn = Drawn::new(&mut Script::repeating(&[random, 250])).unwrap();
            let code = Code::random(CodeFormat::DEFAULT, &drawn).unwrap();
            assert_eq!(code.as_str(), expected);
        }
    }

    #[test]
    fn rejects_entries_of_another_format() {
        let digits = CodeFormat::DEFAULT;
        let letters = CodeFormat::alphanumeric(6).unwrap();
        assert_eq!(Code::entered("012345", digits).unwrap().as_str(), "012345");
        assert_eq!(Code::entered("abc2Yz", letters).unwrap().as_str(), "ABC2YZ");
        for entry in ["", "12345", "1234567", "12345a", "12345 ", "１23", "12345\0", "-12345"] {
            assert!(Code::entered(entry, digits).is_none(), "{entry}");
        }
        for entry in ["ABCDE0", "ABCDE1", "ABCDEI", "ABCDEo", "ABCDEl", "ABCDEu", "ABCD\u{e9}"] {
            assert!(Code::entered(entry, letters).is_none(), "{entry}");
        }
    }
}
