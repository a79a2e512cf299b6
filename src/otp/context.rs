//! The inputs of a transition besides the record: time, keys, limits.

use crate::keys::Keys;
use crate::limits::Limits;
use crate::store::RecordKey;
use crate::time::Timestamp;

/// The inputs of a transition besides the record.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Context<'a> {
    /// The key of the record.
    pub key: &'a RecordKey,
    /// The keys of the service.
    pub keys: &'a Keys,
    /// The limits of the service.
    pub limits: &'a Limits,
    /// The epoch. Codes of earlier epochs are no longer accepted. A host raises it after restoring
    /// a backup, which may have revived codes.
    pub epoch: u32,
    /// The time of the operation.
    pub now: Timestamp,
    /// A random id of the operation, by which it recognises its own write after a lost reply.
    pub operation: u64,
}

impl<'a> Context<'a> {
    /// Creates a context with the default limits and epoch 0.
    #[must_use]
    pub const fn new(key: &'a RecordKey, keys: &'a Keys, now: Timestamp, operation: u64) -> Self {
        Self { key, keys, limits: &Limits::DEFAULT, epoch: 0, now, operation }
    }

    /// Sets the limits.
    #[must_use]
    pub const fn with_limits(self, limits: &'a Limits) -> Self {
        Self { limits, ..self }
    }

    /// Sets the epoch.
    #[must_use]
    pub const fn with_epoch(self, epoch: u32) -> Self {
        Self { epoch, ..self }
    }

    /// Sets the time of the operation.
    #[must_use]
    pub const fn with_now(self, now: Timestamp) -> Self {
        Self { now, ..self }
    }

    /// Sets the id of the operation.
    #[must_use]
    pub const fn with_operation(self, operation: u64) -> Self {
        Self { operation, ..self }
    }
}
