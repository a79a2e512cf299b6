//! The short forms of all searches, and proof that the laws can be broken.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use countersign_model::laws::factors as factor;
use countersign_model::laws::guesses as guess;
use countersign_model::scenarios::{
    SHORT, clocks, factors, forget, guesses, lanes, lost_replies, overwritten, races,
};
use countersign_model::{Defect, Findings, Law, Trial, explore, laws};

fn search(trial: Trial) -> Findings {
    explore(&trial.race().unwrap())
}

#[track_caller]
fn all_laws_hold(trials: Vec<Trial>) {
    for trial in trials {
        let (name, findings) = (trial.scenario.name, search(trial));
        assert!(findings.unseen.is_empty(), "{name}: never {:?}", findings.unseen);
        let broken: Vec<_> = findings.broken.iter().map(|it| format!("{}\n{}", it.law, it.trace)).collect();
        assert!(broken.is_empty(), "broken: {}", broken.join("\nbroken: "));
    }
}

#[test]
fn races_keep_all_laws() {
    all_laws_hold(races(SHORT));
}

#[test]
fn differing_clocks_keep_all_laws() {
    all_laws_hold(clocks(SHORT));
}

#[test]
fn strangers_and_known_devices_do_not_affect_each_other() {
    all_laws_hold(lanes(SHORT));
}

#[test]
fn forgotten_and_cancelled_challenges_stay_ended() {
    all_laws_hold(forget(SHORT));
}

#[test]
fn guesses_are_charged_before_they_are_compared() {
    all_laws_hold(guesses(SHORT));
}

#[test]
fn factors_of_an_account_keep_all_laws() {
    all_laws_hold(factors(SHORT));
}

/// A client that loses replies may be told too little, but nobody ever learns too much.
#[test]
fn lost_replies_keep_all_safety_laws() {
    let all = [lost_replies(SHORT), overwritten(SHORT)].concat();
    all_laws_hold(all.into_iter().map(|trial| Trial { laws: laws::ALWAYS.to_vec(), ..trial }).collect());
}

#[test]
fn lost_replies_cost_honest_clients_nothing() {
    all_laws_hold(lost_replies(SHORT));
}

#[test]
fn lost_replies_cost_honest_clients_nothing_when_others_write() {
    all_laws_hold(overwritten(SHORT));
}

/// Checks that a defect breaks this law of a race. As the only law, it ends the search when it
/// breaks.
#[track_caller]
fn detects(race: &str, defect: Defect, law: &Law) {
    let mut all = [races(SHORT), forget(SHORT), guesses(SHORT), factors(SHORT)].concat().into_iter();
    let trial = all.find(|trial| trial.scenario.name == race).unwrap();
    let findings = search(Trial { laws: vec![law.clone()], ..trial }.with_defect(defect));
    assert!(!findings.broken.is_empty(), "{race}, {defect:?}: {} holds", law.name);
}

#[test]
fn detects_a_verdict_before_its_swap() {
    detects("wrong guesses, two attempts", Defect::AppliedTooSoon, &laws::COUNTED);
    detects("wrong guesses, two attempts", Defect::AppliedTooSoon, &laws::TWO_WRONG_AT_MOST);
    detects("right submissions", Defect::AppliedTooSoon, &laws::ONE_SUCCESS);
}

#[test]
fn detects_an_ignored_conflict() {
    detects("wrong guesses, two attempts", Defect::ConflictSaidApplied, &laws::TWO_WRONG_AT_MOST);
    detects("wrong guesses, lock after two", Defect::ConflictSaidApplied, &laws::TRIES_DIFFER);
    detects("right submissions", Defect::ConflictSaidApplied, &laws::ONE_SUCCESS);
    detects("right and wrong", Defect::ConflictSaidApplied, &laws::COUNTED);
    detects("double click", Defect::ConflictSaidApplied, &laws::ONE_MESSAGE);
}

#[test]
fn detects_an_applied_stale_write() {
    detects("wrong guesses, two attempts", Defect::StaleWrites, &laws::TWO_WRONG_AT_MOST);
    detects("check with resend", Defect::StaleWrites, &laws::OLD_OR_NEW);
    detects("check with cancel", Defect::StaleWrites, &laws::CANCELLED_IS_INVALID);
    detects("check with lock-out", Defect::StaleWrites, &laws::PASSES_OR_LOCKED);
}

#[test]
fn detects_a_lost_reply_treated_as_success() {
    detects("wrong guesses, two attempts", Defect::LostSaidApplied, &laws::COUNTED);
    detects("right submissions", Defect::LostSaidApplied, &laws::USED_IS_INVALID);
    detects("check with resend", Defect::LostSaidApplied, &laws::RESENT_IS_INVALID);
}

#[test]
fn detects_a_forget_without_a_marker() {
    detects("forget with start", Defect::ForgetsAtOnce, &laws::USED_IS_INVALID);
    detects("forget: one's own start", Defect::ForgetsAtOnce, &laws::ENDED_IS_INVALID);
}

#[test]
fn detects_a_guess_with_a_verdict_before_its_write() {
    detects("guess: the secret twice", Defect::AppliedTooSoon, &guess::COMPARED);
    detects("guess: the secret twice", Defect::RevealsAtTheCharge, &guess::COMPARED);
    detects("guess: the secret twice", Defect::RevealsAtTheCharge, &guess::ONE_RIGHT);
}

#[test]
fn detects_a_guess_that_ignores_a_conflict_or_a_lost_reply() {
    detects("guess: the secret twice", Defect::ConflictSaidApplied, &guess::ONE_RIGHT);
    detects("guess: the secret twice", Defect::StaleWrites, &guess::CHARGED);
    detects("guess: the last charge", Defect::StaleWrites, &guess::CHARGED);
    detects("guess: the secret twice", Defect::LostSaidApplied, &guess::COMPARED);
}

#[test]
fn detects_a_guess_compared_before_its_charge() {
    detects("guess: right", Defect::ChargesAfterwards, &guess::CHARGED_FIRST);
}

#[test]
fn detects_a_guess_that_does_not_recognise_its_writes() {
    detects("guess: right", Defect::DoesNotRecogniseWrites, &guess::CHARGED_ONCE);
    detects("guess: right", Defect::DoesNotRecogniseWrites, &guess::RIGHT_PASSES);
    detects("guess: overtaken by three, read at once", Defect::ForgetsItsCharge, &guess::CHARGE_IN_SIGHT);
    detects("guess: overtaken by three, read at once", Defect::ChargesOnceMore, &guess::CHARGED_ONCE);
}

#[test]
fn detects_an_account_with_a_verdict_before_its_write() {
    detects("factor: totp twice", Defect::AppliedTooSoon, &factor::ONE_PASS);
    detects("factor: a recovery code twice", Defect::AppliedTooSoon, &factor::ONE_PASS);
    detects("factor: the last failure", Defect::AppliedTooSoon, &factor::CHARGED_BEFORE);
    detects("factor: the last failure", Defect::AppliedTooSoon, &factor::WITHIN_BUDGET);
}

#[test]
fn detects_an_account_that_ignores_a_conflict_or_a_lost_reply() {
    detects("factor: a passcode twice", Defect::ConflictSaidApplied, &factor::ONE_PASS);
    detects("factor: a recovery code twice", Defect::StaleWrites, &factor::ONE_PASS);
    detects("factor: a guess at each", Defect::StaleWrites, &factor::WITHIN_BUDGET);
    detects("factor: a guess at each", Defect::ConflictSaidApplied, &factor::CHARGED_BEFORE);
    detects("factor: totp twice", Defect::LostSaidApplied, &factor::ONE_PASS);
    detects("factor: the last failure", Defect::LostSaidApplied, &factor::CHARGED_BEFORE);
}

#[test]
fn detects_an_account_whose_charges_are_not_settled() {
    detects("factor: a recovery code", Defect::NeverSettles, &factor::NOTHING_LEFT);
    detects("factor: a passcode twice", Defect::NeverSettles, &factor::NOTHING_LEFT);
    detects("factor: the last attempt is right", Defect::NeverSettles, &factor::CRASH_COSTS_ONE);
}
