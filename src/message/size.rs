//! The size of an SMS: its encoding and segments.

use core::fmt::{self, Display, Write};

use super::gsm;

/// The encoding of an SMS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Septets of the GSM 7-bit default alphabet (GSM 03.38, now 3GPP TS 23.038 §6.2.1): 160 in a
    /// single message, 153 in each segment of a longer one.
    Gsm7,
    /// Units of 16 bits (3GPP TS 23.038 §6.2.3): 70 in a single message, 67 in each segment of a
    /// longer one. A single character outside the GSM alphabet switches the whole message to this
    /// encoding.
    Ucs2,
}

impl Encoding {
    /// Returns the number of units in a message of one segment, which has 140 bytes.
    const fn alone(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// Returns the number of units in each segment of a longer message. Six bytes identify the
    /// segment (3GPP TS 23.040 §9.2.3.24.1).
    const fn joined(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }
}

/// The size of an SMS, which determines its price: networks charge by the segment.
///
/// ```
/// use countersign::message::{Encoding, SmsSize};
///
/// let size = SmsSize::of("{ 1 € }");
/// assert_eq!((size.encoding(), size.units(), size.segments()), (Encoding::Gsm7, 10, 1));
/// let size = SmsSize::of("ç");
/// assert_eq!((size.encoding(), size.units(), size.segments()), (Encoding::Ucs2, 1, 1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SmsSize {
    encoding: Encoding,
    units: usize,
    segments: usize,
}

impl SmsSize {
    /// Measures a text, without allocating.
    pub fn of<T: Display + ?Sized>(text: &T) -> Self {
        let mut tally = Tally::new();
        // A tally never fails. A `Display` that fails by itself is measured up to that point.
        let _ = write!(tally, "{text}");
        tally.size()
    }

    /// Returns the encoding of the text.
    #[must_use]
    pub const fn encoding(self) -> Encoding {
        self.encoding
    }

    /// Returns the length in septets or in units of 16 bits. A character of the extension table
    /// counts as two septets, and one beyond U+FFFF as two units.
    #[must_use]
    pub const fn units(self) -> usize {
        self.units
    }

    /// Returns the number of messages that the network carries and charges, at least one. No
    /// character is split between two segments.
    #[must_use]
    pub const fn segments(self) -> usize {
        self.segments
    }

    /// Returns whether Android's SMS Retriever reads the text. It requires "no longer than 140
    /// bytes" without naming the encoding. This method interprets that strictly: 140 septets (160
    /// septets would be 140 bytes on the air), or 70 units of 16 bits.
    #[must_use]
    pub const fn fits_sms_retriever(self) -> bool {
        match self.encoding {
            Encoding::Gsm7 => self.units <= 140,
            Encoding::Ucs2 => self.units <= 70,
        }
    }
}

/// Counts in both encodings at once, because the last character may decide between them.
struct Tally {
    gsm: Option<Segments>,
    ucs: Segments,
}

impl Tally {
    const fn new() -> Self {
        Self { gsm: Some(Segments::new()), ucs: Segments::new() }
    }

    fn size(&self) -> SmsSize {
        match &self.gsm {
            Some(gsm) => gsm.size(Encoding::Gsm7),
            None => self.ucs.size(Encoding::Ucs2),
        }
    }
}

impl Write for Tally {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            self.gsm =
                self.gsm.take().zip(gsm::septets(c)).map(|(gsm, width)| gsm.and(width, Encoding::Gsm7));
            self.ucs = self.ucs.and(c.len_utf16(), Encoding::Ucs2);
        }
        Ok(())
    }
}

/// The segmentation of a text that is longer than one segment.
#[derive(Clone, Copy)]
struct Segments {
    units: usize,
    full: usize,
    in_last: usize,
}

impl Segments {
    const fn new() -> Self {
        Self { units: 0, full: 0, in_last: 0 }
    }

    /// Adds a character, which is not split.
    const fn and(self, width: usize, encoding: Encoding) -> Self {
        let units = self.units + width;
        if self.in_last + width > encoding.joined() {
            Self { units, full: self.full + 1, in_last: width }
        } else {
            Self { units, in_last: self.in_last + width, ..self }
        }
    }

    const fn size(self, encoding: Encoding) -> SmsSize {
        let segments = if self.units <= encoding.alone() { 1 } else { self.full + 1 };
        SmsSize { encoding, units: self.units, segments }
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    use super::*;
    use alloc::string::String;

    fn size(parts: &[(&str, usize)]) -> (Encoding, usize, usize) {
        let text: String = parts.iter().map(|(text, times)| text.repeat(*times)).collect();
        let size = SmsSize::of(&text);
        (size.encoding(), size.units(), size.segments())
    }

    #[test]
    fn counts_segments_at_their_boundaries() {
        use Encoding::{Gsm7, Ucs2};
        for (parts, expected) in [
            (&[("", 0)][..], (Gsm7, 0, 1)),
            (&[("a", 160)], (Gsm7, 160, 1)),
            (&[("a", 161)], (Gsm7, 161, 2)),
            (&[("a", 306)], (Gsm7, 306, 2)),
            (&[("a", 307)], (Gsm7, 307, 3)),
            (&[("€", 80)], (Gsm7, 160, 1)),
            (&[("€", 81)], (Gsm7, 162, 2)),
            // After 152 septets, an escape and its character move to the next segment together.
            (&[("a", 152), ("€", 1), ("a", 151)], (Gsm7, 305, 2)),
            (&[("a", 152), ("€", 1), ("a", 152)], (Gsm7, 306, 3)),
            (&[("a", 158), ("€", 1)], (Gsm7, 160, 1)),
            (&[("ç", 70)], (Ucs2, 70, 1)),
            (&[("ç", 71)], (Ucs2, 71, 2)),
            (&[("ç", 134)], (Ucs2, 134, 2)),
            (&[("ç", 135)], (Ucs2, 135, 3)),
            (&[("😀", 35)], (Ucs2, 70, 1)),
            (&[("ç", 66), ("😀", 1), ("ç", 65)], (Ucs2, 133, 2)),
            (&[("ç", 66), ("😀", 1), ("ç", 66)], (Ucs2, 134, 3)),
            (&[("a", 159), ("ç", 1)], (Ucs2, 160, 3)),
            (&[("{", 70), ("ç", 1)], (Ucs2, 71, 2)),
        ] {
            assert_eq!(size(parts), expected, "{parts:?}");
        }
    }

    #[test]
    fn fits_sms_retriever_up_to_its_limit() {
        for (text, times, fits) in [("a", 140, true), ("a", 141, false), ("ç", 70, true), ("ç", 71, false)]
        {
            assert_eq!(SmsSize::of(&text.repeat(times)).fits_sms_retriever(), fits, "{text} {times}");
        }
    }
}
