//! Secrets at rest.

use zeroize::Zeroizing;

use super::id::EnrolmentId;
use super::record::AccountState;
use crate::error::{Fault, RecordError};
use crate::kernel::RecordKind;
use crate::keys::{KeyId, Keys, SealKey};
use crate::store::RecordKey;
use crate::totp::{TotpSecret, TotpSettings};

/// The longest secret, in bytes. Shorter ones are padded, so that a record does not tell the length.
const LONGEST_SECRET: usize = 64;

/// The encrypted secret of an authenticator: its length in one byte, and its bytes followed by
/// zeros.
#[derive(Clone)]
pub(super) struct Sealed {
    pub(super) key: KeyId,
    pub(super) nonce: [u8; SealKey::NONCE],
    pub(super) text: [u8; 1 + LONGEST_SECRET],
    pub(super) tag: [u8; SealKey::TAG],
}

/// What a sealed secret is bound to: the kind of its record, the record's key, and the enrolment
/// with its settings. Elsewhere it cannot be opened.
pub(super) struct Binding([u8; 1 + 16 + 8 + 3]);

impl Binding {
    pub(super) fn new(key: &RecordKey, enrolment: EnrolmentId, settings: TotpSettings) -> Self {
        let mut binding = [AccountState::DOMAIN; 28];
        binding[1..17].copy_from_slice(key.as_bytes());
        binding[17..25].copy_from_slice(&enrolment.0);
        binding[25..].copy_from_slice(&settings.to_bytes());
        Self(binding)
    }
}

impl Sealed {
    /// Length of the encoding.
    pub(super) const LEN: usize = 1 + SealKey::NONCE + 1 + LONGEST_SECRET + SealKey::TAG;

    /// Encrypts a secret under the current key.
    ///
    /// The nonce is a MAC of random bytes, the binding and the secret, rather than the random bytes
    /// themselves. Two nonces are then equal only if everything that is encrypted is. With
    /// generators in the same state, as after a fork, two secrets would otherwise be encrypted
    /// under one nonce, which would reveal their difference.
    ///
    /// # Errors
    ///
    /// [`Fault::UnknownKey`] if there is no current key, which does not occur.
    pub(super) fn seal(
        secret: &TotpSecret,
        keys: &Keys,
        random: [u8; SealKey::NONCE],
        binding: &Binding,
    ) -> Result<Self, Fault> {
        let key = keys.current();
        let mut text = Zeroizing::new([0; 1 + LONGEST_SECRET]);
        let (length, padded) = secret.to_padded();
        text[0] = length;
        text[1..].copy_from_slice(padded);
        let nonce = keys.nonce(&random, &binding.0, text.as_slice());
        let sealing = keys.seal_key(key).ok_or(Fault::UnknownKey(key))?;
        let tag = sealing.seal(&nonce, &binding.0, text.as_mut_slice()).ok_or(RecordError::TooLong)?;
        Ok(Self { key, nonce, text: *text, tag })
    }

    /// Decrypts the secret.
    ///
    /// # Errors
    ///
    /// [`Fault::UnknownKey`] if this server does not have the key, or has another under its id.
    /// [`RecordError::Malformed`] if the sealed bytes are not a secret.
    pub(super) fn open(&self, keys: &Keys, binding: &Binding) -> Result<TotpSecret, Fault> {
        let mut text = Zeroizing::new(self.text);
        let sealing = keys.seal_key(self.key).ok_or(Fault::UnknownKey(self.key))?;
        let opened = sealing.open(&self.nonce, &binding.0, text.as_mut_slice(), &self.tag);
        opened.ok_or(Fault::UnknownKey(self.key))?;
        let [length, padded @ ..] = &*text;
        Ok(TotpSecret::from_padded(*length, padded).ok_or(RecordError::Malformed)?)
    }
}
