//! Text in a fixed buffer.

use core::fmt;
use core::hash::{Hash, Hasher};

use super::layout::{CHUNK, Found, Style, character};

/// A phone number as text, without an allocation: the answer of [`PhoneNumber::international`] and
/// the other formats.
///
/// `Display` honours width and alignment. `Debug` hides the text, because a phone number is
/// personal data.
///
/// ```
/// let number: countersign::PhoneNumber = "+12025550162".parse()?;
/// let text = number.national();
/// assert_eq!(text.as_str(), "(202) 555-0162");
/// assert_eq!(format!("{text:>16}"), "  (202) 555-0162");
/// assert_eq!(format!("{text:?}"), "Formatted(..)");
/// # Ok::<(), countersign::number::ParseError>(())
/// ```
///
/// [`PhoneNumber::international`]: crate::PhoneNumber::international
#[derive(Clone, Copy)]
// `from_utf8` validates ASCII in large steps from the first aligned byte on.
#[repr(align(16))]
pub struct Formatted {
    bytes: [u8; Self::CAPACITY],
    len: u8,
}

impl Formatted {
    /// The size of the buffer in bytes. The longest text is a masked number: `+`, a calling code of
    /// three digits and a space, 18 other characters, and 14 bullets of three bytes each: 65. It is
    /// a multiple of 32 for [`as_str`](Self::as_str).
    const CAPACITY: usize = 96;

    /// Returns the national number in a layout after `start`, the calling code and `end`.
    #[inline]
    pub(super) fn with_code<const N: usize>(start: &[u8; N], found: &Found, end: u8, style: Style) -> Self {
        let mut text = Self { bytes: [0; Self::CAPACITY], len: 0 };
        let ([a, b, c], code) = found.calling_code();
        for (place, byte) in text.bytes.iter_mut().zip(start.iter().chain(&[a, b, c])) {
            *place = *byte;
        }
        // Overwrites what is not the calling code.
        let len = N + code.min(3);
        text.bytes[len] = end;
        text.fill(len + 1, found, style);
        text
    }

    /// Returns the national number in a layout.
    #[inline]
    pub(super) fn national(found: &Found) -> Self {
        let mut text = Self { bytes: [0; Self::CAPACITY], len: 0 };
        text.fill(0, found, Style::National);
        text
    }

    /// Returns the groups of the international form, separated by spaces. The digits of the
    /// national number are bullets, except for the last `visible`.
    pub(super) fn masked(found: &Found, visible: usize) -> Self {
        // The groups of RFC 3966 are the same, with one hyphen between each two.
        let mut text = Self::with_code(b"+", found, b' ', Style::Rfc3966);
        let national = found.national();
        let layout = found.layout(Style::Rfc3966);
        let digits = layout.iter().filter(|byte| !byte.is_ascii()).count();
        let mut hidden = digits.saturating_sub(visible);
        text.len -= layout.len() as u8;
        for &byte in layout {
            if byte == b'-' {
                text.push(b" ");
            } else if hidden > 0 {
                hidden -= 1;
                text.push("•".as_bytes());
            } else {
                text.push(&[character(byte, &national)]);
            }
        }
        text
    }

    /// Writes the national number from a place of the buffer on, in one pass over its layout.
    #[inline]
    fn fill(&mut self, start: usize, found: &Found, style: Style) {
        let national = found.national();
        let (layout, len) = found.padded_layout(style);
        let places = self.bytes.get_mut(start..).unwrap_or_default();
        // Most layouts fit in one chunk, so that no branch depends on their length. The bytes that
        // are written after the text are ASCII.
        let chunks = places.as_chunks_mut::<CHUNK>().0.iter_mut().zip(layout.as_chunks::<CHUNK>().0);
        for (places, layout) in chunks.take(len.div_ceil(CHUNK)) {
            for (place, &byte) in places.iter_mut().zip(layout) {
                *place = character(byte, &national);
            }
        }
        self.len = (start + len).min(Self::CAPACITY) as u8;
    }

    /// Appends UTF-8. Nothing is appended past the capacity, which no number reaches.
    fn push(&mut self, text: &[u8]) {
        let start = usize::from(self.len);
        if let Some(place) = self.bytes.get_mut(start..start + text.len()) {
            place.copy_from_slice(text);
            self.len += text.len() as u8;
        }
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Validates a multiple of 32 bytes: ASCII is validated in steps of 16, so almost every text
        // takes two, and no branch depends on its length. The bytes after the text are ASCII.
        let len = usize::from(self.len);
        let text = self.bytes.get(..len.next_multiple_of(32)).unwrap_or_default();
        core::str::from_utf8(text).unwrap_or_default().get(..len).unwrap_or_default()
    }
}

/// Compares the text only; the bytes after it are unspecified.
impl PartialEq for Formatted {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Formatted {}

impl Hash for Formatted {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl AsRef<str> for Formatted {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Formatted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Shows nothing of the text, because a phone number is personal data.
impl fmt::Debug for Formatted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Formatted(..)")
    }
}
