//! A store that loses replies.

use core::sync::atomic::{AtomicU32, Ordering};

use crate::Timestamp;
use crate::store::{
    AsyncStore, AsyncTallies, Batch, Change, Entries, Keep, Loaded, ReadBoth, RecordKey, Revision, Store,
    StoreError, Swap, Tallies, TallyKey,
};

/// A store that answers [`Swap::Unknown`] to every nth swap after writing it. Use it to test how a
/// service handles lost replies. No reply about tallies is lost.
///
/// ```
/// use countersign::testing::LosesReplies;
/// use countersign::{Channel, Keys, MemoryStore, PhoneNumber, Verifier};
///
/// let store = LosesReplies::of_every(1, MemoryStore::new());
/// let verifier = Verifier::new(Keys::from_secret([7; 32])?, store);
/// let number: PhoneNumber = "+12025550162".parse()?;
/// let issued = verifier.start(number, Channel::Sms)?;
/// verifier.check(number, issued.handle(), issued.code().as_str())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct LosesReplies<S> {
    store: S,
    every: u32,
    swaps: AtomicU32,
}

impl<S> LosesReplies<S> {
    /// Loses the reply to every `every`th swap. 1 loses all of them, 0 none.
    pub const fn of_every(every: u32, store: S) -> Self {
        Self { store, every, swaps: AtomicU32::new(0) }
    }

    fn lose(&self, swap: Swap) -> Swap {
        let number = self.swaps.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        if self.every > 0 && number.is_multiple_of(self.every) { Swap::Unknown } else { swap }
    }
}

impl<S: Store> Store for LosesReplies<S> {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        self.store.load(key)
    }

    fn load_all(&self, keys: &[RecordKey]) -> Result<Batch, StoreError> {
        self.store.load_all(keys)
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        self.store.compare_and_swap(key, expected, record, keep).map(|swap| self.lose(swap))
    }
}

impl<S: AsyncStore + Sync> AsyncStore for LosesReplies<S> {
    async fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        self.store.load(key).await
    }

    async fn load_all(&self, keys: &[RecordKey]) -> Result<Batch, StoreError> {
        self.store.load_all(keys).await
    }

    async fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        self.store.compare_and_swap(key, expected, record, keep).await.map(|swap| self.lose(swap))
    }
}

impl<S: Tallies> Tallies for LosesReplies<S> {
    fn read(&self, keys: &[TallyKey], now: Timestamp) -> Result<Entries, StoreError> {
        self.store.read(keys, now)
    }

    fn add(&self, changes: &[Change], now: Timestamp) -> Result<(), StoreError> {
        self.store.add(changes, now)
    }

    fn load_with_tallies(&self, records: &[RecordKey], tallies: &[TallyKey], now: Timestamp) -> ReadBoth {
        self.store.load_with_tallies(records, tallies, now)
    }

    fn is_local(&self) -> bool {
        self.store.is_local()
    }
}

impl<S: AsyncTallies + Sync> AsyncTallies for LosesReplies<S> {
    async fn read(&self, keys: &[TallyKey], now: Timestamp) -> Result<Entries, StoreError> {
        self.store.read(keys, now).await
    }

    async fn add(&self, changes: &[Change], now: Timestamp) -> Result<(), StoreError> {
        self.store.add(changes, now).await
    }

    async fn load_with_tallies(
        &self,
        records: &[RecordKey],
        tallies: &[TallyKey],
        now: Timestamp,
    ) -> ReadBoth {
        self.store.load_with_tallies(records, tallies, now).await
    }

    fn is_local(&self) -> bool {
        self.store.is_local()
    }
}
