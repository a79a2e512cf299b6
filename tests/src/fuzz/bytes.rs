//! A fuzzer's bytes as small numbers.

/// Reads numbers until there are no more bytes, and zeros from then on.
pub struct Bytes<'a>(pub &'a [u8]);

impl Bytes<'_> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// Returns a number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end
    }

    /// Returns a number with the magnitude given by one byte and the digits given by two more, so
    /// that small and large numbers both occur.
    pub fn wide(&mut self, end: u64) -> u64 {
        let (magnitude, digits) = (self.byte() % 48, u16::from_le_bytes([self.byte(), self.byte()]));
        (u64::from(digits) << magnitude >> 8) % end
    }
}
