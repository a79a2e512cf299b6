//! A client's calls, run from the beginning over a list of replies.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use countersign::store::{Keep, Loaded, RecordKey, Revision, Store, StoreError, StoreErrorKind, Swap};

use crate::shelf::{self, Write};

/// What the store answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// To a load: the record and its revision, if there is one.
    Loaded(Option<(Arc<[u8]>, Revision)>),
    /// To a swap.
    Swapped(Swap),
}

/// What a call asks of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// A load.
    Load(RecordKey),
    /// A swap.
    Swap(Write),
}

/// A store that answers from a list. When the list has ended it notes the request, and answers with an error so that the call
/// ends: what the call makes of that is thrown away.
#[derive(Debug)]
pub struct Script<'a> {
    replies: &'a [Reply],
    next: Cell<usize>,
    asked: RefCell<Option<Request>>,
}

impl<'a> Script<'a> {
    /// With these replies.
    #[must_use]
    pub const fn new(replies: &'a [Reply]) -> Self {
        Self { replies, next: Cell::new(0), asked: RefCell::new(None) }
    }

    /// Whether the list has ended, and a call waits for more.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.asked.borrow().is_some()
    }

    /// The first request beyond the list.
    #[must_use]
    pub fn into_request(self) -> Option<Request> {
        self.asked.into_inner()
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
            Reply::Loaded(held) => shelf::loaded(held.as_ref()),
            Reply::Swapped(_) => Err(another_way()),
        }
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        match self.reply(|| Request::Swap(Write::new(*key, expected, record, keep)))? {
            Reply::Swapped(swap) => Ok(*swap),
            Reply::Loaded(_) => Err(another_way()),
        }
    }
}

/// The call did not ask what it had asked the last time: then the law that nobody finds the service out of order is broken.
fn another_way() -> StoreError {
    StoreError::unavailable("the call went another way when it was run again")
}
