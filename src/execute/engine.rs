//! What carries out the requests of operations: a store, or a guarded one.

use crate::store::{Change, Entries, ReadBoth, RecordKey, Store, StoreError, StoreErrorKind, TallyKey};
use crate::time::Timestamp;

/// A [`Store`], or a [`Guarded`](crate::store::Guarded) one that also keeps tallies.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a store, nor a guarded store that keeps tallies",
    note = "implement `Store`, and for a verifier with a guard `store::Tallies`"
)]
pub trait Engine {
    /// The store of its records.
    type Store: Store;

    /// Returns the store of its records.
    fn store(&self) -> &Self::Store;

    /// Reads tallies alone.
    ///
    /// # Errors
    ///
    /// As for [`Tallies::read`](crate::store::Tallies::read).
    fn read(&self, _: &[TallyKey], _: Timestamp) -> Result<Entries, StoreError> {
        Err(no_tallies())
    }

    /// Reads records and tallies.
    fn load_with_tallies(&self, _: &[RecordKey], _: &[TallyKey], _: Timestamp) -> ReadBoth {
        ReadBoth { records: Err(no_tallies()), tallies: Err(no_tallies()) }
    }

    /// Changes tallies.
    ///
    /// # Errors
    ///
    /// As for [`Tallies::add`](crate::store::Tallies::add).
    fn add(&self, _: &[Change], _: Timestamp) -> Result<(), StoreError> {
        Err(no_tallies())
    }

    /// Returns whether reading tallies costs no round trip.
    fn is_local(&self) -> bool {
        false
    }
}

impl<S: Store> Engine for S {
    type Store = S;

    fn store(&self) -> &S {
        self
    }
}

pub(super) const fn no_tallies() -> StoreError {
    StoreError::new(StoreErrorKind::NoTallies)
}

#[cfg(feature = "alloc")]
mod guarded {
    use super::{Change, Engine, Entries, ReadBoth, RecordKey, StoreError, TallyKey, Timestamp};
    use crate::store::{Guarded, Tallies};

    /// A verifier whose store is guarded. Only such verifiers have the guard's calls.
    pub trait HasGuard {}

    impl<S> HasGuard for Guarded<S> {}
    impl<S> HasGuard for &Guarded<S> {}

    impl<S: Tallies> Engine for Guarded<S> {
        type Store = S;

        fn store(&self) -> &S {
            &self.0
        }

        #[inline]
        fn read(&self, keys: &[TallyKey], now: Timestamp) -> Result<Entries, StoreError> {
            self.0.read(keys, now)
        }

        fn load_with_tallies(&self, records: &[RecordKey], tallies: &[TallyKey], now: Timestamp) -> ReadBoth {
            self.0.load_with_tallies(records, tallies, now)
        }

        fn add(&self, changes: &[Change], now: Timestamp) -> Result<(), StoreError> {
            self.0.add(changes, now)
        }

        fn is_local(&self) -> bool {
            self.0.is_local()
        }
    }

    impl<S: Tallies> Engine for &Guarded<S> {
        type Store = S;

        fn store(&self) -> &S {
            &self.0
        }

        #[inline]
        fn read(&self, keys: &[TallyKey], now: Timestamp) -> Result<Entries, StoreError> {
            self.0.read(keys, now)
        }

        fn load_with_tallies(&self, records: &[RecordKey], tallies: &[TallyKey], now: Timestamp) -> ReadBoth {
            self.0.load_with_tallies(records, tallies, now)
        }

        fn add(&self, changes: &[Change], now: Timestamp) -> Result<(), StoreError> {
            self.0.add(changes, now)
        }

        fn is_local(&self) -> bool {
            self.0.is_local()
        }
    }
}

#[cfg(feature = "alloc")]
pub use guarded::HasGuard;
