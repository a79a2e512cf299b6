//! Which tenant something belongs to.

use core::fmt;

/// A tenant of a service: a keyed hash of the name that [`Verifier::with_tenant`](crate::Verifier::with_tenant)
/// was given, the same on every server and after every rotation of keys. The name can't be read from
/// it.
///
/// A [`Verified`](crate::Verified) tells whose it is, a [`Verifier`](crate::Verifier) which one it serves:
/// see [`Verified::tenant`](crate::Verified::tenant) for an example.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId([u8; 16]);

impl TenantId {
    pub(crate) const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TenantId(")?;
        crate::hex::write(f, &self.0)?;
        f.write_str(")")
    }
}
