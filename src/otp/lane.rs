//! The lanes of a recipient, each with a record of its own.

use core::fmt;

/// The id of a device that has proved a recipient before: 128 random bits, drawn with its first token and kept by
/// those that renew it. No secret: without a token it opens nothing. A host keeps it to list a person's devices and to revoke one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceId([u8; 16]);

impl DeviceId {
    /// From its 16 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceId({:032x})", u128::from_be_bytes(self.0))
    }
}

/// A recipient's lane. Strangers and new devices share the common one; a device that has proved the recipient before
/// runs in its own, where no stranger's starts and failures reach it (OWASP, "device cookies").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lane {
    #[default]
    Common,
    Device(DeviceId),
}

impl Lane {
    pub(crate) fn to_bytes(self) -> [u8; 17] {
        let mut bytes = [0; 17];
        if let Self::Device(id) = self {
            bytes[0] = 1;
            bytes[1..].copy_from_slice(id.as_bytes());
        }
        bytes
    }
}
