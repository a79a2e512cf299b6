//! Tokens of devices that have verified a recipient before.

use core::fmt;
use core::str::FromStr;
use core::time::Duration;

use subtle::ConstantTimeEq;

use super::entropy;
use crate::clock::CLOCK_TOLERANCE;
use crate::error::EntropyError;
use crate::hex;
use crate::keys::{DeviceId, KeyId, Keys, Tag};
use crate::rng::Fill;
use crate::store::RecordKey;
use crate::time::Timestamp;

/// A token by which a device shows later that it has verified a recipient before. The client keeps
/// it, for example in a cookie.
///
/// A start that [presents a token](crate::Challenge::with_device) runs in that device's own lane,
/// with its own challenge, cooldown, quota, failures and lock. Strangers share the common lane, and
/// cannot supersede, delay or lock anything in the device's lane (OWASP, "device cookies"). The
/// token does not replace the code.
///
/// The token contains the device's id, the time of issue and a MAC that binds both to the
/// recipient. Whoever holds it can use the device's lane, so `Debug` hides it. `Display` and
/// `FromStr` use 80 hexadecimal digits, for the client only. It is valid for a [limited
/// time](crate::Limits::with_device_token_age), and as long as its key is accepted.
///
/// ```
/// use countersign::{Challenge, Channel, DeviceToken, Keys, MemoryStore, PhoneNumber, Verifier};
///
/// let verifier = Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new());
/// let number: PhoneNumber = "+12025550162".parse()?;
/// let issued = verifier.start(number, Channel::Sms)?;
/// let verified = verifier.check(number, issued.handle(), issued.code().as_str())?;
/// let cookie = verifier.device_token(&verified)?.to_string();
///
/// // The next login, from the same device:
/// let token = cookie.parse().ok();            // an invalid token counts as none
/// let issued = verifier.start(&Challenge::new(number).with_device(token), Channel::Sms)?;
/// assert!(issued.handle().device().is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct DeviceToken {
    key: KeyId,
    issued_at: Timestamp,
    device: DeviceId,
    mac: Tag,
}

/// A device whose token is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownDevice {
    /// The device's id, the same in all of its tokens. A host uses it to list or revoke devices.
    pub id: DeviceId,
    /// When the token was issued: the last time that the device verified the recipient and
    /// requested a token.
    pub issued_at: Timestamp,
}

/// Length of an encoded token: version, key id, time of issue (milliseconds of Unix time in 6
/// bytes, little-endian), device id, MAC.
const LEN: usize = 1 + 1 + 6 + 16 + Tag::LEN;
const VERSION: u8 = 1;

impl DeviceToken {
    /// Length of the text form, in bytes.
    pub const TEXT_LEN: usize = 2 * LEN;

    fn to_bytes(&self) -> [u8; LEN] {
        let mut bytes = [0; LEN];
        bytes[..LEN - Tag::LEN].copy_from_slice(&claim(self.key, self.issued_at, self.device));
        bytes[LEN - Tag::LEN..].copy_from_slice(&self.mac.to_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8; LEN]) -> Option<Self> {
        let [VERSION, key, a, b, c, d, e, f, rest @ ..] = *bytes else { return None };
        let (device, mac) = rest.split_first_chunk()?;
        Some(Self {
            key: KeyId::new(key),
            issued_at: Timestamp::from_unix_millis(u64::from_le_bytes([a, b, c, d, e, f, 0, 0])),
            device: DeviceId::from_bytes(*device),
            mac: Tag::from_bytes(mac.try_into().ok()?),
        })
    }
}

impl Keys {
    /// Creates a token for the recipient whose common record is stored at `place`: for this device,
    /// or for a new one.
    pub(crate) fn device_token(
        &self,
        place: &RecordKey,
        device: Option<DeviceId>,
        issued_at: Timestamp,
        rng: &mut dyn Fill,
    ) -> Result<DeviceToken, EntropyError> {
        let device = match device {
            Some(device) => device,
            None => DeviceId::from_bytes(entropy::device(rng)?),
        };
        let key = self.current();
        // The current key always exists.
        let mac = self.device_mac(key, place, &claim(key, issued_at, device)).unwrap_or_default();
        Ok(DeviceToken { key, issued_at, device, mac })
    }

    /// Returns the device if the token is valid: issued by this service for this recipient, under
    /// an accepted key, not expired and not from the future.
    pub(crate) fn known_device(
        &self,
        place: &RecordKey,
        token: &DeviceToken,
        now: Timestamp,
        age: Duration,
    ) -> Option<KnownDevice> {
        let claim = claim(token.key, token.issued_at, token.device);
        let ours = bool::from(self.device_mac(token.key, place, &claim)?.ct_eq(&token.mac));
        let fresh = now.since(token.issued_at) < age && token.issued_at.since(now) <= CLOCK_TOLERANCE;
        (ours && fresh).then_some(KnownDevice { id: token.device, issued_at: token.issued_at })
    }
}

/// Encodes all of a token but its MAC.
fn claim(key: KeyId, issued_at: Timestamp, device: DeviceId) -> [u8; LEN - Tag::LEN] {
    let mut claim = [0; LEN - Tag::LEN];
    claim[0] = VERSION;
    claim[1] = key.number();
    claim[2..8].copy_from_slice(&issued_at.unix_millis().to_le_bytes()[..6]);
    claim[8..].copy_from_slice(device.as_bytes());
    claim
}

impl fmt::Display for DeviceToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(f, &self.to_bytes())
    }
}

impl fmt::Debug for DeviceToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceToken(..)")
    }
}

impl FromStr for DeviceToken {
    type Err = DeviceTokenError;

    fn from_str(text: &str) -> Result<Self, DeviceTokenError> {
        let bytes = hex::read::<LEN>(text).ok_or(DeviceTokenError)?;
        Self::from_bytes(&bytes).ok_or(DeviceTokenError)
    }
}

/// The text is not a device token. A start treats an invalid token as none, so most hosts ignore
/// this error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceTokenError;

impl fmt::Display for DeviceTokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "not a device token: expected {} hexadecimal digits that begin with 01",
            DeviceToken::TEXT_LEN
        )
    }
}

impl core::error::Error for DeviceTokenError {}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use crate::otp::entropy::testing::Script;
    use alloc::{format, string::ToString};

    const HERE: RecordKey = RecordKey::from_bytes([3; 16]);
    const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
    const AGE: Duration = Duration::from_secs(3600);
    const MS: Duration = Duration::from_millis(1);

    fn keys() -> Keys {
        Keys::from_secret([7; 32]).unwrap()
    }

    fn token(keys: &Keys) -> DeviceToken {
        keys.device_token(&HERE, None, NOW, &mut Script::repeating(&[1, 2, 3])).unwrap()
    }

    fn is_known(keys: &Keys, token: &DeviceToken, now: Timestamp) -> bool {
        keys.known_device(&HERE, token, now, AGE).is_some()
    }

    #[test]
    fn token_text_round_trips_and_rejects_other_text() {
        let token = token(&keys());
        let text = token.to_string();
        assert_eq!((text.len(), &text[..4]), (DeviceToken::TEXT_LEN, "0100"));
        for text in [text.clone(), text.to_uppercase()] {
            let back: DeviceToken = text.parse().unwrap();
            assert_eq!(back.to_string(), token.to_string());
            assert_eq!(keys().known_device(&HERE, &back, NOW, AGE).unwrap().id, token.device);
        }
        let version = format!("02{}", &text[2..]);
        for wrong in
            ["", &text[2..], &format!("{text}00"), &version, &text.replacen('0', "g", 1), &"é".repeat(40)]
        {
            assert_eq!(wrong.parse::<DeviceToken>().map(drop), Err(DeviceTokenError), "{wrong}");
        }
        assert_eq!(format!("{token:?}"), "DeviceToken(..)");
    }

    #[test]
    fn rejects_tokens_with_a_flipped_bit() {
        let bytes = token(&keys()).to_bytes();
        for bit in 0..LEN * 8 {
            let mut changed = bytes;
            changed[bit / 8] ^= 1 << (bit % 8);
            let known = DeviceToken::from_bytes(&changed).is_some_and(|token| is_known(&keys(), &token, NOW));
            assert!(!known, "bit {bit}");
        }
    }

    #[test]
    fn rejects_tokens_of_other_recipients_and_services() {
        let token = token(&keys());
        let elsewhere = RecordKey::from_bytes([4; 16]);
        assert!(keys().known_device(&elsewhere, &token, NOW, AGE).is_none());
        let others = Keys::from_secret([8; 32]).unwrap();
        assert!(!is_known(&others, &token, NOW));
    }

    #[test]
    fn rejects_expired_and_future_tokens() {
        let token = token(&keys());
        assert!(is_known(&keys(), &token, NOW + AGE - MS));
        assert!(!is_known(&keys(), &token, NOW + AGE));
        assert!(is_known(&keys(), &token, NOW - CLOCK_TOLERANCE), "clock tolerance between servers");
        assert!(!is_known(&keys(), &token, NOW - CLOCK_TOLERANCE - MS));
        assert!(!is_known(&keys(), &token, Timestamp::MAX));
        assert!(!is_known(&keys(), &token, Timestamp::EPOCH));
    }

    #[test]
    fn accepts_tokens_of_accepted_keys_only() {
        let old = token(&keys());
        let both = keys().accept(KeyId::new(1), [8; 32]).unwrap().tag_with(KeyId::new(1)).unwrap();
        assert!(is_known(&both, &old, NOW), "while its key is accepted");
        let new = token(&both);
        assert!(is_known(&both, &new, NOW) && !is_known(&keys(), &new, NOW));
        let later = both.retire(KeyId::new(0)).unwrap();
        assert!(is_known(&later, &new, NOW) && !is_known(&later, &old, NOW));
    }

    #[test]
    fn renewal_keeps_the_device_id() {
        let first = token(&keys());
        let mut rng = Script::repeating(&[4, 5]);
        let again = keys().device_token(&HERE, Some(first.device), NOW + AGE, &mut rng).unwrap();
        let known = keys().known_device(&HERE, &again, NOW + AGE, AGE).unwrap();
        assert_eq!((known.id, known.issued_at), (first.device, NOW + AGE));
        assert_ne!(keys().device_token(&HERE, None, NOW, &mut rng).unwrap().device, first.device);
        assert_eq!(
            keys().device_token(&HERE, None, NOW, &mut Script::Failing).map(drop),
            Err(EntropyError::Failed)
        );
    }
}
