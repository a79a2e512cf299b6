//! Host keys: an IP network, an account, or another value that the host chooses.

use core::fmt;
use core::net::IpAddr;

use sha2::{Digest, Sha256};

use super::level::Level;
use super::secret::TallySecret;
use super::settings::Bases;
use crate::channel::Channel;
use crate::keys::TenantId;
use crate::store::{EntryKind, TallyKey};

/// The most host keys of a challenge.
pub const MOST_HOST_KEYS: usize = 8;

/// A value that sends have in common, such as an account. The guard counts the sends of each key.
///
/// A key holds a hash of the value, or the network of an address. `Debug` hides both.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct HostKey {
    class: u8,
    value: [u8; 16],
}

/// Classes of keys. Above `OTHER`, the class minus `OTHER` is the base.
const IP: u8 = 0;
const ACCOUNT: u8 = 1;
const OTHER: u8 = 1;

impl HostKey {
    /// Returns the key of an address's network: the first 24 bits of IPv4, the first 48 of IPv6. An
    /// IPv4 address mapped to IPv6 counts as IPv4.
    #[must_use]
    pub const fn ip(address: IpAddr) -> Self {
        let mut value = [0; 16];
        match address.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                [value[0], value[1], value[2], value[3]] = [4, a, b, c];
            }
            IpAddr::V6(address) => {
                let [a, b, c, d, e, f, ..] = address.octets();
                [value[0], value[1], value[2], value[3], value[4], value[5], value[6]] =
                    [6, a, b, c, d, e, f];
            }
        }
        Self { class: IP, value }
    }

    /// Returns the key of an account, by any id.
    #[must_use]
    pub fn account(id: impl AsRef<[u8]>) -> Self {
        Self { class: ACCOUNT, value: cut(id.as_ref()) }
    }

    /// Returns the key of another value, such as a device or a campaign. Its base, 1 to 254, is the
    /// number of sends that may be unanswered before any is answered. The same value with another
    /// base is another key.
    ///
    /// A base of 0 counts as 1, and 255 as 254.
    #[must_use]
    pub fn other(value: impl AsRef<[u8]>, base: u8) -> Self {
        Self { class: OTHER + base.clamp(1, 254), value: cut(value.as_ref()) }
    }
}

fn cut(value: &[u8]) -> [u8; 16] {
    let hash = Sha256::digest(value);
    let mut cut = [0; 16];
    cut.copy_from_slice(&hash[..16]);
    cut
}

impl fmt::Debug for HostKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.class {
            IP => "HostKey(ip)",
            ACCOUNT => "HostKey(account)",
            _ => "HostKey(other)",
        })
    }
}

/// A host key as challenges store it: its class and 7 bytes of a keyed hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct HostTag([u8; 8]);

impl HostTag {
    /// Creates a tag from its 8 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// Returns the 8 bytes of the tag.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0
    }

    /// Returns the key of its tally: the tag, padded with zeros.
    pub(super) fn tally_key(self) -> TallyKey {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.0);
        TallyKey::new(EntryKind::Sums, bytes)
    }

    pub(super) fn base(self, bases: &Bases) -> f64 {
        match self.0[0] {
            IP => bases.ip,
            ACCOUNT => bases.account,
            class => f64::from(class - OTHER),
        }
    }

    pub(super) const fn is_ip(self) -> bool {
        self.0[0] == IP
    }

    pub(super) const fn is_account(self) -> bool {
        self.0[0] == ACCOUNT
    }
}

/// The tags of a challenge's host keys: at most [`MOST_HOST_KEYS`], all different.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HostTags {
    tags: [HostTag; MOST_HOST_KEYS],
    len: u8,
}

impl HostTags {
    /// No keys.
    pub const NONE: Self = Self { tags: [HostTag([0; 8]); MOST_HOST_KEYS], len: 0 };

    /// Appends a tag, unless it is already present.
    ///
    /// # Errors
    ///
    /// If there are [`MOST_HOST_KEYS`] other tags.
    pub fn push(&mut self, tag: HostTag) -> Result<(), TooManyHostKeys> {
        if !self.as_slice().contains(&tag) {
            *self.tags.get_mut(usize::from(self.len)).ok_or(TooManyHostKeys)? = tag;
            self.len += 1;
        }
        Ok(())
    }

    /// Returns the tags.
    #[must_use]
    pub fn as_slice(&self) -> &[HostTag] {
        &self.tags[..usize::from(self.len)]
    }
}

impl TallySecret {
    /// Returns the tags of host keys, for a tenant and a channel.
    ///
    /// # Errors
    ///
    /// If there are more than [`MOST_HOST_KEYS`] different ones.
    pub fn tags(
        &self,
        keys: &[HostKey],
        tenant: Option<&TenantId>,
        channel: Channel,
    ) -> Result<HostTags, TooManyHostKeys> {
        let mut tags = HostTags::NONE;
        for HostKey { class, value } in keys {
            let mut input = [*class; 17];
            input[1..].copy_from_slice(value);
            let hash = self.hash(Level::Host(0), channel.number(), tenant, input);
            let mut tag = [*class; 8];
            tag[1..].copy_from_slice(&hash[..7]);
            tags.push(HostTag(tag))?;
        }
        Ok(tags)
    }
}

/// A challenge has more than [`MOST_HOST_KEYS`] host keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyHostKeys;

impl fmt::Display for TooManyHostKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a challenge has at most {MOST_HOST_KEYS} host keys")
    }
}

impl core::error::Error for TooManyHostKeys {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;
    use alloc::vec::Vec;

    fn ip(address: &str) -> HostKey {
        HostKey::ip(address.parse().unwrap())
    }

    #[test]
    fn addresses_of_a_network_share_a_key() {
        assert_eq!(ip("192.0.2.1"), ip("192.0.2.254"));
        assert_ne!(ip("192.0.2.1"), ip("192.0.3.1"));
        assert_eq!(ip("2001:db8:1:2::3"), ip("2001:db8:1:ffff::"));
        assert_ne!(ip("2001:db8:1::"), ip("2001:db8:2::"));
        assert_eq!(ip("::ffff:192.0.2.9"), ip("192.0.2.1"));
        assert_ne!(ip("::"), ip("0.0.0.0"));
    }

    #[test]
    fn class_tenant_channel_and_secret_separate_keys() {
        let (secret, other) = (TallySecret::new([1; 16]), TallySecret::new([2; 16]));
        let tenant = TenantId::from_bytes([3; 16]);
        let key = [HostKey::account("ada")];
        let tag = |secret: &TallySecret, key: &[HostKey], tenant, channel| {
            secret.tags(key, tenant, channel).unwrap().as_slice()[0].to_bytes()
        };
        let tags = [
            tag(&secret, &key, None, Channel::Sms),
            tag(&other, &key, None, Channel::Sms),
            tag(&secret, &key, Some(&tenant), Channel::Sms),
            tag(&secret, &key, None, Channel::Email),
            tag(&secret, &[HostKey::account("bob")], None, Channel::Sms),
            tag(&secret, &[HostKey::other("ada", 3)], None, Channel::Sms),
            tag(&secret, &[HostKey::other("ada", 4)], None, Channel::Sms),
        ];
        let different: alloc::collections::BTreeSet<_> = tags.iter().map(|tag| &tag[1..]).collect();
        assert_eq!(different.len(), tags.len());
    }

    #[test]
    fn each_class_has_its_base() {
        let secret = TallySecret::new([1; 16]);
        let keys = [ip("192.0.2.1"), HostKey::account("a"), HostKey::other("a", 0), HostKey::other("a", 255)];
        let tags = secret.tags(&keys, None, Channel::Sms).unwrap();
        let bases: Vec<_> = tags.as_slice().iter().map(|tag| tag.base(&Bases::DEFAULT)).collect();
        assert_eq!(bases, [20.0, 6.0, 1.0, 254.0]);
    }

    #[test]
    fn rejects_a_ninth_key_and_counts_duplicates_once() {
        let secret = TallySecret::new([1; 16]);
        let keys: Vec<_> = (0..9).map(|number: u8| HostKey::account([number])).collect();
        let tags = secret.tags(&[&keys[..8], &keys[..8]].concat(), None, Channel::Sms).unwrap();
        assert_eq!(tags.as_slice().len(), 8);
        let error = secret.tags(&keys, None, Channel::Sms).unwrap_err();
        assert_eq!(error.to_string(), "a challenge has at most 8 host keys");
    }

    #[test]
    fn the_tally_key_is_the_padded_tag() {
        let tag = HostTag::from_bytes([9; 8]);
        assert_eq!(tag.tally_key().as_bytes()[..8], [9; 8]);
        assert_eq!(tag.tally_key().as_bytes()[8..], [0; 8]);
    }

    #[test]
    fn debug_hides_the_value() {
        assert_eq!(
            format!("{:?} {:?}", ip("192.0.2.1"), HostKey::account("ada")),
            "HostKey(ip) HostKey(account)"
        );
    }
}
