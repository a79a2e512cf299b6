//! A client's calls, run from the beginning over a list of replies.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use countersign::store::{Batch, Keep, Loaded, RecordKey, Revision, Store, StoreError, StoreErrorKind, Swap};

use crate::scenario::Reads;
use crate::shelf::{self, Write};

/// What stands under a key, if anything does: the record and its revision.
pub type Held = Option<(Arc<[u8]>, Revision)>;

/// What the store answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// To a load: the record and its revision, if there is one.
    Loaded(RecordKey, Held),
    /// To a load of several records at one moment.
    LoadedAll(Vec<(RecordKey, Held)>),
    /// To a swap.
    Swapped(Swap),
}

/// What a call asks of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// A load.
    Load(RecordKey),
    /// A load of several records at one moment.
    LoadAll(Vec<RecordKey>),
    /// A swap.
    Swap(Write),
}

/// A store that answers from a list. When the list has ended it notes the request, and answers with an error so that the call
/// ends: what the call makes of that is thrown away.
#[derive(Debug)]
pub struct Script<'a> {
    replies: &'a [Reply],
    reads: Reads,
    next: Cell<usize>,
    swapped: RefCell<Vec<RecordKey>>,
    asked: RefCell<Option<Request>>,
}

impl<'a> Script<'a> {
    /// With these replies, of an engine that reads so.
    #[must_use]
    pub const fn new(replies: &'a [Reply], reads: Reads) -> Self {
        let swapped = RefCell::new(Vec::new());
        Self { replies, reads, next: Cell::new(0), swapped, asked: RefCell::new(None) }
    }

    /// Whether the list has ended, and a call waits for more.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.asked.borrow().is_some()
    }

    /// Where each swap that was answered was to be, and the first request beyond the list.
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
            _ => Err(another_way()),
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
                _ => return Err(another_way()),
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
            _ => Err(another_way()),
        }
    }
}

/// The call did not ask what it had asked the last time: then the law that nobody finds the service out of order is broken.
fn another_way() -> StoreError {
    StoreError::unavailable("the call went another way when it was run again")
}
