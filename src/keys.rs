//! The keys of a service: one that locates records and never rotates, and those under which codes are tagged.

mod lane;
mod tag;
mod tenant;

use core::fmt;

pub use lane::DeviceId;
pub(crate) use lane::Lane;
pub(crate) use tag::Tag;
pub use tenant::TenantId;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use crate::recipient::Recipient;
use crate::store::RecordKey;

/// No service needs more keys at once than an old, a present and a next one.
const MOST_KEYS: usize = 4;

/// A secret shorter than this can be guessed (RFC 4226 §4, R6: at least 128 bits).
const SHORTEST_SECRET: usize = 16;

/// The number of a key under which codes are tagged and device tokens made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(u8);

impl KeyId {
    /// The key with this number.
    #[must_use]
    pub const fn new(number: u8) -> Self {
        Self(number)
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// The keys of a service.
///
/// Every server of the service has the same. The *root* secret, from which the locator and MAC keys are derived, must never change: with
/// it the service would forget every failure and every lock. The *tag* keys rotate in two phases, so that servers of old and
/// new configuration agree at every moment: first every server [accepts](Self::accept) the new key, then one after the
/// other [tags](Self::tag_with) with it; an old key can go ten minutes after its last use, and with it go the device tokens that
/// were made under it.
///
/// ```
/// use countersign::{KeyId, Keys};
///
/// # let (root, next) = ([7u8; 32], [8u8; 32]);
/// let keys = Keys::from_secret(root)?;                            // tags with the key 0, derived from the root
/// let phase_one = Keys::from_secret(root)?.accept(KeyId::new(1), next)?;
/// let phase_two = Keys::from_secret(root)?.accept(KeyId::new(1), next)?.tag_with(KeyId::new(1))?;
/// # let _ = (keys, phase_one, phase_two);
/// # Ok::<(), countersign::keys::KeyError>(())
/// ```
#[derive(Clone)]
pub struct Keys {
    locator: Keyed,
    record_mac: Keyed,
    rotating: [Rotating; MOST_KEYS],
    tag_with: KeyId,
}

/// Keys that come and go together. Where there is no id there are none, and yet there are bytes that are wiped with the rest: an
/// `Option` would leave them unwritten, and whatever secret the stack had there before would go with them to the heap, to be
/// wiped by nobody.
#[derive(Clone)]
struct Rotating {
    id: Option<KeyId>,
    /// For the tags of codes.
    tag: Keyed,
    /// For the tokens of devices.
    device: Keyed,
}

/// HMAC-SHA256 with its key already taken in: the two compressions of the key schedule are paid once per key, not per
/// call. Wiped when it is dropped (the `zeroize` features of `hmac` and `sha2`).
#[derive(Clone)]
struct Keyed(Hmac<Sha256>);

impl Keys {
    /// All keys from one secret of at least 16 random bytes.
    ///
    /// # Errors
    ///
    /// If the secret is shorter.
    pub fn from_secret(root: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let root = Secret::new(root.as_ref())?;
        let (id, locator) = (KeyId::new(0), root.derive(b"locator")?);
        let mut rotating: [Rotating; MOST_KEYS] = core::array::from_fn(|_| Rotating::unused(&locator));
        rotating[0] = Rotating::derived_from(&root, id)?;
        Ok(Self { record_mac: root.derive(b"record mac")?, locator, rotating, tag_with: id })
    }

    /// These keys and one more, under which codes are verified but none is issued yet.
    ///
    /// # Errors
    ///
    /// If the secret is shorter than 16 bytes, is the root or that of another key, the id is taken, or
    /// there are four keys already.
    pub fn accept(mut self, id: KeyId, secret: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        if self.rotating(id).is_some() {
            return Err(KeyError::Taken(id));
        }
        let secret = Secret::new(secret.as_ref())?;
        // The root is known by the locator that comes from it, for the key 0 may be retired.
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

    /// Issues codes under the key with this id from now on.
    ///
    /// # Errors
    ///
    /// If no such key was accepted.
    pub fn tag_with(mut self, id: KeyId) -> Result<Self, KeyError> {
        self.rotating(id).ok_or(KeyError::Unknown(id))?;
        self.tag_with = id;
        Ok(self)
    }

    /// These keys without one that has served its time.
    ///
    /// # Errors
    ///
    /// If there is no such key, or codes are issued under it.
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

    /// Where the record of a recipient is kept. `tenant` is the [`tenant_id`](Self::tenant_id).
    #[inline(never)]
    pub(crate) fn locate(&self, tenant: &TenantId, recipient: &Recipient, lane: Lane) -> RecordKey {
        // What comes before the identity has a fixed width.
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

    /// A tenant's name at a fixed width, so that no name runs into what follows it.
    pub(crate) fn tenant_id(&self, name: &str) -> TenantId {
        TenantId::from_bytes(self.locator.mac(&[b"t", name.as_bytes()]))
    }

    /// The tag of a code; none if the key is not known here.
    #[inline(never)]
    pub(crate) fn tag(&self, id: KeyId, input: &[u8]) -> Option<Tag> {
        Some(Tag::from_bytes(self.rotating(id)?.tag.mac(&[input])))
    }

    /// The MAC that shows that a record is of this kind, is as it was written, and stands where it was
    /// written.
    pub(crate) fn record_mac(&self, domain: u8, key: &RecordKey, record: &[u8]) -> Tag {
        let mut place = [domain; 17];
        place[1..].copy_from_slice(key.as_bytes());
        Tag::from_bytes(self.record_mac.mac(&[&place, record]))
    }

    /// The MAC of a device token for the recipient whose common record is kept at `place`; none if the key is not known
    /// here.
    pub(crate) fn device_mac(&self, id: KeyId, place: &RecordKey, claim: &[u8; 24]) -> Option<Tag> {
        Some(Tag::from_bytes(self.rotating(id)?.device.mac(&[claim, place.as_bytes()])))
    }

    fn rotating(&self, id: KeyId) -> Option<&Rotating> {
        self.rotating.iter().find(|slot| slot.id == Some(id))
    }
}

impl Rotating {
    fn unused(filler: &Keyed) -> Self {
        Self { id: None, tag: filler.clone(), device: filler.clone() }
    }

    fn derived_from(secret: &Secret, id: KeyId) -> Result<Self, KeyError> {
        Ok(Self { id: Some(id), tag: secret.derive(b"tag")?, device: secret.derive(b"device")? })
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

/// A host's secret, from which keys are derived by HKDF-SHA256 (RFC 5869).
struct Secret(Hkdf<Sha256>);

impl Secret {
    fn new(secret: &[u8]) -> Result<Self, KeyError> {
        if secret.len() < SHORTEST_SECRET {
            return Err(KeyError::TooShort { bytes: secret.len() });
        }
        Ok(Self(Hkdf::new(Some(b"countersign 1"), secret)))
    }

    /// A key of its own for each use, so that no output of one serves for another.
    fn derive(&self, label: &[u8]) -> Result<Keyed, KeyError> {
        let mut derived = [0; 32];
        // HKDF gives up to 8,160 bytes, and HMAC takes a key of any length.
        let key = match self.0.expand(label, &mut derived) {
            Ok(()) => Hmac::new_from_slice(&derived).map(Keyed).map_err(|_| KeyError::TooShort { bytes: 0 }),
            Err(_) => Err(KeyError::TooShort { bytes: 0 }),
        };
        derived.zeroize();
        key
    }
}

impl Keyed {
    fn mac32(&self, message: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        message.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    }

    /// Whether both give the same answers. In constant time.
    fn is_same(&self, other: &Self) -> bool {
        const PROBE: &[&[u8]] = &[b"countersign 1 probe"];
        Tag::from_bytes(self.mac(PROBE)).ct_eq(&Tag::from_bytes(other.mac(PROBE))).into()
    }

    /// Cut to 16 bytes.
    #[inline]
    fn mac<const N: usize>(&self, message: &[&[u8]]) -> [u8; N] {
        let whole = self.mac32(message);
        core::array::from_fn(|place| whole[place])
    }
}

/// Keys that can't be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// The secret has too few bytes.
    TooShort {
        /// So many.
        bytes: usize,
    },
    /// There is a key with this id already.
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
                    "a secret of {bytes} bytes is too short: expected at least {SHORTEST_SECRET} random bytes"
                )
            }
            Self::Taken(id) => write!(f, "there is a key {} already: give the new one another id", id.0),
            Self::TooMany => write!(f, "there are {MOST_KEYS} keys already: retire one first"),
            Self::Unknown(id) => write!(f, "there is no key {}: accept it first", id.0),
            Self::InUse(id) => {
                write!(f, "codes are issued under the key {}: tag with another one first", id.0)
            }
            Self::IsRoot => f.write_str("the secret is the root: a tag key needs a secret of its own"),
            Self::SameSecret(id) => {
                write!(f, "the key {} has this secret already: a rotation needs a new one", id.0)
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
    fn short_secrets_are_refused() {
        assert_eq!(Keys::from_secret([1; 15]).map(drop), Err(KeyError::TooShort { bytes: 15 }));
        assert!(Keys::from_secret([1; 16]).is_ok());
        let keys = Keys::from_secret(ROOT).unwrap();
        assert_eq!(keys.accept(KeyId::new(1), "short").map(drop), Err(KeyError::TooShort { bytes: 5 }));
    }

    #[test]
    fn rotation_in_two_phases() {
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
    fn refuses_the_root_and_a_secret_twice() {
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
            "also where the root tags no more"
        );
        assert_eq!(
            format!("{}; {}", KeyError::IsRoot, KeyError::SameSecret(KeyId::new(1))),
            "the secret is the root: a tag key needs a secret of its own; \
             the key 1 has this secret already: a rotation needs a new one"
        );
    }

    /// However keys come and go, each code is tagged differently under each of them.
    #[test]
    fn no_two_keys_tag_alike() {
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

    #[test]
    fn records_of_others_stand_elsewhere() {
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
