//! A copy of a message that does not outlive its use.

use alloc::string::String;
use core::fmt::{self, Write};

use zeroize::Zeroize;

use super::PasscodeText;

/// A message on the heap. `Debug` hides it, and it is wiped when it is dropped. What a client library copies of it, it can't wipe.
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
    /// Measured first, so that the text never moves and leaves a part of itself behind.
    pub(super) fn of(text: &PasscodeText<'_>) -> Self {
        let mut length = Length(0);
        // Neither of these can fail: a length and a `String` take every text.
        let _ = write!(length, "{text}");
        let mut copy = Self(String::with_capacity(length.0));
        let _ = write!(copy.0, "{text}");
        copy
    }

    /// The text.
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

/// How many bytes were written.
struct Length(usize);

impl Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}
