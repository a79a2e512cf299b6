//! The lanes of a recipient, each with a record of its own.

/// A recipient's lane. Strangers and new devices share the common one; a device that has proved the recipient before
/// can run in its own, where no stranger's failures reach it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    Common,
    /// Of the device with this id. The records have room for it; tokens that lead here come later.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "device tokens come with a later version; the key has their room")
    )]
    Device([u8; 16]),
}

impl Lane {
    pub(crate) fn to_bytes(self) -> [u8; 17] {
        let mut bytes = [0; 17];
        if let Self::Device(id) = self {
            bytes[0] = 1;
            bytes[1..].copy_from_slice(&id);
        }
        bytes
    }
}
