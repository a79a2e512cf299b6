//! The list of checks, each with the promise that it verifies.

mod batches;
mod expiry;
mod faults;
mod revisions;
mod swaps;
mod tallies;
mod verdicts;

use super::bench::{Bench, Checked};
pub(super) use tallies::TALLY_CHECKS;

/// One check of a store.
#[derive(Debug)]
pub(super) struct Check {
    pub(super) name: &'static str,
    /// The part of the contract of [`Store`](crate::Store) or
    /// [`Tallies`](crate::store::Tallies) that a failure breaks.
    pub(super) promise: &'static str,
    pub(super) needs: Needs,
    pub(super) run: fn(&Bench<'_>) -> Checked,
}

/// What a check needs besides the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    Nothing,
    Engine,
    LostReplies,
    Damage,
}

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "no update is lost",
        promise: "compare_and_swap is atomic",
        needs: Needs::Nothing,
        run: swaps::no_update_is_lost,
    },
    Check {
        name: "one of many concurrent swaps is applied",
        promise: "compare_and_swap is atomic",
        needs: Needs::Nothing,
        run: swaps::one_of_many_is_applied,
    },
    Check {
        name: "a stale revision conflicts",
        promise: "Conflict: the revision did not match; nothing was written",
        needs: Needs::Nothing,
        run: swaps::a_stale_revision_conflicts,
    },
    Check {
        name: "records are returned unchanged",
        promise: "records are opaque, at most RECORD_BYTES long",
        needs: Needs::Nothing,
        run: swaps::records_come_back,
    },
    Check {
        name: "an empty record is deleted at once",
        promise: "writing an empty record deletes the key",
        needs: Needs::Nothing,
        run: revisions::an_empty_record_is_forgotten,
    },
    Check {
        name: "a revision is never reused",
        promise: "a revision is never reused for a key, not even after its record was dropped and created again",
        needs: Needs::Nothing,
        run: revisions::a_revision_never_comes_again,
    },
    Check {
        name: "a record is kept until it expires",
        promise: "a write that returned Applied is kept until keep.until(); an engine with its own clock uses keep.ttl()",
        needs: Needs::Nothing,
        run: expiry::a_record_is_kept_for_its_time,
    },
    Check {
        name: "a record is dropped after it expires",
        promise: "an expired record is dropped, at the latest during other writes, and its revision with it",
        needs: Needs::Nothing,
        run: expiry::a_record_is_dropped_after_its_time,
    },
    Check {
        name: "a batch returns the same as single loads",
        promise: "the records of several keys, in the order of the keys",
        needs: Needs::Nothing,
        run: batches::a_batch_gives_what_loads_give,
    },
    Check {
        name: "an oversized batch is an error",
        promise: "the records of several keys, at most BATCH_RECORDS",
        needs: Needs::Nothing,
        run: batches::a_batch_of_too_many_is_an_error,
    },
    Check {
        name: "a batch is never older than its call",
        promise: "each record of a batch is as it was at some moment during the call",
        needs: Needs::Nothing,
        run: batches::a_batch_is_never_older_than_its_call,
    },
    Check {
        name: "no more verdicts than attempts, and one success",
        promise: "compare_and_swap is atomic, and a load sees what was applied before it",
        needs: Needs::Nothing,
        run: verdicts::no_more_than_tries,
    },
    Check {
        name: "a correct code passes even if replies are lost",
        promise: "a load sees what was applied before it",
        needs: Needs::Nothing,
        run: verdicts::lost_replies_harm_nobody,
    },
    Check {
        name: "a lost reply is unknown",
        promise: "an error if the engine certainly wrote nothing; Swap::Unknown if that is unknown",
        needs: Needs::LostReplies,
        run: faults::a_lost_reply_is_unknown,
    },
    Check {
        name: "a batch whose reply is lost is an error or correct",
        promise: "a batch fails whenever a load does",
        needs: Needs::LostReplies,
        run: faults::a_batch_whose_reply_is_lost,
    },
    Check {
        name: "a restart loses nothing, and the store recovers by itself",
        promise: "a write that returned Applied is kept until keep.until()",
        needs: Needs::Engine,
        run: faults::a_restart_loses_nothing,
    },
    Check {
        name: "a server that stops answering is an error in bounded time",
        promise: "an error if the engine does not answer; the operation then ends without a verdict",
        needs: Needs::Engine,
        run: faults::a_server_that_stops_answering,
    },
    Check {
        name: "a batch of a server that stops answering is an error in bounded time",
        promise: "each call bounds its own wait, and a batch fails whenever a load does",
        needs: Needs::Engine,
        run: faults::a_batch_of_a_server_that_stops_answering,
    },
];
