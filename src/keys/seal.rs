//! The key under which secrets are stored.

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{Key, Tag, XChaCha20Poly1305, XNonce};
use zeroize::Zeroize;

use super::KeyError;

/// A key of XChaCha20-Poly1305. Wiped on drop.
#[derive(Clone)]
pub(crate) struct SealKey([u8; 32]);

impl SealKey {
    /// Fills a place without a key.
    pub(super) const UNUSED: Self = Self([0; 32]);

    /// Length of the nonce: see [`Keys::nonce`](super::Keys::nonce).
    pub(crate) const NONCE: usize = 24;

    /// Length of the tag.
    pub(crate) const TAG: usize = 16;

    pub(super) fn new(derive: impl FnOnce(&mut [u8; 32]) -> Result<(), KeyError>) -> Result<Self, KeyError> {
        let mut key = Self::UNUSED;
        derive(&mut key.0)?;
        Ok(key)
    }

    /// Encrypts `text` in place, and returns the tag, which also covers `context`. `None` only if
    /// the text is longer than the cipher allows.
    pub(crate) fn seal(
        &self,
        nonce: &[u8; Self::NONCE],
        context: &[u8],
        text: &mut [u8],
    ) -> Option<[u8; Self::TAG]> {
        let tag = self.cipher().encrypt_inout_detached(&XNonce::from(*nonce), context, text.into());
        tag.ok().map(Into::into)
    }

    /// Decrypts `text` in place if the tag is right. Otherwise the text is unchanged.
    pub(crate) fn open(
        &self,
        nonce: &[u8; Self::NONCE],
        context: &[u8],
        text: &mut [u8],
        tag: &[u8; Self::TAG],
    ) -> Option<()> {
        let nonce = XNonce::from(*nonce);
        self.cipher().decrypt_inout_detached(&nonce, context, text.into(), &Tag::from(*tag)).ok()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(self.0))
    }
}

impl Drop for SealKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_what_it_sealed_and_in_the_same_context() {
        let key = SealKey([7; 32]);
        let (nonce, mut text) = ([3; SealKey::NONCE], *b"a secret of 21 bytes.");
        let tag = key.seal(&nonce, b"here", &mut text).unwrap();
        let sealed = text;
        assert_ne!(&text, b"a secret of 21 bytes.");
        for (key, nonce, context) in [
            (&SealKey([8; 32]), nonce, &b"here"[..]),
            (&key, [4; SealKey::NONCE], b"here"),
            (&key, nonce, b"there"),
        ] {
            assert_eq!(key.open(&nonce, context, &mut text, &tag), None);
            assert_eq!(text, sealed);
        }
        assert_eq!(key.open(&nonce, b"here", &mut text, &tag), Some(()));
        assert_eq!(&text, b"a secret of 21 bytes.");
    }

    /// draft-irtf-cfrg-xchacha-03, appendix A.3.1.
    #[test]
    fn agrees_with_the_draft() {
        let mut text = *b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
        let key = SealKey(core::array::from_fn(|place| 0x80 + place as u8));
        let nonce = core::array::from_fn(|place| 0x40 + place as u8);
        let context = [0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7];
        let tag = key.seal(&nonce, &context, &mut text).unwrap();
        assert_eq!(text[..4], [0xbd, 0x6d, 0x17, 0x9d]);
        assert_eq!(tag, 0xc087_5924_c1c7_9879_47de_afd8_780a_cf49_u128.to_be_bytes());
    }
}
