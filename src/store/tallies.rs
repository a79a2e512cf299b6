//! Tallies: approximate counters with atomic adds, beside the records that a
//! [`Store`](crate::Store) swaps.
//!
//! A hot region can't be swapped by a thousand servers, so the [guard](crate::guard) counts with
//! adds. A [`Sums`] entry holds what was sent and not answered, and what was answered; both halve
//! every 24 hours. A [`NumberMemory`] holds what is remembered of one recipient.

mod async_tallies;
mod batch;
mod change;
mod decay;
mod encoding;
mod key;
#[cfg(feature = "std")]
mod memory;
mod number;
mod sums;

pub use async_tallies::AsyncTallies;
pub use batch::Entries;
pub use change::{Change, Effect};
use decay::decay;
#[cfg(feature = "alloc")]
pub(crate) use decay::half_lives;
pub use encoding::{ENTRY_BYTES, EntryBytes, EntryError};
pub use key::{EntryKind, TallyKey};
#[cfg(feature = "std")]
pub use memory::MemoryTallies;
pub use number::{NumberChange, NumberMemory, Standing};
pub use sums::Sums;

use core::time::Duration;

use super::{Batch, RecordKey, Store, StoreError};
use crate::time::Timestamp;

/// No call reads or changes more keys than this.
pub const TALLIES_PER_CALL: usize = 24;

/// The sums of a tally halve in this time.
pub const HALF_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// Entries expire when they were not changed for so long.
pub const KEPT_FOR: Duration = Duration::from_secs(10 * 24 * 60 * 60);

/// Numbers are known for so long after their last verification.
pub const KNOWN_FOR: Duration = Duration::from_secs(180 * 24 * 60 * 60);

/// A [`Store`] that keeps tallies beside its records, for the [guard](crate::guard).
///
/// The contract:
///
/// - Each key is updated atomically: no add is lost, whoever else adds at the same time. There is
///   no atomicity across keys.
/// - An add first decays the entry by `max(0, now - at)`, then adds, then floors at 0
///   ([`Sums::add`], [`NumberMemory::apply`]). The entry's `at` becomes `max(at, now)`: it never
///   moves back.
/// - An add whose reply was lost is not retried, neither by the store nor by its client: a tally
///   that misses one send is better than one that counts it twice.
/// - Entries expire after [`KEPT_FOR`] without a change. A number that was verified is kept for
///   [`KNOWN_FOR`] after the last verification, if that is later. Dropping entries sooner refills
///   an attacker's allowance; a store that must make room drops the entry with the smallest sums.
/// - A call has at most [`TALLIES_PER_CALL`] keys, all different.
///
/// An engine that locks rows must lock them in the order of the keys, or two servers deadlock.
///
/// Asynchronous engines implement [`AsyncTallies`].
pub trait Tallies: Store {
    /// Returns the entries of the keys, in the order of the keys.
    ///
    /// An absent or expired entry is the [empty one](TallyKey::kind) of its kind. Entries may be as
    /// they were last changed, or decayed to `now`: the caller decays them again, which then
    /// changes nothing.
    ///
    /// # Errors
    ///
    /// If the engine does not answer, there are too many keys, or an entry is damaged
    /// ([`EntryError`]).
    fn read(&self, keys: &[TallyKey], now: Timestamp) -> Result<Entries, StoreError>;

    /// Applies each change to its own key. Absent entries are created.
    ///
    /// # Errors
    ///
    /// If the engine does not answer: some, all or none of the changes may have been applied, and
    /// none is tried again. If there are too many changes, none is applied. A damaged entry is
    /// replaced by the change applied to an empty one.
    fn add(&self, changes: &[Change], now: Timestamp) -> Result<(), StoreError>;

    /// Reads records and tallies. One of the two may fail without the other.
    ///
    /// The default implementation makes two calls. An engine overrides it to use one round trip.
    fn load_with_tallies(&self, records: &[RecordKey], tallies: &[TallyKey], now: Timestamp) -> ReadBoth {
        ReadBoth { records: self.load_all(records), tallies: self.read(tallies, now) }
    }

    /// Returns whether reads are answered from this process's memory. The guard then reads tallies
    /// only when it needs them. By default reads cost a round trip, and the guard reads all that it
    /// may need at once.
    fn is_local(&self) -> bool {
        false
    }
}

/// The result of [`Tallies::load_with_tallies`].
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "engines construct it")]
pub struct ReadBoth {
    /// The records: see [`Store::load_all`].
    pub records: Result<Batch, StoreError>,
    /// The entries: see [`Tallies::read`].
    pub tallies: Result<Entries, StoreError>,
}

impl<T: Tallies + ?Sized> Tallies for &T {
    fn read(&self, keys: &[TallyKey], now: Timestamp) -> Result<Entries, StoreError> {
        (**self).read(keys, now)
    }

    fn add(&self, changes: &[Change], now: Timestamp) -> Result<(), StoreError> {
        (**self).add(changes, now)
    }

    fn load_with_tallies(&self, records: &[RecordKey], tallies: &[TallyKey], now: Timestamp) -> ReadBoth {
        (**self).load_with_tallies(records, tallies, now)
    }

    fn is_local(&self) -> bool {
        (**self).is_local()
    }
}

#[cfg(feature = "alloc")]
impl<T: Tallies + ?Sized> Tallies for alloc::sync::Arc<T> {
    fn read(&self, keys: &[TallyKey], now: Timestamp) -> Result<Entries, StoreError> {
        (**self).read(keys, now)
    }

    fn add(&self, changes: &[Change], now: Timestamp) -> Result<(), StoreError> {
        (**self).add(changes, now)
    }

    fn load_with_tallies(&self, records: &[RecordKey], tallies: &[TallyKey], now: Timestamp) -> ReadBoth {
        (**self).load_with_tallies(records, tallies, now)
    }

    fn is_local(&self) -> bool {
        (**self).is_local()
    }
}

/// What is kept under a key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Entry {
    /// The sums of a tally.
    Sums(Sums),
    /// The memory of a recipient.
    Number(NumberMemory),
}

impl Entry {
    /// An entry of this kind that was never changed.
    #[must_use]
    pub const fn empty(kind: EntryKind) -> Self {
        match kind {
            EntryKind::Sums => Self::Sums(Sums::EMPTY),
            EntryKind::Number => Self::Number(NumberMemory::EMPTY),
        }
    }

    /// The kind of the entry.
    #[must_use]
    pub const fn kind(&self) -> EntryKind {
        match self {
            Self::Sums(_) => EntryKind::Sums,
            Self::Number(_) => EntryKind::Number,
        }
    }

    /// The latest time at which it was changed.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Sums(sums) => sums.at(),
            Self::Number(memory) => memory.at(),
        }
    }

    /// When the entry expires.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        match self {
            Self::Sums(sums) => sums.at() + KEPT_FOR,
            Self::Number(memory) => memory.expires_at(),
        }
    }

    /// Applies a change at `now`. A change of the other kind replaces the entry: the key says which
    /// of them is right.
    pub fn apply(&mut self, effect: Effect, now: Timestamp) {
        match (&mut *self, effect) {
            (Self::Sums(sums), Effect::Sums { unanswered, answered }) => sums.add(unanswered, answered, now),
            (Self::Number(memory), Effect::Number(change)) => memory.apply(change, now),
            (_, effect) => {
                *self = Self::empty(effect.kind());
                self.apply(effect, now);
            }
        }
    }
}
