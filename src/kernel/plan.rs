//! Plans: the decisions of a call, given the records it has read.

use super::withheld::Withheld;
use crate::error::Error;
use crate::error::Fault;
use crate::events::About;
use crate::service::Service;
use crate::store::{Keep, Loaded, RecordBytes, RecordKey, Revision, StoreError};

/// One call as a pure value that owns its inputs, including the time and the randomness drawn when
/// the call began.
///
/// An operation on several records goes through stages, with one swap each, in the order of
/// [`reads`](Self::reads). Charges are written before a verdict is revealed: only the last stage's
/// write reveals its verdict, so a crash between two stages leaves a charge and no verdict.
pub trait Plan {
    /// The result for the caller.
    type Output;

    /// Returns what the call is about, as far as it is known yet.
    fn about(&self) -> About;

    /// Returns the keys of the records to read, at most three.
    fn reads(&self) -> &[RecordKey];

    /// Decides what to do at this stage, given the records as they were read. A write carries the
    /// id `operation`, which no other write has. Its bytes are placed in `record`.
    ///
    /// # Errors
    ///
    /// A refusal that changes nothing, or a fault. Either ends the operation.
    fn next(
        &mut self,
        service: &Service,
        stage: u8,
        operation: u64,
        seen: &Seen<'_>,
        record: &mut RecordBytes,
    ) -> Result<Next<Self::Output>, Error>;

    /// Returns whether the record contains this operation's write, as the last one or one of the
    /// two before it.
    ///
    /// # Errors
    ///
    /// If the record cannot be read.
    fn is_written(
        &self,
        service: &Service,
        slot: usize,
        loaded: &Loaded,
        operation: u64,
    ) -> Result<bool, Fault>;

    /// Returns whether the record may have forgotten this operation's last write: it names only the
    /// last three. See [`Envelope::is_beyond`].
    ///
    /// Asked after a lost reply, if [`is_written`](Self::is_written) found nothing and another
    /// stage was to follow. If true, the operation ends as contended: a charge that was made
    /// remains, and is not made again.
    ///
    /// # Errors
    ///
    /// If the record cannot be read.
    ///
    /// [`Envelope::is_beyond`]: super::Envelope::is_beyond
    fn is_out_of_sight(&self, _service: &Service, _slot: usize, _loaded: &Loaded) -> Result<bool, Fault> {
        Ok(true)
    }

    /// Decides what to do when the store could not read the record.
    ///
    /// # Errors
    ///
    /// The store's error, unless the call does not need the record's contents.
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
    /// Returns the record at this position. A position that was not read counts as absent, so that
    /// a swap conflicts with an existing record.
    #[must_use]
    pub fn get(&self, slot: usize) -> &Loaded {
        const { &Loaded::ABSENT };
        self.0.get(slot).unwrap_or(&Loaded::ABSENT)
    }
}

/// The next step of a plan.
#[derive(Debug)]
pub enum Next<T> {
    /// Nothing more to do: this is the result.
    Done(T),
    /// A write, and the step after its confirmation.
    Write(Write, Then<T>),
}

/// A swap requested by a plan. The new record is in the buffer that was passed to [`Plan::next`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Write {
    /// The position of the record in [`Plan::reads`].
    pub slot: usize,
    /// The revision that the record must still have.
    pub expected: Revision,
    /// How long the record must be kept.
    pub keep: Keep,
}

impl Write {
    /// Creates a swap of the record at this position of [`Plan::reads`], on condition that it still
    /// has this revision.
    #[must_use]
    pub const fn new(slot: usize, expected: Revision, keep: Keep) -> Self {
        Self { slot, expected, keep }
    }
}

/// The step after a confirmed write.
#[derive(Debug)]
pub enum Then<T> {
    /// Go to the next stage, with its own read and write.
    NextStage,
    /// Reveal the outcome to the caller.
    Reveal(Withheld<T>),
}
