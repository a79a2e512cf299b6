//! What holds in every state that can be reached, and what has to be seen in one so that the rest is not said of nothing.

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
    USED_IS_DEAD,
    ENDED_IS_DEAD,
    LOCKED_IS_DEAD,
    IN_TIME,
    OWN_REVISION,
    IN_ORDER,
];

/// What lost replies may not cost the honest: it rests on a driver that knows its own writes again.
pub const HONEST: [Law; 3] = [HONEST_PASSES, ONE_TRY_ONE_FAILURE, ONE_CODE_EXACTLY];

/// Whoever is told that a code is wrong, that failure came to the store, whether or not a success has cleared it since.
pub const COUNTED: Law =
    always("no verdict before its failure is counted", |_, state| state.told_wrong <= state.counted);

/// A code counts once.
pub const ONE_SUCCESS: Law = always("a code passes at most once", |_, state| {
    let mut seen = HashSet::new();
    state.passed().all(|passcode| seen.insert(passcode))
});

/// Of all codes that anybody was sent in a lane, one at most would pass.
pub const ONE_LIVE: Law = always("at most one code of a lane is live", |race, state| {
    LANES.into_iter().all(|lane| {
        let of_lane = sent(race, state).filter(|passcode| passcode.lane() == lane);
        of_lane.filter(|passcode| race.opens(state, passcode)).count() <= 1
    })
});

/// A code that has passed would not pass again.
pub const USED_IS_DEAD: Law = always("a code that passed is dead", |race, state| {
    !state.passed().any(|passcode| race.opens(state, passcode))
});

/// Once somebody was told that a challenge of theirs is cancelled, or all is forgotten, the codes that they knew would not pass.
pub const ENDED_IS_DEAD: Law =
    always("a code is dead once its holder was told that it is ended", |race, state| {
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

/// A lock ends the challenge for good.
pub const LOCKED_IS_DEAD: Law =
    always("no code of a locked record passes, unlocked or not", |race, state| {
        let locked = |passcode: &&Passcode| state.seen_in(passcode.lane()).locked;
        let mut dead = sent(race, state).filter(locked);
        !dead.any(|passcode| race.opens(state, passcode) || race.opens_unlocked(state, passcode))
    });

/// A code that passes is within its time by the clock of whoever checks it, and at most five seconds of the future.
pub const IN_TIME: Law = always("a code passes in its time by the checker's clock", |race, state| {
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

/// A swap names the revision that its client loaded last: then a write that was made of an older record loses.
pub const OWN_REVISION: Law = always("a swap names the revision that was loaded last", |_, state| {
    state.clients.iter().all(|client| match &client.pending {
        Some(Request::Swap(write)) => Some(write.expected) == loaded_last(client, &write.key),
        _ => true,
    })
});

/// No fault, nobody gives up for the crowd, and every replay asks what the one before asked.
pub const IN_ORDER: Law = always("nobody is told that the service is out of order", |_, state| {
    state.count(|outcome| matches!(outcome, Outcome::Failed(_))) == 0
});

/// For limits of two tries a code or two failures to a lock, and nobody who passes or unlocks.
pub const TWO_WRONG_AT_MOST: Law =
    always("two wrong verdicts at most", |_, state| state.count(Outcome::is_failure) <= 2);

/// The tries that are left are another number for each verdict.
pub const TRIES_DIFFER: Law = always("each wrong verdict is a try of its own", |_, state| {
    let mut seen = HashSet::new();
    state.outcomes().all(|outcome| match outcome {
        Outcome::Wrong(left) | Outcome::Superseded(left) => seen.insert(left),
        _ => true,
    })
});

/// With nothing lost, nobody's try is used up for nothing.
pub const TWO_WRONG_EXACTLY: Law = always("undisturbed, two wrong verdicts in the end", |_, state| {
    !state.is_final_and_undisturbed() || state.count(Outcome::is_failure) == 2
});

/// With nothing lost, the right code passes, once.
pub const ONE_PASSES: Law = always("undisturbed, exactly one passes in the end", |_, state| {
    !state.is_final_and_undisturbed() || state.count(Outcome::is_success) == 1
});

/// With nothing lost: either the right code came in time, or the tries were used up before it.
pub const PASSES_OR_TWO_WRONG: Law = always("undisturbed, one passes or two were wrong", |_, state| {
    let (passed, wrong) = (state.count(Outcome::is_success), state.count(Outcome::is_failure));
    !state.is_final_and_undisturbed() || (passed == 1 && wrong <= 1) || (passed == 0 && wrong == 2)
});

/// Once somebody was given a newer code, the one before it would not pass.
pub const RESENT_IS_DEAD: Law = always("the old code is dead once a newer one was issued", |race, state| {
    let resent = state.issued().next().is_some();
    !resent || !race.sent.iter().any(|passcode| race.opens(state, passcode))
});

/// A code that was replaced never passes, and one that passed is never replaced.
pub const OLD_OR_NEW: Law =
    always("the old code passes or a newer one is issued, never both", |race, state| {
        let old_passed = state.passed().any(|passcode| Some(passcode) == race.sent.as_ref());
        !old_passed || state.issued().next().is_none()
    });

/// Once a cancel was answered, the code would not pass.
pub const CANCELLED_IS_DEAD: Law = always("a code is dead once its cancel was answered", |race, state| {
    let cancelled = state.count(|outcome| *outcome == Outcome::Done) > 0;
    !cancelled || !race.sent.iter().any(|passcode| race.opens(state, passcode))
});

/// A success clears the failures and a lock keeps everybody out, so one of them is never followed by the other.
pub const PASSES_OR_LOCKED: Law =
    always("the code passes or the record is locked, never both", |_, state| {
        !(state.seen.locked && state.count(Outcome::is_success) > 0)
    });

/// With nothing lost, one of the two comes.
pub const PASSES_OR_LOCKED_EXACTLY: Law =
    always("undisturbed, it passes or is locked in the end", |_, state| {
        !state.is_final_and_undisturbed() || state.seen.locked != (state.count(Outcome::is_success) == 1)
    });

/// Two starts within the cooldown: one message, and one "already sent".
pub const ONE_MESSAGE: Law = always("at most one code is issued", |_, state| state.issued().count() <= 1);

/// With nothing lost, one of them gets a code, and the others are told that they came too soon.
pub const ONE_MESSAGE_EXACTLY: Law =
    always("undisturbed, one is issued a code and all others come too soon", |_, state| {
        let too_soon = state.count(|outcome| *outcome == Outcome::Refused(No::TooSoon));
        !state.is_final_and_undisturbed()
            || (state.issued().count() == 1 && too_soon == state.clients.len() - 1)
    });

/// The code that somebody was given is the one whose tag was written; for clients who enter nothing else, and meet nobody.
pub const ISSUED_IS_NOT_WRONG: Law = always("a code that was issued is never called wrong", |_, state| {
    state.count(|outcome| matches!(outcome, Outcome::Wrong(_))) == 0
});

/// Although replies were lost: who has the right code and meets nobody else is told that it is right.
pub const HONEST_PASSES: Law =
    always("whatever is lost, exactly one is told that the code is right", |_, state| {
        !state.is_final_and_whole() || state.count(Outcome::is_success) == 1
    });

/// Although replies were lost, and although others write too: one try is one failure.
pub const ONE_TRY_ONE_FAILURE: Law = always("whatever is lost, one try is one failure", |race, state| {
    usize::from(state.seen.failures) <= wrong_calls(race, Lane::Common)
});

/// Although replies were lost: nobody is told "already sent" when nobody was sent anything.
pub const ONE_CODE_EXACTLY: Law = always("whatever is lost, exactly one is issued a code", |_, state| {
    !state.is_final_and_whole() || state.issued().count() == 1
});

/// Whoever ends with the right code is told that it is right, whatever the others do.
pub const HOLDERS_PASS: Law = always("in the end, every holder's code has passed", |race, state| {
    let ends_right = |calls: &[Call]| calls.last() == Some(&Call::Check(Entry::Right));
    !state.is_final_and_whole()
        || state.clients.iter().zip(&race.scenario.clients).all(|(client, seat)| {
            !ends_right(&seat.calls) || client.outcomes.last().is_some_and(Outcome::is_success)
        })
});

/// However calls alternate between clocks, each clock has its quota once.
pub const BUDGET_A_CLOCK: Law = always("no more codes than clocks times the quota", |race, state| {
    let before = race.scenario.before.iter().filter(|call| **call == Call::Start).count();
    let budget = race.scenario.quota.map(|quota| usize::from(quota) * race.scenario.different_clocks());
    budget.is_none_or(|budget| before + state.issued().count() <= budget)
});

/// The same of guesses, where nobody passes or unlocks.
pub const GUESSES_A_CLOCK: Law =
    always("no more verdicts than clocks times failures to a lock", |race, state| {
        usize::from(state.told_wrong)
            <= usize::from(race.scenario.failures) * race.scenario.different_clocks()
    });

/// Where no clock is ahead of the lock's end: a lock is seen as long as its failures are.
pub const LOCK_LASTS: Law = always("as long as the failures are there, so is the lock", |race, state| {
    LANES.into_iter().all(|lane| {
        let seen = state.seen_in(lane);
        seen.locked || seen.failures < u16::from(race.scenario.failures)
    })
});

/// Whoever comes too soon has sent a code itself: others' clocks are far away.
pub const COOLDOWN_IS_NEAR: Law = always("only one's own server makes one wait", |_, state| {
    state.clients.iter().all(|client| {
        let first = client.outcomes.first();
        first.is_none_or(|outcome| *outcome != Outcome::Refused(No::TooSoon))
    })
});

/// A lane's failures are those of its own clients.
pub const LANES_APART: Law = always("a lane's failures are of its own clients", |race, state| {
    LANES.into_iter().all(|lane| usize::from(state.seen_in(lane).failures) <= wrong_calls(race, lane))
});

/// Somebody runs into somebody else's write.
pub const SEEN_CONFLICT: Law = sometimes("seen: a conflict", |_, state| state.has_conflict());

/// A success.
pub const SEEN_SUCCESS: Law = sometimes("seen: a success", |_, state| state.count(Outcome::is_success) > 0);

/// A success of somebody who did not get every reply.
pub const SEEN_SUCCESS_AFTER_LOSS: Law = sometimes("seen: a success after a lost reply", |_, state| {
    state.clients.iter().any(|client| {
        client.outcomes.iter().any(Outcome::is_success)
            && client.replies.contains(&Reply::Swapped(countersign::store::Swap::Unknown))
    })
});

/// Two wrong verdicts.
pub const SEEN_TWO_WRONG: Law =
    sometimes("seen: two wrong verdicts", |_, state| state.count(Outcome::is_failure) == 2);

/// A lock.
pub const SEEN_LOCKED: Law =
    sometimes("seen: somebody is told of a lock", |_, state| told(state, No::Locked));

/// No tries left.
pub const SEEN_NO_TRIES: Law =
    sometimes("seen: somebody has no tries left", |_, state| told(state, No::NoTriesLeft));

/// A code that was used before.
pub const SEEN_USED: Law =
    sometimes("seen: somebody is told of a used code", |_, state| told(state, No::AlreadyUsed));

/// A code that a newer one replaced.
pub const SEEN_SUPERSEDED: Law = sometimes("seen: somebody enters an old code", |_, state| {
    state.count(|outcome| matches!(outcome, Outcome::Superseded(_))) > 0
});

/// A challenge that is no more.
pub const SEEN_UNKNOWN: Law =
    sometimes("seen: somebody's challenge is gone", |_, state| told(state, No::UnknownHandle));

/// A cooldown.
pub const SEEN_TOO_SOON: Law =
    sometimes("seen: somebody comes too soon", |_, state| told(state, No::TooSoon));

/// A clock that is out of order.
pub const SEEN_CLOCK: Law =
    sometimes("seen: somebody's clock is out of order", |_, state| told(state, No::Clock));

/// Something done.
pub const SEEN_DONE: Law =
    sometimes("seen: something done", |_, state| state.count(|outcome| *outcome == Outcome::Done) > 0);

/// A lock in the common lane.
pub const SEEN_COMMON_LOCKED: Law = sometimes("seen: strangers are locked", |_, state| state.seen.locked);

/// A lock in the device's.
pub const SEEN_DEVICE_LOCKED: Law =
    sometimes("seen: the device is locked", |_, state| state.of_device.locked);

const LANES: [Lane; 2] = [Lane::Common, Lane::Device];

/// All codes that anybody was sent.
fn sent<'a>(race: &'a Race, state: &'a State) -> impl Iterator<Item = &'a Passcode> {
    race.sent.iter().chain(state.issued())
}

/// How many wrong codes are entered in a lane, if all calls are made.
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
