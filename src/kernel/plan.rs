//! Plans: the decisions of a call, given the records it has read.

use super::withheld::Withheld;
use crate::error::Error;
use crate::error::Fault;
use crate::events::About;
use crate::service::Service;
use crate::store::{Change, Entries, Keep, Loaded, RecordBytes, RecordKey, Revision, StoreError, TallyKey};
use crate::time::Timestamp;

/// One call as a pure value that owns its inputs, including the time and the randomness drawn when
/// the call began.
///
/// An operation on several records goes through stages, with one swap each. Charges are written
/// before a verdict is revealed, so a crash between two stages leaves a charge and no verdict. A
/// stage that [settles](Then::Settle) a charge may follow the write that earned the verdict; the
/// verdict is revealed even if that stage fails.
pub trait Plan {
    /// The result for the caller.
    type Output;

    /// Returns what the call is about, as far as it is known yet.
    fn about(&self) -> About;

    /// Returns the keys of the records that this stage reads, at most three. Stages are counted
    /// from 0.
    fn reads(&self, stage: u8) -> &[RecordKey];

    /// Returns the keys of the tallies that this stage reads with the records. By default there are
    /// none.
    fn tallies(&self, _stage: u8) -> &[TallyKey] {
        &[]
    }

    /// Returns the time of the call, at which tallies are read and changed.
    fn now(&self) -> Timestamp {
        Timestamp::EPOCH
    }

    /// Returns whether the plan decides without tallies that could not be read. By default the call
    /// fails with the store's error.
    fn decides_without_tallies(&self, _service: &Service) -> bool {
        false
    }

    /// Returns the changes of tallies that follow from the last decision. They are made once it is
    /// confirmed, and at most once: an error or a lost reply is not retried. By default there are
    /// none.
    fn changes(&self) -> &[Change] {
        &[]
    }

    /// Returns the guard's ruling on the call, for its event.
    #[cfg(feature = "alloc")]
    fn ruling(&self) -> Option<&crate::guard::Ruling> {
        None
    }

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
    /// two before it. `slot` is its position in [`reads`](Self::reads) of this stage.
    ///
    /// # Errors
    ///
    /// If the record cannot be read.
    fn is_written(
        &self,
        service: &Service,
        stage: u8,
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
    fn is_out_of_sight(
        &self,
        _service: &Service,
        _stage: u8,
        _slot: usize,
        _loaded: &Loaded,
    ) -> Result<bool, Fault> {
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
        _stage: u8,
        _operation: u64,
        _record: &mut RecordBytes,
        error: StoreError,
    ) -> Result<Next<Self::Output>, Error> {
        Err(error.into())
    }
}

/// The records that a plan has read, in the order of [`Plan::reads`], and the tallies.
#[derive(Debug)]
pub struct Seen<'a> {
    pub(super) records: &'a [Loaded],
    pub(super) tallies: Option<&'a Entries>,
}

impl Seen<'_> {
    /// Returns the record at this position. A position that was not read counts as absent, so that
    /// a swap conflicts with an existing record.
    #[must_use]
    pub fn get(&self, slot: usize) -> &Loaded {
        const { &Loaded::ABSENT };
        self.records.get(slot).unwrap_or(&Loaded::ABSENT)
    }

    /// Returns what is left without the first records.
    #[cfg(feature = "totp")]
    pub(crate) fn after(&self, records: usize) -> Self {
        Self { records: self.records.get(records..).unwrap_or_default(), tallies: self.tallies }
    }

    /// Returns the tallies in the order of [`Plan::tallies`]; `None` if none were requested or they
    /// could not be read.
    #[must_use]
    pub const fn tallies(&self) -> Option<&Entries> {
        self.tallies
    }
}

/// The next step of a plan.
#[derive(Debug)]
pub enum Next<T> {
    /// Nothing more to do: this is the result.
    Done(T),
    /// Make the [changes](Plan::changes) of tallies, which are the purpose of the call: an error is
    /// its result. Otherwise this is.
    Add(T),
    /// Read again, because the plan needs other tallies. A plan asks for this at most twice between
    /// two writes.
    ReadAgain,
    /// Nothing to write at this stage. Go to the next one.
    NextStage,
    /// The outcome is earned without a write of this stage. The next stage settles the charge.
    Settle(Withheld<T>),
    /// In a stage that settles a charge: nothing is left to write. Reveals the earned outcome.
    Settled,
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
    /// The outcome is earned. The next stage settles the charge that was made for it; then the
    /// outcome is revealed, whether or not that succeeds. A stage that fails is reported by
    /// [`Event::is_unsettled`](crate::events::Event::is_unsettled).
    Settle(Withheld<T>),
    /// In a stage that settles a charge: reveal the earned outcome.
    Settled,
    /// Reveal the outcome to the caller.
    Reveal(Withheld<T>),
}
