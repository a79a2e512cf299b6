//! The laws of guesses, which involve two records: a budget, and then a factor.

use std::collections::HashSet;

use super::{always, sometimes};
use crate::account::{Name, Verdict};
use crate::call::{No, Outcome};
use crate::race::Law;
use crate::replay::Request;
use crate::state::State;

/// The laws of every scenario with guesses.
pub const GUESSES: [Law; 8] = [
    CHARGED,
    CHARGED_ONCE,
    CHARGED_FIRST,
    COMPARED,
    ONE_RIGHT,
    WITHIN_BUDGET,
    CHARGE_IN_SIGHT,
    LOCKED_IS_FREE,
];

/// There are never more verdicts than charges.
pub const CHARGED: Law = always("no verdict without its own charge", |_, state| {
    state.guessed().all(|(name, _)| state.budget.charged.contains(&name))
});

/// Whatever is lost or crashes, a call is charged at most once.
pub const CHARGED_ONCE: Law = always("no call is charged twice", |_, state| {
    let mut seen = HashSet::new();
    state.budget.charged.iter().all(|name| seen.insert(*name))
});

/// The budget is written before the factor. A crash in between leaves only a charge.
pub const CHARGED_FIRST: Law = always("nothing is compared before it is charged", |_, state| {
    state.factor.tried.iter().all(|name| state.budget.charged.contains(name))
});

/// A crash in between leaves no verdict.
pub const COMPARED: Law = always("no verdict before the factor is written", |_, state| {
    state.guessed().all(|(name, verdict)| {
        state.factor.tried.contains(&name) && (verdict == Verdict::Wrong || state.factor.used)
    })
});

/// A secret succeeds once.
pub const ONE_RIGHT: Law = always("a secret succeeds at most once", |_, state| {
    state.guessed().filter(|(_, verdict)| *verdict == Verdict::Right).count() <= 1
});

/// A caller beyond the budget learns nothing, because it has no charge.
pub const WITHIN_BUDGET: Law = always("no charge and no verdict beyond the budget", |race, state| {
    let limit = usize::from(race.scenario.failures);
    state.budget.charged.len() <= limit && state.guessed().count() <= limit
});

/// Every write of the budget is a charge, so the last three charged calls are its last three
/// writers.
pub const CHARGE_IN_SIGHT: Law =
    always("a comparing client has seen its charge among the budget's last three writes", |race, state| {
        let (budget, factor) = (race.account().budget_key(), race.account().factor_key());
        (1..).zip(&state.clients).all(|(number, client)| match &client.pending {
            Some(Request::Swap(write)) if write.key == factor => {
                let name = Name::new(number, client.outcomes.len());
                let mut records = client.loaded(&budget).flatten();
                records.any(|(record, _)| race.account().last_charged(record).contains(&name))
            }
            _ => true,
        })
    });

/// A refusal writes nothing.
pub const LOCKED_IS_FREE: Law =
    always("a client told that the budget is used up was not charged", |_, state| {
        state.told().all(|(name, outcome)| {
            *outcome != Outcome::Refused(No::Locked) || !state.budget.charged.contains(&name)
        })
    });

/// For a correct guess that meets no other client, or too few to push its charge out of sight.
pub const RIGHT_PASSES: Law =
    always("whatever is lost, exactly one is told that the guess is correct", |_, state| {
        !state.is_final_and_whole() || right(state) == 1
    });

/// The same where many write: a client without a verdict was told that it is contended.
pub const RIGHT_OR_CONTENDED: Law =
    always("whatever is lost, one guess is correct or a client is contended", |_, state| {
        !state.is_final_and_whole() || right(state) == 1 || is_told(state, No::Contended)
    });

/// For wrong guesses alone: if nothing is lost, the budget is fully used.
pub const ALL_CHARGED: Law = always("undisturbed, as many charges as guesses or budget", |race, state| {
    let guesses: usize = race.scenario.clients.iter().map(|seat| seat.calls.len()).sum();
    let expected = guesses.min(race.scenario.failures.into());
    !state.is_final_and_undisturbed() || state.budget.charged.len() == expected
});

/// The reply to the charge is lost, and a verdict is given all the same.
pub const SEEN_LOST_CHARGE: Law =
    sometimes("seen: a verdict after a lost reply to the charge", |race, state| {
        has_lost(state, |client| client.has_lost(&race.account().budget_key()))
    });

/// The reply to the second write is lost, and a verdict is given all the same.
pub const SEEN_LOST_COMPARISON: Law =
    sometimes("seen: a verdict after a lost reply to the comparison", |race, state| {
        has_lost(state, |client| client.has_lost(&race.account().factor_key()))
    });

/// There is one charge, and nothing else of the call will ever be written.
pub const SEEN_CRASH_BETWEEN: Law = sometimes("seen: a crash between the two writes", |_, state| {
    crashed(state).any(|(client, name)| {
        state.budget.charged.contains(&name)
            && !state.factor.tried.contains(&name)
            && state.in_flight.iter().all(|write| write.client != client)
    })
});

/// The client crashed after its comparison was written: nobody gets the verdict.
pub const SEEN_CRASH_BEFORE_VERDICT: Law = sometimes("seen: a crash after the second write", |_, state| {
    crashed(state).any(|(_, name)| state.factor.tried.contains(&name))
});

/// A charge is no longer named by the record, and remains.
pub const SEEN_CONTENDED: Law = sometimes("seen: a charge out of sight", |_, state| {
    state.told().any(|(name, outcome)| {
        *outcome == Outcome::Refused(No::Contended) && state.budget.charged.contains(&name)
    })
});

/// A call was charged but not compared, because the secret was used in between.
pub const SEEN_CHARGED_FOR_NOTHING: Law =
    sometimes("seen: a charge, and the secret was used in between", |_, state| {
        state.told().any(|(name, outcome)| {
            *outcome == Outcome::Refused(No::AlreadyUsed) && state.budget.charged.contains(&name)
        })
    });

/// A guess is correct.
pub const SEEN_RIGHT: Law = sometimes("seen: a correct guess", |_, state| right(state) == 1);

fn right(state: &State) -> usize {
    state.guessed().filter(|(_, verdict)| *verdict == Verdict::Right).count()
}

fn is_told(state: &State, no: No) -> bool {
    state.outcomes().any(|outcome| *outcome == Outcome::Refused(no))
}

fn has_lost(state: &State, lost: impl Fn(&crate::state::Client) -> bool) -> bool {
    state
        .clients
        .iter()
        .any(|client| lost(client) && matches!(client.outcomes.as_slice(), [Outcome::Guessed(_)]))
}

/// Returns the crashed clients, each with the call that it did not complete.
fn crashed(state: &State) -> impl Iterator<Item = (usize, Name)> {
    state
        .clients
        .iter()
        .enumerate()
        .filter(|(_, client)| client.crashed)
        .map(|(place, client)| (place, Name::new(place + 1, client.outcomes.len())))
}
