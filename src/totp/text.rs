//! A text with a secret in it.

use alloc::string::String;
use core::fmt;

use zeroize::Zeroize;

/// A secret in Base32, or a URI with one. `Debug` hides it, it has no `Display`, and it is wiped on
/// drop. Copies that the host makes of it cannot be wiped.
pub struct SecretText(String);

impl SecretText {
    /// Wraps a text. Its buffer must never have grown: a reallocation leaves a copy behind.
    pub(super) const fn new(text: String) -> Self {
        Self(text)
    }

    /// Returns the text, for the page or the QR code that shows it to its owner.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Drop for SecretText {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(..)")
    }
}
