//! Laws that hold in every reachable state, and events that must occur in one, so that the laws are
//! not vacuous.

pub mod factors;
pub mod guesses;

use core::time::Duration;
use std::collections::HashSet;

use countersign::store::{RecordKey, Revision};
use stateright::{Expectation, Property};

use crate::call::{Call, Entry, Lane, No, Outcome, Passcode};
use crate::race::{Law, Race};
use crate::replay::{Reply, Request};
use crate::state::{Client, State};

/// The laws of every scenario.
pub const ALWAYS: [Law; 9] = [
    COUNTED,
    ONE_SUCCESS,
    ONE_LIVE,
    USED_IS_INVALID,
    ENDED_IS_INVALID,
    LOCKED_IS_INVALID,
    IN_TIME,
    OWN_REVISION,
    IN_ORDER,
];

/// What lost replies must not cost honest clients. These laws depend on a driver that recognises
/// its own writes.
pub const HONEST: [Law; 3] = [HONEST_PASSES, ONE_ATTEMPT_ONE_FAILURE, ONE_CODE_EXACTLY];

/// Whenever a client is told that a code is wrong, that failure is in the store, or was until a
/// success cleared it.
pub const COUNTED: Law =
    always("no verdict before its failure is counted", |_, state| state.told_wrong <= state.counted);

/// A code is accepted once.
pub const ONE_SUCCESS: Law = always("a code passes at most once", |_, state| {
    let mut seen = HashSet::new();
    state.passed().all(|passcode| seen.insert(passcode))
});

/// Of all codes that were sent in a lane, at most one would pass.
pub const ONE_LIVE: Law = always("at most one code of a lane is live", |race, state| {
    LANES.into_iter().all(|lane| {
        let of_lane = sent(race, state).filter(|passcode| passcode.lane() == lane);
        of_lane.filter(|passcode| race.opens(state, passcode)).count() <= 1
    })
});

/// A code that has passed would not pass again.
pub const USED_IS_INVALID: Law = always("a code that passed is no longer valid", |race, state| {
    !state.passed().any(|passcode| race.opens(state, passcode))
});

/// Once a client was told that its challenge is cancelled or everything forgotten, the codes it
/// knew would not pass.
pub const ENDED_IS_INVALID: Law =
    always("a code is invalid once its holder was told that it ended", |race, state| {
        state.clients.iter().zip(&race.scenario.clients).all(|(client, seat)| {
            let sent = race.sent.iter().filter(|sent| sent.lane() == seat.lane);
            let mut known: Vec<&Passcode> = sent.collect();
            let mut ended = Vec::new();
            for (call, outcome) in seat.calls.iter().zip(&client.outcomes) {
                match (call, outcome) {
                    (_, Outcome::Issued(passcode)) => known.push(passcode),
                    (Call::Cancel, Outcome::Done) => ended.extend(known.last().copied()),
                    (Call::Forget, Outcome::Done) => ended.extend(known.iter().copied()),
                    _ => {}
                }
            }
            !ended.into_iter().any(|passcode| race.opens(state, passcode))
        })
    });

/// A lock ends the challenge permanently.
pub const LOCKED_IS_INVALID: Law =
    always("no code of a locked record passes, unlocked or not", |race, state| {
        let locked = |passcode: &&Passcode| state.seen_in(passcode.lane()).locked;
        let mut invalid = sent(race, state).filter(locked);
        !invalid.any(|passcode| race.opens(state, passcode) || race.opens_unlocked(state, passcode))
    });

/// A code that passes is within its lifetime by the checker's clock, and at most five seconds in
/// its future.
pub const IN_TIME: Law =
    always("a code passes only within its lifetime by the checker's clock", |race, state| {
        state.clients.iter().enumerate().all(|(client, at)| {
            let clock = race.clock(client);
            at.outcomes.iter().all(|outcome| match outcome {
                Outcome::Verified(passcode) => {
                    passcode.issued_at() <= clock + Duration::from_secs(5)
                        && clock < passcode.issued_at() + Duration::from_secs(120)
                }
                _ => true,
            })
        })
    });

/// A swap names the revision that its client loaded last. A write based on an older record then
/// conflicts.
pub const OWN_REVISION: Law = always("a swap names the revision that was loaded last", |_, state| {
    state.clients.iter().all(|client| match &client.pending {
        Some(Request::Swap(write)) => Some(write.expected) == loaded_last(client, &write.key),
        _ => true,
    })
});

/// There is no fault, no call is contended, and every replay makes the same requests as before.
pub const IN_ORDER: Law =
    always("no call fails", |_, state| state.count(|outcome| matches!(outcome, Outcome::Failed(_))) == 0);

/// For limits of two attempts per code or two failures to a lock, without successes or unlocks.
pub const TWO_WRONG_AT_MOST: Law =
    always("two wrong verdicts at most", |_, state| state.count(Outcome::is_failure) <= 2);

/// Each verdict names another number of attempts left.
pub const TRIES_DIFFER: Law = always("each wrong verdict uses a separate attempt", |_, state| {
    let mut seen = HashSet::new();
    state.outcomes().all(|outcome| match outcome {
        Outcome::Wrong(left) | Outcome::Superseded(left) => seen.insert(left),
        _ => true,
    })
});

/// If nothing is lost, no attempt is used up without a verdict.
pub const TWO_WRONG_EXACTLY: Law = always("undisturbed, two wrong verdicts in the end", |_, state| {
    !state.is_final_and_undisturbed() || state.count(Outcome::is_failure) == 2
});

/// If nothing is lost, the correct code passes, once.
pub const ONE_PASSES: Law = always("undisturbed, exactly one passes in the end", |_, state| {
    !state.is_final_and_undisturbed() || state.count(Outcome::is_success) == 1
});

/// If nothing is lost, the correct code came in time, or the attempts were used up before it.
pub const PASSES_OR_TWO_WRONG: Law = always("undisturbed, one passes or two were wrong", |_, state| {
    let (passed, wrong) = (state.count(Outcome::is_success), state.count(Outcome::is_failure));
    !state.is_final_and_undisturbed() || (passed == 1 && wrong <= 1) || (passed == 0 && wrong == 2)
});

/// Once a newer code was issued, the previous one would not pass.
pub const RESENT_IS_INVALID: Law =
    always("the old code is invalid once a newer one was issued", |race, state| {
        let resent = state.issued().next().is_some();
        !resent || !race.sent.iter().any(|passcode| race.opens(state, passcode))
    });

/// A replaced code never passes, and a code that passed is never replaced.
pub const OLD_OR_NEW: Law =
    always("the old code passes or a newer one is issued, never both", |race, state| {
        let old_passed = state.passed().any(|passcode| Some(passcode) == race.sent.as_ref());
        !old_passed || state.issued().next().is_none()
    });

/// Once a cancel was answered, the code would not pass.
pub const CANCELLED_IS_INVALID: Law =
    always("a code is invalid once its cancel was answered", |race, state| {
        let cancelled = state.count(|outcome| *outcome == Outcome::Done) > 0;
        !cancelled || !race.sent.iter().any(|passcode| race.opens(state, passcode))
    });

/// A success clears the failures and a lock refuses everybody, so neither follows the other.
pub const PASSES_OR_LOCKED: Law =
    always("the code passes or the record is locked, never both", |_, state| {
        !(state.seen.locked && state.count(Outcome::is_success) > 0)
    });

/// If nothing is lost, one of the two occurs.
pub const PASSES_OR_LOCKED_EXACTLY: Law =
    always("undisturbed, it passes or is locked in the end", |_, state| {
        !state.is_final_and_undisturbed() || state.seen.locked != (state.count(Outcome::is_success) == 1)
    });

/// Two starts within the cooldown: one message, and one "already sent".
pub const ONE_MESSAGE: Law = always("at most one code is issued", |_, state| state.issued().count() <= 1);

/// If nothing is lost, one client gets a code, and the others are told that they are too early.
pub const ONE_MESSAGE_EXACTLY: Law =
    always("undisturbed, one is issued a code and all others are too early", |_, state| {
        let too_soon = state.count(|outcome| *outcome == Outcome::Refused(No::TooSoon));
        !state.is_final_and_undisturbed()
            || (state.issued().count() == 1 && too_soon == state.clients.len() - 1)
    });

/// The issued code is the one whose tag was written; for clients that enter nothing else and meet
/// no other client.
pub const ISSUED_IS_NOT_WRONG: Law = always("an issued code is never reported as wrong", |_, state| {
    state.count(|outcome| matches!(outcome, Outcome::Wrong(_))) == 0
});

/// Even if replies are lost: a client with the correct code that meets no other client is told that
/// it is correct.
pub const HONEST_PASSES: Law =
    always("whatever is lost, exactly one is told that the code is correct", |_, state| {
        !state.is_final_and_whole() || state.count(Outcome::is_success) == 1
    });

/// Even if replies are lost and others write too: one attempt is one failure.
pub const ONE_ATTEMPT_ONE_FAILURE: Law =
    always("whatever is lost, one attempt is one failure", |race, state| {
        usize::from(state.seen.failures) <= wrong_calls(race, Lane::Common)
    });

/// Even if replies are lost: no client is told "already sent" when nothing was sent.
pub const ONE_CODE_EXACTLY: Law = always("whatever is lost, exactly one is issued a code", |_, state| {
    !state.is_final_and_whole() || state.issued().count() == 1
});

/// A client whose last call is a check of the correct code passes, whatever the others do.
pub const HOLDERS_PASS: Law = always("in the end, every holder's code has passed", |race, state| {
    let ends_right = |calls: &[Call]| calls.last() == Some(&Call::Check(Entry::Right));
    !state.is_final_and_whole()
        || state.clients.iter().zip(&race.scenario.clients).all(|(client, seat)| {
            !ends_right(&seat.calls) || client.outcomes.last().is_some_and(Outcome::is_success)
        })
});

/// However calls alternate between clocks, each clock gets its quota once.
pub const BUDGET_A_CLOCK: Law = always("no more codes than clocks times the quota", |race, state| {
    let before = race.scenario.before.iter().filter(|call| **call == Call::Start).count();
    let budget = race.scenario.quota.map(|quota| usize::from(quota) * race.scenario.different_clocks());
    budget.is_none_or(|budget| before + state.issued().count() <= budget)
});

/// The same for guesses, without successes or unlocks.
pub const GUESSES_A_CLOCK: Law =
    always("no more verdicts than clocks times failures to a lock", |race, state| {
        usize::from(state.told_wrong)
            <= usize::from(race.scenario.failures) * race.scenario.different_clocks()
    });

/// If no clock is beyond the lock's end, a lock is visible as long as its failures are.
pub const LOCK_LASTS: Law = always("the lock lasts as long as its failures", |race, state| {
    LANES.into_iter().all(|lane| {
        let seen = state.seen_in(lane);
        seen.locked || seen.failures < u16::from(race.scenario.failures)
    })
});

/// A client that is too early has sent a code itself: other servers' clocks are too far away.
pub const COOLDOWN_IS_NEAR: Law =
    always("a cooldown applies only to the sending server's clients", |_, state| {
        state.clients.iter().all(|client| {
            let first = client.outcomes.first();
            first.is_none_or(|outcome| *outcome != Outcome::Refused(No::TooSoon))
        })
    });

/// The failures of a lane come from its own clients.
pub const LANES_APART: Law = always("a lane's failures come from its own clients", |race, state| {
    LANES.into_iter().all(|lane| usize::from(state.seen_in(lane).failures) <= wrong_calls(race, lane))
});

/// A client's swap conflicts with another client's write.
pub const SEEN_CONFLICT: Law = sometimes("seen: a conflict", |_, state| state.has_conflict());

/// A client succeeds.
pub const SEEN_SUCCESS: Law = sometimes("seen: a success", |_, state| state.count(Outcome::is_success) > 0);

/// A client succeeds although it did not get every reply.
pub const SEEN_SUCCESS_AFTER_LOSS: Law = sometimes("seen: a success after a lost reply", |_, state| {
    state.clients.iter().any(|client| {
        client.outcomes.iter().any(Outcome::is_success)
            && client.replies.contains(&Reply::Swapped(countersign::store::Swap::Unknown))
    })
});

/// There are two wrong verdicts.
pub const SEEN_TWO_WRONG: Law =
    sometimes("seen: two wrong verdicts", |_, state| state.count(Outcome::is_failure) == 2);

/// A client is told of a lock.
pub const SEEN_LOCKED: Law =
    sometimes("seen: a client is told of a lock", |_, state| told(state, No::Locked));

/// A client has no attempts left.
pub const SEEN_NO_TRIES: Law =
    sometimes("seen: a client has no attempts left", |_, state| told(state, No::NoTriesLeft));

/// A client enters a code that was used before.
pub const SEEN_USED: Law =
    sometimes("seen: a client is told of a used code", |_, state| told(state, No::AlreadyUsed));

/// A client enters a code that was replaced by a newer one.
pub const SEEN_SUPERSEDED: Law = sometimes("seen: a client enters an old code", |_, state| {
    state.count(|outcome| matches!(outcome, Outcome::Superseded(_))) > 0
});

/// A client's challenge no longer exists.
pub const SEEN_UNKNOWN: Law =
    sometimes("seen: a client's challenge no longer exists", |_, state| told(state, No::UnknownHandle));

/// A client is told to wait for the cooldown.
pub const SEEN_TOO_SOON: Law = sometimes("seen: a client is too early", |_, state| told(state, No::TooSoon));

/// A client's clock is out of range or went back.
pub const SEEN_CLOCK: Law = sometimes("seen: a client's clock is wrong", |_, state| told(state, No::Clock));

/// A call is done.
pub const SEEN_DONE: Law =
    sometimes("seen: a call is done", |_, state| state.count(|outcome| *outcome == Outcome::Done) > 0);

/// The common lane is locked.
pub const SEEN_COMMON_LOCKED: Law =
    sometimes("seen: the common lane is locked", |_, state| state.seen.locked);

/// The device's lane is locked.
pub const SEEN_DEVICE_LOCKED: Law =
    sometimes("seen: the device's lane is locked", |_, state| state.of_device.locked);

const LANES: [Lane; 2] = [Lane::Common, Lane::Device];

/// Returns all codes that were sent.
fn sent<'a>(race: &'a Race, state: &'a State) -> impl Iterator<Item = &'a Passcode> {
    race.sent.iter().chain(state.issued())
}

/// Returns how many wrong codes are entered in a lane, if all calls are made.
fn wrong_calls(race: &Race, lane: Lane) -> usize {
    let before = race.scenario.before.iter().filter(|_| lane == Lane::Common);
    let seats = race.scenario.clients.iter().filter(|seat| seat.lane == lane);
    let calls = before.chain(seats.flat_map(|seat| &seat.calls));
    calls.filter(|call| **call == Call::Check(Entry::Wrong)).count()
}

pub(crate) const fn always(name: &'static str, condition: fn(&Race, &State) -> bool) -> Law {
    Property { expectation: Expectation::Always, name, condition }
}

pub(crate) const fn sometimes(name: &'static str, condition: fn(&Race, &State) -> bool) -> Law {
    Property { expectation: Expectation::Sometimes, name, condition }
}

fn told(state: &State, no: No) -> bool {
    state.count(|outcome| *outcome == Outcome::Refused(no)) > 0
}

fn loaded_last(client: &Client, key: &RecordKey) -> Option<Revision> {
    let held = client.loaded(key).next_back()?;
    Some(held.as_ref().map_or(Revision::ABSENT, |held| held.1))
}
