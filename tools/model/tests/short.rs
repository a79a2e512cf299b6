//! The short forms of all searches, and the proof that the laws can be broken.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use countersign_model::laws::guesses as guess;
use countersign_model::scenarios::{SHORT, clocks, forget, guesses, lanes, lost_replies, overwritten, races};
use countersign_model::{Findings, Law, Skew, Trial, explore, laws};

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
fn every_race_keeps_its_laws() {
    all_laws_hold(races(SHORT));
}

#[test]
fn clocks_that_differ_gain_nothing_and_cost_the_honest_nothing() {
    all_laws_hold(clocks(SHORT));
}

#[test]
fn strangers_and_a_known_device_cannot_reach_each_other() {
    all_laws_hold(lanes(SHORT));
}

#[test]
fn what_was_forgotten_or_cancelled_stays_so() {
    all_laws_hold(forget(SHORT));
}

#[test]
fn guesses_are_charged_before_they_are_compared() {
    all_laws_hold(guesses(SHORT));
}

/// Whoever loses replies may be told too little, but nobody ever learns too much.
#[test]
fn lost_replies_break_no_law_of_safety() {
    let all = [lost_replies(SHORT), overwritten(SHORT)].concat();
    all_laws_hold(all.into_iter().map(|trial| Trial { laws: laws::ALWAYS.to_vec(), ..trial }).collect());
}

#[test]
fn lost_replies_cost_the_honest_nothing() {
    all_laws_hold(lost_replies(SHORT));
}

#[test]
fn lost_replies_cost_the_honest_nothing_even_when_others_write() {
    all_laws_hold(overwritten(SHORT));
}

/// Whether this law of a race breaks when something is broken on purpose. Alone, it ends the search as it does.
#[track_caller]
fn finds_out(race: &str, skew: Skew, law: &Law) {
    let mut all = [races(SHORT), forget(SHORT), guesses(SHORT)].concat().into_iter();
    let trial = all.find(|trial| trial.scenario.name == race).unwrap();
    let findings = search(Trial { laws: vec![law.clone()], ..trial }.skewed(skew));
    assert!(!findings.broken.is_empty(), "{race}, {skew:?}: {} holds", law.name);
}

#[test]
fn a_verdict_before_its_swap_is_found_out() {
    finds_out("wrong guesses, two tries", Skew::AppliedTooSoon, &laws::COUNTED);
    finds_out("wrong guesses, two tries", Skew::AppliedTooSoon, &laws::TWO_WRONG_AT_MOST);
    finds_out("right submissions", Skew::AppliedTooSoon, &laws::ONE_SUCCESS);
}

#[test]
fn a_conflict_that_is_ignored_is_found_out() {
    finds_out("wrong guesses, two tries", Skew::ConflictSaidApplied, &laws::TWO_WRONG_AT_MOST);
    finds_out("wrong guesses, lock after two", Skew::ConflictSaidApplied, &laws::TRIES_DIFFER);
    finds_out("right submissions", Skew::ConflictSaidApplied, &laws::ONE_SUCCESS);
    finds_out("right and wrong", Skew::ConflictSaidApplied, &laws::COUNTED);
    finds_out("double click", Skew::ConflictSaidApplied, &laws::ONE_MESSAGE);
}

#[test]
fn a_stale_write_that_wins_is_found_out() {
    finds_out("wrong guesses, two tries", Skew::StaleWrites, &laws::TWO_WRONG_AT_MOST);
    finds_out("check with resend", Skew::StaleWrites, &laws::OLD_OR_NEW);
    finds_out("check with cancel", Skew::StaleWrites, &laws::CANCELLED_IS_DEAD);
    finds_out("check with lock-out", Skew::StaleWrites, &laws::PASSES_OR_LOCKED);
}

#[test]
fn a_lost_reply_taken_for_a_success_is_found_out() {
    finds_out("wrong guesses, two tries", Skew::LostSaidApplied, &laws::COUNTED);
    finds_out("right submissions", Skew::LostSaidApplied, &laws::USED_IS_DEAD);
    finds_out("check with resend", Skew::LostSaidApplied, &laws::RESENT_IS_DEAD);
}

#[test]
fn a_forget_that_leaves_nothing_behind_is_found_out() {
    finds_out("forget with start", Skew::ForgetsAtOnce, &laws::USED_IS_DEAD);
    finds_out("forget: one's own start", Skew::ForgetsAtOnce, &laws::ENDED_IS_DEAD);
}

#[test]
fn a_guess_whose_verdict_comes_before_a_write_is_found_out() {
    finds_out("guess: the secret twice", Skew::AppliedTooSoon, &guess::COMPARED);
    finds_out("guess: the secret twice", Skew::RevealsAtTheCharge, &guess::COMPARED);
    finds_out("guess: the secret twice", Skew::RevealsAtTheCharge, &guess::ONE_RIGHT);
}

#[test]
fn a_guess_that_ignores_a_conflict_or_a_lost_reply_is_found_out() {
    finds_out("guess: the secret twice", Skew::ConflictSaidApplied, &guess::ONE_RIGHT);
    finds_out("guess: the secret twice", Skew::StaleWrites, &guess::CHARGED);
    finds_out("guess: the last charge", Skew::StaleWrites, &guess::CHARGED);
    finds_out("guess: the secret twice", Skew::LostSaidApplied, &guess::COMPARED);
}

#[test]
fn a_guess_that_is_compared_before_it_is_charged_is_found_out() {
    finds_out("guess: right", Skew::ChargesAfterwards, &guess::CHARGED_FIRST);
}

#[test]
fn a_guess_that_does_not_know_its_writes_again_is_found_out() {
    finds_out("guess: right", Skew::KnowsNoWriteAgain, &guess::CHARGED_ONCE);
    finds_out("guess: right", Skew::KnowsNoWriteAgain, &guess::RIGHT_PASSES);
    finds_out("guess: overtaken by three, read at once", Skew::ForgetsItsCharge, &guess::CHARGE_IN_SIGHT);
    finds_out("guess: overtaken by three, read at once", Skew::ChargesOnceMore, &guess::CHARGED_ONCE);
}
