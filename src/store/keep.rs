//! How long a record has to be kept.

use core::time::Duration;

use crate::time::Timestamp;

/// How long a record must be kept, by the clock of the server that wrote it.
///
/// An engine with its own clock uses [`ttl`](Self::ttl), so that the two clocks need not agree. A
/// bounded engine may reserve room for records [of known devices](Self::is_for_known_device).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    now: Timestamp,
    until: Timestamp,
    for_known_device: bool,
}

impl Keep {
    /// Creates the retention of a record that is written at `now` and kept until `until`.
    #[must_use]
    pub const fn new(now: Timestamp, until: Timestamp) -> Self {
        Self { now, until, for_known_device: false }
    }

    /// Marks the record as belonging to a known device's lane, in which no stranger can write.
    #[must_use]
    pub const fn for_known_device(self) -> Self {
        Self { for_known_device: true, ..self }
    }

    /// Returns when the record was written.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// Returns when the record may be dropped. [`Timestamp::MAX`] means never.
    #[must_use]
    pub const fn until(&self) -> Timestamp {
        self.until
    }

    /// Returns whether the record belongs to the lane of a device that has verified the recipient
    /// before.
    ///
    /// Strangers can flood a store with other records, but not with these. A bounded store may
    /// reserve room for them, as `MemoryStore` does. The mark has no other effect.
    #[must_use]
    pub const fn is_for_known_device(&self) -> bool {
        self.for_known_device
    }

    /// Returns how long the record must be kept, counted from the write; `None` means for ever.
    #[must_use]
    pub fn ttl(&self) -> Option<Duration> {
        (self.until < Timestamp::MAX).then(|| self.until.since(self.now))
    }
}
