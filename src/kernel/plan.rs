//! What a call decides, for what it has seen.

use super::withheld::Withheld;
use crate::error::Error;
use crate::error::Fault;
use crate::events::About;
use crate::service::Service;
use crate::store::{Keep, Loaded, RecordBytes, RecordKey, Revision, StoreError};

/// One call: pure, and the owner of its inputs. Time and randomness are among these, drawn as the call
/// began.
///
/// An operation on several records goes through stages, one swap each, in the order of
/// [`reads`](Self::reads). It charges before it reveals: only the last stage's write lets its verdict
/// out, and a crash between two stages leaves a charge and no verdict.
pub trait Plan {
    /// What the caller gets.
    type Output;

    /// What the call is about, as far as it knows by now.
    fn about(&self) -> About;

    /// The records that it reads, at most three.
    fn reads(&self) -> &[RecordKey];

    /// What is to be done at this stage, for records as they are now. A write made here is of this
    /// operation, a number that was never given out before. Its bytes go into `record`.
    ///
    /// # Errors
    ///
    /// A refusal that changes nothing, or a fault. The operation ends with it.
    fn next(
        &mut self,
        service: &Service,
        stage: u8,
        operation: u64,
        seen: &Seen<'_>,
        record: &mut RecordBytes,
    ) -> Result<Next<Self::Output>, Error>;

    /// Whether this operation's write stands in the record at this place, or stood in it before the last
    /// two writes of others.
    ///
    /// # Errors
    ///
    /// If the record can't be read.
    fn is_written(
        &self,
        service: &Service,
        slot: usize,
        loaded: &Loaded,
        operation: u64,
    ) -> Result<bool, Fault>;

    /// Whether so many have written to the record at this place since this operation's last write there was
    /// planned that the record would no longer tell of it: see [`Envelope::is_beyond`]. It is asked when a
    /// reply was lost and [`is_written`](Self::is_written) finds nothing, of a write that another stage was
    /// to follow. If so, the operation ends as contended: what was charged stays, and is not charged again.
    ///
    /// # Errors
    ///
    /// If the record can't be read.
    ///
    /// [`Envelope::is_beyond`]: super::Envelope::is_beyond
    fn is_out_of_sight(&self, _service: &Service, _slot: usize, _loaded: &Loaded) -> Result<bool, Fault> {
        Ok(true)
    }

    /// What is to be done when the store has no answer to the read.
    ///
    /// # Errors
    ///
    /// The store's, unless the call can do without.
    fn unread(
        &mut self,
        _service: &Service,
        _operation: u64,
        _record: &mut RecordBytes,
        error: StoreError,
    ) -> Result<Next<Self::Output>, Error> {
        Err(error.into())
    }
}

/// The records that a plan has read, in the order of [`Plan::reads`].
#[derive(Debug)]
pub struct Seen<'a>(pub(super) &'a [Loaded]);

impl Seen<'_> {
    /// The record at this place. One that was not read is absent, so that a swap conflicts with whatever
    /// is there.
    #[must_use]
    pub fn get(&self, slot: usize) -> &Loaded {
        const { &Loaded::ABSENT };
        self.0.get(slot).unwrap_or(&Loaded::ABSENT)
    }
}

/// What a plan wants next.
#[derive(Debug)]
pub enum Next<T> {
    /// Nothing: this is the answer.
    Done(T),
    /// A write, and what follows when it is confirmed.
    Write(Write, Then<T>),
}

/// A swap that a plan wants; the new record is in the place that it was handed.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Write {
    /// The place of the record in [`Plan::reads`].
    pub slot: usize,
    /// The revision that the record must still have.
    pub expected: Revision,
    /// How long it has to be kept.
    pub keep: Keep,
}

impl Write {
    /// A swap of the record at this place of [`Plan::reads`], if it still has this revision.
    #[must_use]
    pub const fn new(slot: usize, expected: Revision, keep: Keep) -> Self {
        Self { slot, expected, keep }
    }
}

/// What follows a confirmed write.
#[derive(Debug)]
pub enum Then<T> {
    /// The next stage, with its own read and write.
    NextStage,
    /// The verdict.
    Reveal(Withheld<T>),
}
