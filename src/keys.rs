//! The keys of a service: the keys derived from the root secret, which never rotate,
//! and the tag keys, which do.

mod lane;
#[cfg(feature = "totp")]
mod seal;
mod tag;
mod tenant;

use core::fmt;

pub use lane::DeviceId;
pub(crate) use lane::Lane;
#[cfg(feature = "totp")]
pub(crate) use seal::SealKey;
pub(crate) use tag::Tag;
pub use tenant::TenantId;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use crate::recipient::Recipient;
use crate::store::RecordKey;

/// The maximum number of tag keys. A service needs an old, a current and a next one.
const MOST_KEYS: usize = 4;

/// A shorter secret can be guessed (RFC 4226 §4, R6: at least 128 bits).
const SHORTEST_SECRET: usize = 16;

/// Takes the place of a kind of record in the MAC that is a nonce. No kind has this number.
#[cfg(feature = "totp")]
const NONCE_DOMAIN: u8 = 0x83;

/// The number of a tag key, under which codes are tagged and device tokens are created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(u8);

impl KeyId {
    /// Creates the id with this number.
    #[must_use]
    pub const fn new(number: u8) -> Self {
        Self(number)
    }

    /// Returns the id's number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// The keys of a service, the same on every server.
///
/// The *root* secret, from which the locator and record MAC keys are derived, must never change:
/// with another one the service would forget every failure and every lock.
///
/// *Tag* keys rotate in two phases, so that servers with the old and the new configuration agree at
/// all times:
///
/// 1. Every server [accepts](Self::accept) the new key.
/// 2. One after the other, the servers [tag](Self::tag_with) with it.
///
/// The old key can be [retired](Self::retire) ten minutes after its last use. Device tokens that
/// were created under it expire with it.
///
/// All keys are derived by HKDF-SHA256 (RFC 5869).
///
/// ```
/// use countersign::{KeyId, Keys};
///
/// # let (root, next) = ([7u8; 32], [8u8; 32]);
/// let keys = Keys::from_secret(root)?;                // tags with key 0, derived from the root
/// let phase_one = Keys::from_secret(root)?.accept(KeyId::new(1), next)?;
/// let phase_two = Keys::from_secret(root)?.accept(KeyId::new(1), next)?.tag_with(KeyId::new(1))?;
/// # let _ = (keys, phase_one, phase_two);
/// # Ok::<(), countersign::keys::KeyError>(())
/// ```
#[derive(Clone)]
pub struct Keys {
    locator: Keyed,
    record_mac: Keyed,
    /// Computes the MACs of recovery codes. It never rotates, because the codes are not known.
    #[cfg(feature = "totp")]
    recovery: Keyed,
    rotating: [Rotating; MOST_KEYS],
    tag_with: KeyId,
}

/// The keys that are derived from one tag secret.
///
/// A place without an id still holds keys, which are wiped with the rest. An `Option` would leave
/// those bytes unwritten, and whatever secret was on the stack before would be copied to the heap
/// and never wiped.
#[derive(Clone)]
struct Rotating {
    id: Option<KeyId>,
    /// Computes the tags of codes.
    tag: Keyed,
    /// Computes the MACs of device tokens and of the tokens between two factors.
    device: Keyed,
    /// Encrypts the secrets of authenticators.
    #[cfg(feature = "totp")]
    seal: SealKey,
}

/// HMAC-SHA256 with an expanded key: the two compressions of the key schedule are paid once per
/// key, not per call. Wiped on drop (the `zeroize` features of `hmac` and `sha2`).
#[derive(Clone)]
struct Keyed(Hmac<Sha256>);

impl Keys {
    /// Derives all keys from one secret of at least 16 random bytes. Codes are tagged with key 0.
    ///
    /// # Errors
    ///
    /// [`KeyError::TooShort`] if the secret has fewer than 16 bytes.
    pub fn from_secret(root: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let root = Secret::new(root.as_ref())?;
        let (id, locator) = (KeyId::new(0), root.derive(b"locator")?);
        let mut rotating: [Rotating; MOST_KEYS] = core::array::from_fn(|_| Rotating::unused(&locator));
        rotating[0] = Rotating::derived_from(&root, id)?;
        Ok(Self {
            record_mac: root.derive(b"record mac")?,
            #[cfg(feature = "totp")]
            recovery: root.derive(b"recovery")?,
            locator,
            rotating,
            tag_with: id,
        })
    }

    /// Adds a tag key: codes issued under it are accepted, but none is issued under it yet.
    ///
    /// # Errors
    ///
    /// - [`KeyError::TooShort`] if the secret has fewer than 16 bytes.
    /// - [`KeyError::IsRoot`] or [`KeyError::SameSecret`] if the secret is the root or that of
    ///   another key.
    /// - [`KeyError::Taken`] if another key has this id.
    /// - [`KeyError::TooMany`] if there are four keys already.
    pub fn accept(mut self, id: KeyId, secret: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        if self.rotating(id).is_some() {
            return Err(KeyError::Taken(id));
        }
        let secret = Secret::new(secret.as_ref())?;
        // Compared by the locator that is derived from it, because key 0 may be retired.
        if secret.derive(b"locator")?.is_same(&self.locator) {
            return Err(KeyError::IsRoot);
        }
        let key = Rotating::derived_from(&secret, id)?;
        let same = self.rotating.iter().find(|slot| slot.id.is_some() && slot.tag.is_same(&key.tag));
        if let Some(id) = same.and_then(|slot| slot.id) {
            return Err(KeyError::SameSecret(id));
        }
        let free = self.rotating.iter_mut().find(|slot| slot.id.is_none()).ok_or(KeyError::TooMany)?;
        *free = key;
        Ok(self)
    }

    /// Issues codes under the key with this id.
    ///
    /// # Errors
    ///
    /// [`KeyError::Unknown`] if no key with this id was accepted.
    pub fn tag_with(mut self, id: KeyId) -> Result<Self, KeyError> {
        self.rotating(id).ok_or(KeyError::Unknown(id))?;
        self.tag_with = id;
        Ok(self)
    }

    /// Removes a tag key. Codes and device tokens issued under it are no longer accepted, and
    /// authenticators whose secrets are encrypted under it no longer work: see `reseal_totp` of
    /// [`Verifier::account`](crate::Verifier).
    ///
    /// # Errors
    ///
    /// [`KeyError::Unknown`] if there is no such key, [`KeyError::InUse`] if codes are issued under
    /// it.
    pub fn retire(mut self, id: KeyId) -> Result<Self, KeyError> {
        let slot = self.rotating.iter_mut().find(|slot| slot.id == Some(id)).ok_or(KeyError::Unknown(id))?;
        if self.tag_with == id {
            return Err(KeyError::InUse(id));
        }
        *slot = Rotating::unused(&self.locator);
        Ok(self)
    }

    pub(crate) const fn current(&self) -> KeyId {
        self.tag_with
    }

    /// Returns the key of a recipient's record. `tenant` is a [`tenant_id`](Self::tenant_id).
    #[inline(never)]
    pub(crate) fn locate(&self, tenant: &TenantId, recipient: &Recipient, lane: Lane) -> RecordKey {
        // The fields before the identity have a fixed width.
        let mut place = [0; 1 + 16 + 17 + 1];
        place[0] = b'r';
        place[1..17].copy_from_slice(tenant.as_bytes());
        place[17..34].copy_from_slice(lane.as_bytes());
        let key = recipient.with_identity(|kind, identity| {
            place[34] = kind;
            self.locator.mac(&[&place, identity])
        });
        RecordKey::from_bytes(key)
    }

    /// Returns the key of a record of an account. `part` tells its records apart.
    #[cfg(feature = "totp")]
    #[inline(never)]
    pub(crate) fn locate_account(&self, tenant: &TenantId, part: u8, id: &[u8]) -> RecordKey {
        // The fields before the id have a fixed width.
        let mut place = [b'a'; 1 + 16 + 1];
        place[1..17].copy_from_slice(tenant.as_bytes());
        place[17] = part;
        RecordKey::from_bytes(self.locator.mac(&[&place, id]))
    }

    /// Hashes a tenant's name to a fixed width, so that no name runs into the field after it.
    pub(crate) fn tenant_id(&self, name: &str) -> TenantId {
        TenantId::from_bytes(self.locator.mac(&[b"t", name.as_bytes()]))
    }

    /// Returns the secret under which the guard's tallies are kept. It never rotates, because the
    /// tallies would be forgotten.
    #[cfg(feature = "alloc")]
    pub(crate) fn tally_secret(&self) -> [u8; 16] {
        self.locator.mac(&[b"guard"])
    }

    /// Returns the tag of a code, or `None` if the key is unknown.
    #[inline(never)]
    pub(crate) fn tag(&self, id: KeyId, input: &[u8]) -> Option<Tag> {
        Some(Tag::from_bytes(self.rotating(id)?.tag.mac(&[input])))
    }

    /// Returns the MAC of a record: it proves the record's kind, its contents and its key.
    pub(crate) fn record_mac(&self, domain: u8, key: &RecordKey, record: &[u8]) -> Tag {
        let mut place = [domain; 17];
        place[1..].copy_from_slice(key.as_bytes());
        Tag::from_bytes(self.record_mac.mac(&[&place, record]))
    }

    /// Returns the nonce for sealing `text` in this context, whose length is always the same. Equal
    /// nonces come only from equal inputs.
    #[cfg(feature = "totp")]
    pub(crate) fn nonce(
        &self,
        random: &[u8; SealKey::NONCE],
        context: &[u8],
        text: &[u8],
    ) -> [u8; SealKey::NONCE] {
        self.record_mac.mac(&[&[NONCE_DOMAIN], random, context, text])
    }

    /// Returns the MAC of a device token for the recipient whose common record is stored at
    /// `place`, or `None` if the key is unknown.
    pub(crate) fn device_mac(&self, id: KeyId, place: &RecordKey, claim: &[u8; 24]) -> Option<Tag> {
        Some(Tag::from_bytes(self.rotating(id)?.device.mac(&[claim, place.as_bytes()])))
    }

    /// Returns the MAC of a recovery code's hash, in the record stored under `key`.
    #[cfg(feature = "totp")]
    pub(crate) fn recovery_mac(&self, key: &RecordKey, salt: &[u8; 16], hash: &[u8; 32]) -> Tag {
        Tag::from_bytes(self.recovery.mac(&[key.as_bytes(), salt, hash]))
    }

    /// Returns the key with this id under which secrets are sealed, or `None` if it is unknown.
    #[cfg(feature = "totp")]
    pub(crate) fn seal_key(&self, id: KeyId) -> Option<&SealKey> {
        Some(&self.rotating(id)?.seal)
    }

    fn rotating(&self, id: KeyId) -> Option<&Rotating> {
        self.rotating.iter().find(|slot| slot.id == Some(id))
    }
}

impl Rotating {
    fn unused(filler: &Keyed) -> Self {
        Self {
            id: None,
            tag: filler.clone(),
            device: filler.clone(),
            #[cfg(feature = "totp")]
            seal: SealKey::UNUSED,
        }
    }

    fn derived_from(secret: &Secret, id: KeyId) -> Result<Self, KeyError> {
        Ok(Self {
            id: Some(id),
            tag: secret.derive(b"tag")?,
            device: secret.derive(b"device")?,
            #[cfg(feature = "totp")]
            seal: SealKey::new(|key| secret.expand(b"seal", key))?,
        })
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = self.rotating.iter().filter_map(|slot| slot.id).map(|id| id.0);
        write!(f, "Keys {{ tag_with: {}, accept: ", self.tag_with.0)?;
        f.debug_list().entries(ids).finish()?;
        f.write_str(" }")
    }
}

/// The host's secret, from which keys are derived by HKDF-SHA256 (RFC 5869).
struct Secret(Hkdf<Sha256>);

impl Secret {
    fn new(secret: &[u8]) -> Result<Self, KeyError> {
        if secret.len() < SHORTEST_SECRET {
            return Err(KeyError::TooShort { bytes: secret.len() });
        }
        Ok(Self(Hkdf::new(Some(b"countersign 1"), secret)))
    }

    /// Derives a separate key for each use, so that the output of one cannot serve as that of
    /// another.
    fn derive(&self, label: &[u8]) -> Result<Keyed, KeyError> {
        let mut derived = [0; 32];
        // Neither fails: HKDF yields up to 8,160 bytes, and HMAC takes a key of any length.
        let key = self.expand(label, &mut derived).and_then(|()| {
            Hmac::new_from_slice(&derived).map(Keyed).map_err(|_| KeyError::TooShort { bytes: 0 })
        });
        derived.zeroize();
        key
    }

    fn expand(&self, label: &[u8], derived: &mut [u8; 32]) -> Result<(), KeyError> {
        self.0.expand(label, derived).map_err(|_| KeyError::TooShort { bytes: 0 })
    }
}

impl Keyed {
    fn mac32(&self, message: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        message.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    }

    /// Returns whether both keys are the same, by comparing a MAC in constant time.
    fn is_same(&self, other: &Self) -> bool {
        const PROBE: &[&[u8]] = &[b"countersign 1 probe"];
        Tag::from_bytes(self.mac(PROBE)).ct_eq(&Tag::from_bytes(other.mac(PROBE))).into()
    }

    /// Returns the MAC, truncated to `N` bytes.
    #[inline]
    fn mac<const N: usize>(&self, message: &[&[u8]]) -> [u8; N] {
        let whole = self.mac32(message);
        core::array::from_fn(|place| whole[place])
    }
}

/// An error in the configuration of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// The secret is too short.
    TooShort {
        /// Length of the secret, in bytes.
        bytes: usize,
    },
    /// Another key has this id.
    Taken(KeyId),
    /// There are four keys already.
    TooMany,
    /// There is no key with this id.
    Unknown(KeyId),
    /// Codes are issued under this key.
    InUse(KeyId),
    /// The secret is the root, which never rotates.
    IsRoot,
    /// The key with this id has the same secret.
    SameSecret(KeyId),
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort { bytes } => {
                write!(
                    f,
                    "secret of {bytes} bytes is too short: expected at least {SHORTEST_SECRET} random bytes"
                )
            }
            Self::Taken(id) => write!(f, "key {} exists already: give the new key another id", id.0),
            Self::TooMany => write!(f, "there are {MOST_KEYS} keys already: retire one first"),
            Self::Unknown(id) => write!(f, "there is no key {}: accept it first", id.0),
            Self::InUse(id) => {
                write!(f, "codes are issued under key {}: tag with another key first", id.0)
            }
            Self::IsRoot => f.write_str("the secret is the root secret: a tag key needs its own"),
            Self::SameSecret(id) => {
                write!(f, "key {} has the same secret: a rotation needs a new one", id.0)
            }
        }
    }
}

impl core::error::Error for KeyError {}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use crate::keys::DeviceId;
    use alloc::format;

    const ROOT: [u8; 32] = [7; 32];

    #[test]
    fn rejects_short_secrets() {
        assert_eq!(Keys::from_secret([1; 15]).map(drop), Err(KeyError::TooShort { bytes: 15 }));
        assert!(Keys::from_secret([1; 16]).is_ok());
        let keys = Keys::from_secret(ROOT).unwrap();
        assert_eq!(keys.accept(KeyId::new(1), "short").map(drop), Err(KeyError::TooShort { bytes: 5 }));
    }

    #[test]
    fn keys_rotate_in_two_phases() {
        let keys = Keys::from_secret(ROOT).unwrap();
        assert_eq!(keys.clone().tag_with(KeyId::new(1)).map(drop), Err(KeyError::Unknown(KeyId::new(1))));
        assert_eq!(
            keys.clone().accept(KeyId::new(0), [8; 32]).map(drop),
            Err(KeyError::Taken(KeyId::new(0)))
        );
        let keys = keys.accept(KeyId::new(1), [8; 32]).unwrap();
        assert_eq!(keys.clone().retire(KeyId::new(0)).map(drop), Err(KeyError::InUse(KeyId::new(0))));
        let keys = keys.tag_with(KeyId::new(1)).unwrap().retire(KeyId::new(0)).unwrap();
        assert_eq!(format!("{keys:?}"), "Keys { tag_with: 1, accept: [1] }");
        let full = (2..5).try_fold(keys, |keys, id| keys.accept(KeyId::new(id), [id; 32])).unwrap();
        assert_eq!(full.accept(KeyId::new(9), [9; 32]).map(drop), Err(KeyError::TooMany));
    }

    #[test]
    fn rejects_the_root_and_duplicate_secrets() {
        let keys = Keys::from_secret(ROOT).unwrap();
        assert_eq!(keys.clone().accept(KeyId::new(1), ROOT).map(drop), Err(KeyError::IsRoot));
        let keys = keys.accept(KeyId::new(1), [8; 32]).unwrap();
        assert_eq!(
            keys.clone().accept(KeyId::new(2), [8; 32]).map(drop),
            Err(KeyError::SameSecret(KeyId::new(1)))
        );
        assert!(keys.clone().accept(KeyId::new(2), [8; 31]).is_ok());
        let alone = keys.tag_with(KeyId::new(1)).unwrap().retire(KeyId::new(0)).unwrap();
        assert_eq!(
            alone.clone().accept(KeyId::new(0), ROOT).map(drop),
            Err(KeyError::IsRoot),
            "also after key 0 was retired"
        );
        assert_eq!(
            format!("{}; {}", KeyError::IsRoot, KeyError::SameSecret(KeyId::new(1))),
            "the secret is the root secret: a tag key needs its own; \
             key 1 has the same secret: a rotation needs a new one"
        );
    }

    /// Each code is tagged differently under each key, in whatever order keys are added and
    /// retired.
    #[test]
    fn no_two_keys_give_the_same_tag() {
        let (mut keys, mut random) = (Keys::from_secret([0; 32]).unwrap(), 1_u64);
        let mut up_to = |most: u64| {
            random = random.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
            (random >> 33) % most
        };
        for _ in 0..2_000 {
            let (id, secret) = (KeyId(up_to(5) as u8), [up_to(6) as u8; 32]);
            let changed = match up_to(4) {
                0 | 1 => keys.clone().accept(id, secret),
                2 => keys.clone().tag_with(id),
                _ => keys.clone().retire(id),
            };
            keys = changed.unwrap_or(keys);
            let held = || keys.rotating.iter().filter(|slot| slot.id.is_some());
            let tags: alloc::vec::Vec<[u8; 16]> = held().map(|slot| slot.tag.mac(&[b"same"])).collect();
            for (n, tag) in tags.iter().enumerate() {
                assert!(!tags[..n].contains(tag), "{keys:?}");
            }
            let root = Rotating::derived_from(&Secret::new(&[0; 32]).unwrap(), KeyId::new(0)).unwrap();
            let of_root: [u8; 16] = root.tag.mac(&[b"same"]);
            let only_as_made =
                held().all(|slot| slot.id == Some(KeyId::new(0)) || slot.tag.mac(&[b"same"]) != of_root);
            assert!(only_as_made, "{keys:?}");
        }
    }

    #[cfg(feature = "totp")]
    #[test]
    fn nonces_differ_by_random_bytes_context_text_and_root() {
        let keys = Keys::from_secret(ROOT).unwrap();
        let here = keys.nonce(&[1; 24], &[2; 28], &[3; 65]);
        assert_eq!(here, keys.clone().nonce(&[1; 24], &[2; 28], &[3; 65]));
        assert_ne!(here, keys.nonce(&[0; 24], &[2; 28], &[3; 65]));
        assert_ne!(here, keys.nonce(&[1; 24], &[0; 28], &[3; 65]));
        assert_ne!(here, keys.nonce(&[1; 24], &[2; 28], &[0; 65]));
        assert_ne!(here, Keys::from_secret([9; 32]).unwrap().nonce(&[1; 24], &[2; 28], &[3; 65]));
    }

    #[test]
    fn record_keys_differ_by_tenant_recipient_lane_and_root() {
        let keys = Keys::from_secret(ROOT).unwrap();
        let number: Recipient = "+12025550162".parse::<crate::PhoneNumber>().unwrap().into();
        let other: Recipient = "+12025550163".parse::<crate::PhoneNumber>().unwrap().into();
        let (a, b) = (keys.tenant_id("a"), keys.tenant_id("b"));
        let here = keys.locate(&a, &number, Lane::COMMON);
        assert_eq!(here, keys.locate(&a, &number, Lane::COMMON));
        assert_ne!(here, keys.locate(&b, &number, Lane::COMMON));
        assert_ne!(here, keys.locate(&a, &other, Lane::COMMON));
        assert_ne!(here, keys.locate(&a, &number, Lane::of(DeviceId::from_bytes([0; 16]))));
        assert_ne!(
            keys.locate(&a, &number, Lane::of(DeviceId::from_bytes([1; 16]))),
            keys.locate(&a, &number, Lane::of(DeviceId::from_bytes([0; 16])))
        );
        let elsewhere = Keys::from_secret([9; 32]).unwrap();
        assert_ne!(here, elsewhere.locate(&elsewhere.tenant_id("a"), &number, Lane::COMMON));
        let rotated = keys.clone().accept(KeyId::new(1), [8; 32]).unwrap().tag_with(KeyId::new(1)).unwrap();
        assert_eq!(here, rotated.locate(&a, &number, Lane::COMMON));
    }
}
