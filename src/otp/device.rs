//! Tokens of devices that have proved a recipient before.

use core::fmt;
use core::str::FromStr;
use core::time::Duration;

use subtle::ConstantTimeEq;

use super::entropy::{self, Fill};
use super::opening::CLOCK_TOLERANCE;
use crate::error::EntropyError;
use crate::hex;
use crate::keys::{DeviceId, KeyId, Keys, Tag};
use crate::store::RecordKey;
use crate::time::Timestamp;

/// What a device keeps to show later that it has proved a recipient before, such as in a cookie.
///
/// A start that [shows one](crate::Challenge::with_device) runs in that device's own lane: its own challenge, cooldown, quota, failures and
/// lock. Strangers share the other lane, and cannot kill, delay or lock what is done in this one (OWASP, "device
/// cookies"). It opens nothing else: a code still has to come back.
///
/// It is a MAC over the recipient's place, the device's id and the time. Whoever has it can use the device's lane, so
/// `Debug` hides it, and `Display` and `FromStr` have it as 80 hexadecimal digits for the client alone. It is good for
/// [a time](crate::Limits::with_device_token_age), and as long as its key is accepted.
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
/// let token = cookie.parse().ok();            // whatever is no token is none
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

/// A device whose token is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownDevice {
    /// Which it is: the same id in every token of the device, for a host that lists or revokes them.
    pub id: DeviceId,
    /// When the token was issued: the last time that the device proved the recipient and asked for one.
    pub issued_at: Timestamp,
}

/// A token as bytes: version, key id, when it was issued in milliseconds of Unix time on 6 bytes little-endian, device id,
/// MAC.
const LEN: usize = 1 + 1 + 6 + 16 + Tag::LEN;
const VERSION: u8 = 1;

impl DeviceToken {
    /// How long it is as text, in bytes.
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
    /// A token for the recipient whose common record is kept at `place`: of this device, or of a new one.
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
        // There is always a current key.
        let mac = self.device_mac(key, place, &claim(key, issued_at, device)).unwrap_or_default();
        Ok(DeviceToken { key, issued_at, device, mac })
    }

    /// The device, if the token is good here and now: ours, this recipient's, not too old and not of the future, and of a
    /// key that is still accepted.
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

/// All of a token but its MAC.
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

/// A text that is no device token. To a start it is as good as none, so most hosts drop this error.
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
    fn its_text_comes_back_and_what_is_no_token_is_an_error() {
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
    fn a_changed_bit_makes_it_a_stranger_s() {
        let bytes = token(&keys()).to_bytes();
        for bit in 0..LEN * 8 {
            let mut changed = bytes;
            changed[bit / 8] ^= 1 << (bit % 8);
            let known = DeviceToken::from_bytes(&changed).is_some_and(|token| is_known(&keys(), &token, NOW));
            assert!(!known, "bit {bit}");
        }
    }

    #[test]
    fn it_is_one_recipient_s_and_one_service_s() {
        let token = token(&keys());
        let elsewhere = RecordKey::from_bytes([4; 16]);
        assert!(keys().known_device(&elsewhere, &token, NOW, AGE).is_none());
        let others = Keys::from_secret([8; 32]).unwrap();
        assert!(!is_known(&others, &token, NOW));
    }

    #[test]
    fn it_dies_of_age_to_the_millisecond_and_is_not_of_the_future() {
        let token = token(&keys());
        assert!(is_known(&keys(), &token, NOW + AGE - MS));
        assert!(!is_known(&keys(), &token, NOW + AGE));
        assert!(is_known(&keys(), &token, NOW - CLOCK_TOLERANCE), "two servers' clocks");
        assert!(!is_known(&keys(), &token, NOW - CLOCK_TOLERANCE - MS));
        assert!(!is_known(&keys(), &token, Timestamp::MAX));
        assert!(!is_known(&keys(), &token, Timestamp::EPOCH));
    }

    #[test]
    fn it_rotates_with_the_keys() {
        let old = token(&keys());
        let both = keys().accept(KeyId::new(1), [8; 32]).unwrap().tag_with(KeyId::new(1)).unwrap();
        assert!(is_known(&both, &old, NOW), "while its key is accepted");
        let new = token(&both);
        assert!(is_known(&both, &new, NOW) && !is_known(&keys(), &new, NOW));
        let later = both.retire(KeyId::new(0)).unwrap();
        assert!(is_known(&later, &new, NOW) && !is_known(&later, &old, NOW));
    }

    #[test]
    fn a_renewed_one_keeps_the_device_and_a_new_device_gets_an_id_of_its_own() {
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
