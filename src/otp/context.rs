//! What a transition knows besides the record: the time, the keys, the limits.

use crate::keys::Keys;
use crate::limits::Limits;
use crate::store::RecordKey;
use crate::time::Timestamp;

/// What a transition knows besides the record.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Context<'a> {
    /// Where the record is kept.
    pub key: &'a RecordKey,
    /// The keys of the service.
    pub keys: &'a Keys,
    /// Its limits.
    pub limits: &'a Limits,
    /// Codes of earlier epochs are no longer accepted. A host raises the epoch after it restored a backup,
    /// which may have revived codes.
    pub epoch: u32,
    /// The time of the operation.
    pub now: Timestamp,
    /// A random number that names the operation, so that a lost reply can be told from a lost write.
    pub operation: u64,
}

impl<'a> Context<'a> {
    /// A context with the default limits, in the first epoch.
    #[must_use]
    pub const fn new(key: &'a RecordKey, keys: &'a Keys, now: Timestamp, operation: u64) -> Self {
        Self { key, keys, limits: &Limits::DEFAULT, epoch: 0, now, operation }
    }

    /// The same with these limits.
    #[must_use]
    pub const fn with_limits(self, limits: &'a Limits) -> Self {
        Self { limits, ..self }
    }

    /// The same in this epoch.
    #[must_use]
    pub const fn with_epoch(self, epoch: u32) -> Self {
        Self { epoch, ..self }
    }

    /// The same at this time.
    #[must_use]
    pub const fn with_now(self, now: Timestamp) -> Self {
        Self { now, ..self }
    }

    /// The same for this operation.
    #[must_use]
    pub const fn with_operation(self, operation: u64) -> Self {
        Self { operation, ..self }
    }
}
