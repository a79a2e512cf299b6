//! Text in a fixed buffer.

use core::fmt;

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
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Formatted {
    bytes: [u8; Self::CAPACITY],
    len: u8,
}

impl Formatted {
    /// The size of the buffer in bytes. The longest text is a masked number: 16 ASCII characters,
    /// and 14 digits as bullets of three bytes each.
    const CAPACITY: usize = 95;

    pub(super) const fn new() -> Self {
        Self { bytes: [0; Self::CAPACITY], len: 0 }
    }

    /// Appends a byte of ASCII. Past the capacity, which no format reaches, the text is cut.
    #[inline]
    pub(super) fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(usize::from(self.len)) {
            *place = byte;
            self.len += 1;
        }
    }

    /// Appends a text.
    #[inline]
    pub(super) fn push_str(&mut self, text: &str) {
        let start = usize::from(self.len);
        if let Some(place) = self.bytes.get_mut(start..start + text.len()) {
            place.copy_from_slice(text.as_bytes());
            self.len += text.len() as u8;
        }
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let text = self.bytes.get(..usize::from(self.len)).unwrap_or_default();
        core::str::from_utf8(text).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use alloc::format;

    #[test]
    fn cuts_text_past_the_capacity() {
        let mut text = Formatted::new();
        for _ in 0..200 {
            text.push(b'1');
        }
        text.push_str("22");
        assert_eq!(text.as_str(), "1".repeat(Formatted::CAPACITY));
    }

    #[test]
    fn pads_and_hides() {
        let mut text = Formatted::new();
        text.push_str("+1 ••62");
        assert_eq!(format!("{text:_^9}"), "_+1 ••62_");
        assert_eq!(format!("{text:?}"), "Formatted(..)");
        assert_eq!(text.as_ref(), text.as_str());
    }
}
