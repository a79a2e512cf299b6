//! What a transition knows besides the record: the time, the keys, the limits.

use crate::keys::Keys;
use crate::limits::Limits;
use crate::store::RecordKey;
use crate::time::Timestamp;

/// What a transition knows besides the record.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Where the record is kept.
    pub key: &'a RecordKey,
    /// The keys of the service.
    pub keys: &'a Keys,
    /// Its limits.
    pub limits: &'a Limits,
    /// Challenges of earlier epochs are dead. A host raises it after it restored a backup, which may have revived codes.
    pub epoch: u32,
    /// The time of the operation.
    pub now: Timestamp,
    /// A random number that names the operation, so that a lost reply can be told from a lost write.
    pub operation: u64,
}
