//! The laws of accounts: one failure budget over an authenticator, recovery codes and passcodes.

use countersign::account::Factor;

use super::{always, sometimes};
use crate::call::{Call, Entry, No, Outcome};
use crate::race::{Law, Race};
use crate::state::State;

/// The laws of every scenario with an account.
pub const FACTORS: [Law; 5] = [ONE_PASS, CHARGED_BEFORE, CHARGED_ONCE, CRASH_COSTS_ONE, WRONG_NEVER_PASSES];

/// Each factor has one code here.
pub const ONE_PASS: Law = always("each code of an account passes at most once", |_, state| {
    Factor::ALL.into_iter().all(|factor| passes(state, factor) <= 1)
});

/// A passcode or recovery code that passed was counted as a failure before, too.
pub const CHARGED_BEFORE: Law = always("no verdict before its failure is in the store", |_, state| {
    let charged = passes(state, Factor::Passcode) + passes(state, Factor::RecoveryCode);
    usize::from(state.told_wrong) + charged <= usize::from(state.counted)
});

/// Whatever is lost, each call is counted at most once.
pub const CHARGED_ONCE: Law = always("no call is counted twice", |race, state| {
    let seats = || race.scenario.clients.iter().flat_map(|seat| &seat.calls);
    let charged = seats().chain(&race.scenario.before).filter(|call| {
        matches!(call, Call::Prove(Factor::Passcode | Factor::RecoveryCode, _))
            || matches!(call, Call::Prove(Factor::Totp, Entry::Wrong))
    });
    usize::from(state.counted) <= charged.count()
});

/// A failure in the store belongs to a wrong code, or to a call whose caller was told no verdict: it
/// crashed, was contended, or was refused because the reply to its write was lost for so long that
/// the record no longer names it.
pub const CRASH_COSTS_ONE: Law = always("a failure is a wrong code, a crash or a lost reply", |_, state| {
    let contended = state.count(|outcome| *outcome == Outcome::Refused(No::Contended));
    let out_of_sight = state.clients.iter().filter(|client| client.is_refused_after_loss());
    let unknown = contended + out_of_sight.count() + usize::from(state.crashes);
    !state.is_final()
        || !state.in_flight.is_empty()
        || usize::from(state.account.failures) <= usize::from(state.told_wrong) + unknown
});

/// A call with a wrong code does not succeed.
pub const WRONG_NEVER_PASSES: Law = always("a wrong code never passes", |race, state| {
    calls(race, state)
        .all(|(call, outcome)| !matches!((call, outcome), (Call::Prove(_, Entry::Wrong), Outcome::Proven(_))))
});

/// For wrong codes only, of any mix of factors.
pub const WITHIN_BUDGET: Law = always("no more verdicts than failures to a lock", |race, state| {
    usize::from(state.told_wrong) <= usize::from(race.scenario.failures)
});

/// Successes of other factors refill no guesses at the authenticator.
pub const TOTP_WITHIN_BUDGET: Law =
    always("no more wrong codes of the authenticator than failures to a lock", |race, state| {
        let wrong = calls(race, state).filter(|(call, outcome)| {
            matches!((call, outcome), (Call::Prove(Factor::Totp, _), Outcome::Wrong(_)))
        });
        wrong.count() <= usize::from(race.scenario.failures)
    });

/// If nothing is lost, all wrong codes were told until the lock.
pub const ALL_TOLD: Law = always("undisturbed, as many verdicts as failures to a lock", |race, state| {
    !state.is_final_and_undisturbed() || usize::from(state.told_wrong) == usize::from(race.scenario.failures)
});

/// For the right code alone: its success, and the refunds of all others, leave nothing.
pub const NOTHING_LEFT: Law =
    always("in the end, one has passed and no failure and no lock is left", |_, state| {
        let is_contended = state.count(|outcome| *outcome == Outcome::Refused(No::Contended)) > 0;
        !state.is_final_and_whole()
            || is_contended
            || (state.count(Outcome::is_success) == 1 && state.account.failures == 0 && !state.account.locked)
    });

/// A client passes.
pub const SEEN_PASS: Law =
    sometimes("seen: a code of an account passes", |_, state| state.count(Outcome::is_success) > 0);

/// A client crashed between its charge and its verdict.
pub const SEEN_CHARGE_OF_A_CRASH: Law = sometimes("seen: a crash that costs a failure", |_, state| {
    state.is_final() && state.crashes > 0 && state.account.failures > state.told_wrong
});

/// The charge of a client locks the account, and its success or refund unlocks it.
pub const SEEN_UNLOCKED: Law =
    sometimes("seen: a lock is undone", |_, state| state.is_final() && state.has_unlocked);

/// The account is locked in the end.
pub const SEEN_ACCOUNT_LOCKED: Law =
    sometimes("seen: the account is locked", |_, state| state.is_final() && state.account.locked);

fn passes(state: &State, factor: Factor) -> usize {
    state.count(|outcome| *outcome == Outcome::Proven(factor))
}

/// Returns all calls that have ended, each with its outcome.
fn calls<'a>(race: &'a Race, state: &'a State) -> impl Iterator<Item = (&'a Call, &'a Outcome)> {
    let seats = race.scenario.clients.iter().zip(&state.clients);
    seats.flat_map(|(seat, client)| seat.calls.iter().zip(&client.outcomes))
}
