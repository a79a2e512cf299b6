//! The list of checks, each with the promise that it is about.

mod batches;
mod expiry;
mod faults;
mod revisions;
mod swaps;
mod verdicts;

use super::bench::{Bench, Checked};

/// One question to a store.
#[derive(Debug)]
pub(super) struct Check {
    pub(super) name: &'static str,
    /// The words of [`Store`](crate::Store)'s contract that a failure breaks.
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
}

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "no update is lost",
        promise: "compare_and_swap is atomic",
        needs: Needs::Nothing,
        run: swaps::no_update_is_lost,
    },
    Check {
        name: "of many swaps at once one is applied",
        promise: "compare_and_swap is atomic",
        needs: Needs::Nothing,
        run: swaps::one_of_many_is_applied,
    },
    Check {
        name: "a stale revision conflicts",
        promise: "Conflict: the revision was another; nothing is written",
        needs: Needs::Nothing,
        run: swaps::a_stale_revision_conflicts,
    },
    Check {
        name: "records come back as they were",
        promise: "records are opaque, at most RECORD_BYTES long",
        needs: Needs::Nothing,
        run: swaps::records_come_back,
    },
    Check {
        name: "an empty record is forgotten at once",
        promise: "an empty record is to be forgotten at once",
        needs: Needs::Nothing,
        run: revisions::an_empty_record_is_forgotten,
    },
    Check {
        name: "a revision never comes again",
        promise: "a revision never comes again for a key, not even after its record was dropped and made anew",
        needs: Needs::Nothing,
        run: revisions::a_revision_never_comes_again,
    },
    Check {
        name: "a record is kept for its time",
        promise: "what it answered Applied for is not forgotten before keep.until(); an engine with a clock of its own takes keep.ttl()",
        needs: Needs::Nothing,
        run: expiry::a_record_is_kept_for_its_time,
    },
    Check {
        name: "a record is dropped after its time",
        promise: "what is due is dropped, at the latest as others are written, and its revision with it",
        needs: Needs::Nothing,
        run: expiry::a_record_is_dropped_after_its_time,
    },
    Check {
        name: "a batch gives what single loads give",
        promise: "the records of several keys, in the order of the keys",
        needs: Needs::Nothing,
        run: batches::a_batch_gives_what_loads_give,
    },
    Check {
        name: "a batch of too many is an error",
        promise: "the records of several keys, at most BATCH_RECORDS",
        needs: Needs::Nothing,
        run: batches::a_batch_of_too_many_is_an_error,
    },
    Check {
        name: "a batch is never older than its call",
        promise: "each record of a batch is as it was at some moment of the call",
        needs: Needs::Nothing,
        run: batches::a_batch_is_never_older_than_its_call,
    },
    Check {
        name: "no more verdicts than tries, and one success",
        promise: "compare_and_swap is atomic, and a load sees what was applied before it",
        needs: Needs::Nothing,
        run: verdicts::no_more_than_tries,
    },
    Check {
        name: "a right code passes though replies are lost",
        promise: "a load sees what was applied before it",
        needs: Needs::Nothing,
        run: verdicts::lost_replies_harm_nobody,
    },
    Check {
        name: "a lost reply is unknown",
        promise: "an error if the engine is known not to have written anything; where that is not known, Swap::Unknown",
        needs: Needs::LostReplies,
        run: faults::a_lost_reply_is_unknown,
    },
    Check {
        name: "a batch whose reply is lost is an error or right",
        promise: "a batch is an error as a load is",
        needs: Needs::LostReplies,
        run: faults::a_batch_whose_reply_is_lost,
    },
    Check {
        name: "a restart loses nothing, and the store comes back by itself",
        promise: "what it answered Applied for is not forgotten before keep.until()",
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
        promise: "each call bounds its own wait, and a batch is an error as a load is",
        needs: Needs::Engine,
        run: faults::a_batch_of_a_server_that_stops_answering,
    },
];
