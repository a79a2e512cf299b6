//! A copy of a message that is wiped after use.

use alloc::string::String;
use core::fmt::{self, Write};

use zeroize::Zeroize;

use super::PasscodeText;

/// A message on the heap, wiped when it is dropped. `Debug` hides it. Copies that a client library
/// makes of it cannot be wiped.
///
/// ```
/// # #[cfg(feature = "std")] {
/// use countersign::message::{AppName, PasscodeMessage};
/// # use countersign::{Channel, Keys, MemoryStore, PhoneNumber, Timestamp, Verifier};
/// # use countersign::message::Locale;
/// # let verifier = Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new());
/// # let issued = verifier.start("+12025550162".parse::<PhoneNumber>()?, Channel::Sms)?;
///
/// let message = PasscodeMessage::new(AppName::new("Acme")?, Locale::Fr);
/// let text = message.render(&issued, Timestamp::now())?.to_wiped();
/// assert!(text.as_str().starts_with("Votre code Acme : "));
/// assert_eq!(format!("{text:?}"), "WipedText(..)");
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct WipedText(String);

impl WipedText {
    /// Copies a text. It is measured first, so that the buffer never grows: a reallocation would
    /// leave an unwiped part of the text behind.
    pub(super) fn of(text: &PasscodeText<'_>) -> Self {
        let mut length = Length(0);
        // Neither write can fail: a length and a `String` accept every text.
        let _ = write!(length, "{text}");
        let mut copy = Self(String::with_capacity(length.0));
        let _ = write!(copy.0, "{text}");
        copy
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Drop for WipedText {
    fn drop(&mut self) {
        core::mem::take(&mut self.0).into_bytes().as_mut_slice().zeroize();
    }
}

impl fmt::Display for WipedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for WipedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WipedText(..)")
    }
}

/// Counts the bytes written.
struct Length(usize);

impl Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}
