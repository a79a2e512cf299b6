//! The id of a tenant.

use core::fmt;

/// A tenant of a service: a keyed hash of the name passed to
/// [`Verifier::with_tenant`](crate::Verifier::with_tenant). It is the same on every server and
/// after every rotation of keys, and does not reveal the name.
///
/// Returned by [`Verifier::tenant_id`](crate::Verifier::tenant_id) and, for a proof, by
/// [`Verified::tenant`](crate::Verified::tenant), which has an example.
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
