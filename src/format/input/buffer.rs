//! Text of limited length.

/// The most bytes of typed text.
pub(super) const LONGEST: usize = 64;

pub(super) type Typed = Buffer<LONGEST>;
/// At most one space after each digit, and the punctuation of a format.
pub(super) type Text = Buffer<{ 2 * LONGEST + 32 }>;

/// UTF-8 text of at most `N` bytes.
#[derive(Clone, Copy)]
pub(super) struct Buffer<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Buffer<N> {
    pub(super) const fn new() -> Self {
        Self { bytes: [0; N], len: 0 }
    }

    /// Appends a character, and returns whether there was room for it.
    pub(super) fn push_char(&mut self, c: char) -> bool {
        self.push(c.encode_utf8(&mut [0; 4]).as_bytes())
    }

    /// Appends bytes that are UTF-8, and returns whether there was room for them.
    pub(super) fn push(&mut self, bytes: &[u8]) -> bool {
        let Some(place) = self.bytes.get_mut(self.len..self.len + bytes.len()) else { return false };
        place.copy_from_slice(bytes);
        self.len += bytes.len();
        true
    }

    /// Keeps the first `len` bytes.
    pub(super) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    pub(super) fn as_str(&self) -> &str {
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}
