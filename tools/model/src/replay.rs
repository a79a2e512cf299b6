//! Runs a client's calls from the beginning over a list of replies.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use countersign::store::{Batch, Keep, Loaded, RecordKey, Revision, Store, StoreError, StoreErrorKind, Swap};

use crate::scenario::Reads;
use crate::shelf::{self, Write};

/// The value of a key, if there is one: the record and its revision.
pub type Held = Option<(Arc<[u8]>, Revision)>;

/// A reply of the store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// The reply to a load: the record and its revision, if there is one.
    Loaded(RecordKey, Held),
    /// The reply to a load of several records at one moment.
    LoadedAll(Vec<(RecordKey, Held)>),
    /// The reply to a swap.
    Swapped(Swap),
}

/// A request to the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// A load.
    Load(RecordKey),
    /// A load of several records at one moment.
    LoadAll(Vec<RecordKey>),
    /// A swap.
    Swap(Write),
}

/// A store that answers from a list. At the end of the list it records the request and answers with
/// an error, so that the call ends. The result of that call is discarded.
#[derive(Debug)]
pub struct Script<'a> {
    replies: &'a [Reply],
    reads: Reads,
    next: Cell<usize>,
    swapped: RefCell<Vec<RecordKey>>,
    asked: RefCell<Option<Request>>,
}

impl<'a> Script<'a> {
    /// Creates a store with these replies, of an engine that reads in this way.
    #[must_use]
    pub const fn new(replies: &'a [Reply], reads: Reads) -> Self {
        let swapped = RefCell::new(Vec::new());
        Self { replies, reads, next: Cell::new(0), swapped, asked: RefCell::new(None) }
    }

    /// Returns whether the list has ended, and a call waits for more.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.asked.borrow().is_some()
    }

    /// Returns the key of each answered swap, and the first request beyond the list.
    #[must_use]
    pub fn into_requests(self) -> (Vec<RecordKey>, Option<Request>) {
        (self.swapped.into_inner(), self.asked.into_inner())
    }

    fn reply(&self, request: impl FnOnce() -> Request) -> Result<&'a Reply, StoreError> {
        let reply = self.replies.get(self.next.get());
        self.next.set(self.next.get() + 1);
        reply.ok_or_else(|| {
            self.asked.borrow_mut().get_or_insert_with(request);
            StoreError::new(StoreErrorKind::Unavailable)
        })
    }
}

impl Store for Script<'_> {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        match self.reply(|| Request::Load(*key))? {
            Reply::Loaded(asked, held) if asked == key => shelf::loaded(held.as_ref()),
            _ => Err(diverged()),
        }
    }

    fn load_all(&self, keys: &[RecordKey]) -> Result<Batch, StoreError> {
        let mut all = Vec::with_capacity(keys.len());
        match self.reads {
            Reads::InOrder => all.extend(keys.iter().map(|key| self.load(key))),
            Reads::Reversed => {
                all.extend(keys.iter().rev().map(|key| self.load(key)));
                all.reverse();
            }
            Reads::AtOnce => match self.reply(|| Request::LoadAll(keys.to_vec()))? {
                Reply::LoadedAll(held) => {
                    all.extend(held.iter().map(|(_, held)| shelf::loaded(held.as_ref())))
                }
                _ => return Err(diverged()),
            },
        }
        all.into_iter().try_fold(Batch::new(), |mut batch, loaded| {
            batch.push(loaded?)?;
            Ok(batch)
        })
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        match self.reply(|| Request::Swap(Write::new(*key, expected, record, keep)))? {
            Reply::Swapped(swap) => {
                self.swapped.borrow_mut().push(*key);
                Ok(*swap)
            }
            _ => Err(diverged()),
        }
    }
}

/// The call did not make the same request as before. This breaks the law that no call fails.
fn diverged() -> StoreError {
    StoreError::unavailable("the call made another request when it was run again")
}
