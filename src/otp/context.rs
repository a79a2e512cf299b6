//! What a transition knows besides the record: the time, the keys, the limits.

use core::time::Duration;

use super::key::Keys;
use super::record::Record;
use super::refusal::Fault;
use crate::limits::Limits;
use crate::store::RecordKey;
use crate::time::Timestamp;

/// What a transition knows besides the record.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Where the record is kept.
    pub key: &'a RecordKey,
    /// The keys of the service.
    pub keys: &'a Keys,
    /// Its limits.
    pub limits: &'a Limits,
    /// Challenges of earlier epochs are dead. A host raises it after it restored a backup, which may have revived codes.
    pub epoch: u32,
    /// The time of the operation.
    pub now: Timestamp,
    /// A random number that names the operation, so that a lost reply can be told from a lost write.
    pub operation: u64,
}

/// Two servers' clocks may differ by this much. Within it a record's time stands still; it never runs back.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(5);

impl Context<'_> {
    /// The record as it is before the operation does anything: of this operation, epoch and time. Its `written_at` is
    /// the time to reckon with, which is never before that of the last write.
    ///
    /// # Errors
    ///
    /// If the clock is out of range, or further behind the record's than clocks may differ.
    pub(super) fn open(&self, record: &Record) -> Result<Record, Fault> {
        let by = record.written_at.since(self.valid_now()?);
        if by > CLOCK_TOLERANCE {
            return Err(Fault::ClockWentBack { by });
        }
        Ok(self.stamp(record.clone(), self.now.max(record.written_at)))
    }

    /// As [`open`](Self::open), for operations that let no code pass: where the clock went back they take it as it is now. What was left of locks,
    /// cooldowns and quotas is still left; the challenge is dropped, for its code would live longer than it may.
    ///
    /// # Errors
    ///
    /// If the clock is out of range.
    pub(super) fn open_at_any_time(&self, record: &Record) -> Result<Record, Fault> {
        match self.open(record) {
            Err(Fault::ClockWentBack { by }) => {
                let mut moved = record.clone();
                moved.challenge = None;
                moved.cooldown_until = moved.cooldown_until - by;
                moved.failures.move_back(by);
                moved.sends.move_back(by);
                Ok(self.stamp(moved, self.now))
            }
            opened => opened,
        }
    }

    fn valid_now(&self) -> Result<Timestamp, Fault> {
        if self.now < Timestamp::MAX { Ok(self.now) } else { Err(Fault::ClockOutOfRange) }
    }

    fn stamp(&self, mut record: Record, written_at: Timestamp) -> Record {
        if record.epoch < self.epoch {
            record.challenge = None;
            record.epoch = self.epoch;
        }
        Record { operation: self.operation, written_at, ..record }
    }
}
