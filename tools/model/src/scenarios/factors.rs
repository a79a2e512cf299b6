//! The real calls of an account: checks of an authenticator, of recovery codes and of passcodes,
//! over one failure budget.

use countersign::account::Factor::{self, Passcode, RecoveryCode, Totp};

use super::Size;
use crate::call::Call::{self, Import, Prove, Remove};
use crate::call::Entry::{Right, Wrong};
use crate::laws::factors::*;
use crate::laws::{SEEN_CONFLICT, SEEN_LOCKED, SEEN_USED};
use crate::scenario::{Faults, Reads, Scenario};
use crate::trial::Trial;

/// A limit that is never reached.
const PLENTY: u8 = 10;

/// Returns the scenarios of accounts. As with guesses, there are so many states that the short form
/// has no crashes where several clients write, nor has the long form in crowds with right codes.
#[must_use]
pub fn factors(size: Size) -> Vec<Trial> {
    let is_long = size.crowd > 3;
    let whole = Faults { lost: 1, crashes: 0 };
    let several = if is_long { Faults { crashes: 1, ..whole } } else { whole };
    let alone = alone().into_iter().map(|trial| trial.faults(size.alone));
    let pairs = [pairs(), crowds()].concat().into_iter().map(|trial| trial.faults(several));
    let mut all: Vec<Trial> = alone.chain(pairs).collect();
    if is_long {
        all.extend(in_each_order().into_iter().map(|trial| trial.faults(several)));
        all.extend(crowds_with_right_codes().into_iter().map(|trial| trial.faults(whole)));
    }
    all.into_iter().map(|trial| trial.laws(&FACTORS)).collect()
}

const fn right(factor: Factor) -> Call {
    Prove(factor, Right)
}

const fn wrong(factor: Factor) -> Call {
    Prove(factor, Wrong)
}

fn scenario(name: &'static str, clients: Vec<Vec<Call>>) -> Scenario {
    Scenario::new(name, clients).tries(5).lock_after(PLENTY)
}

fn alone() -> Vec<Trial> {
    let passes = |name, factor| scenario(name, vec![vec![right(factor)]]).laws(&[NOTHING_LEFT, SEEN_PASS]);
    vec![
        passes("factor: totp", Totp),
        passes("factor: a recovery code", RecoveryCode).laws(&[SEEN_CHARGE_OF_A_CRASH]),
        passes("factor: a passcode", Passcode).laws(&[SEEN_CHARGE_OF_A_CRASH]),
        scenario("factor: the last attempt is right", vec![vec![wrong(Totp), right(RecoveryCode)]])
            .lock_after(2)
            .laws(&[SEEN_PASS, SEEN_UNLOCKED, SEEN_CHARGE_OF_A_CRASH]),
        scenario("factor: one after the other", vec![vec![wrong(Totp), wrong(RecoveryCode), right(Totp)]])
            .lock_after(2)
            .laws(&[WITHIN_BUDGET, ALL_TOLD, SEEN_LOCKED, SEEN_ACCOUNT_LOCKED]),
    ]
}

fn twice(name: &'static str, factor: Factor, reads: Reads) -> Trial {
    scenario(name, vec![vec![right(factor)]; 2]).reads(reads).laws(&[
        NOTHING_LEFT,
        SEEN_PASS,
        SEEN_USED,
        SEEN_CONFLICT,
    ])
}

fn pairs() -> Vec<Trial> {
    vec![
        twice("factor: totp twice", Totp, Reads::AtOnce),
        twice("factor: a recovery code twice", RecoveryCode, Reads::AtOnce),
        twice("factor: a passcode twice", Passcode, Reads::AtOnce),
        scenario("factor: the last failure", vec![vec![wrong(Totp)], vec![wrong(RecoveryCode)]])
            .lock_after(1)
            .reads(Reads::AtOnce)
            .laws(&[WITHIN_BUDGET, ALL_TOLD, SEEN_LOCKED, SEEN_CONFLICT]),
        scenario("factor: two at the last attempt", vec![vec![right(RecoveryCode)]; 2])
            .lock_after(2)
            .reads(Reads::AtOnce)
            .laws(&[NOTHING_LEFT, SEEN_PASS, SEEN_UNLOCKED]),
        scenario(
            "factor: totp, and its secret again",
            vec![vec![right(Totp)], vec![Remove, Import, right(Totp)]],
        )
        .reads(Reads::AtOnce)
        .laws(&[SEEN_PASS, SEEN_USED, SEEN_CONFLICT]),
    ]
}

/// The two records are read one after the other, with writes in between.
fn in_each_order() -> Vec<Trial> {
    vec![
        twice("factor: a recovery code twice, in order", RecoveryCode, Reads::InOrder),
        twice("factor: a recovery code twice, backwards", RecoveryCode, Reads::Reversed),
        twice("factor: a passcode twice, in order", Passcode, Reads::InOrder),
        twice("factor: a passcode twice, backwards", Passcode, Reads::Reversed),
    ]
}

fn at_once(name: &'static str, clients: Vec<Vec<Call>>) -> Scenario {
    scenario(name, clients).reads(Reads::AtOnce).lock_after(2)
}

fn crowds() -> Vec<Trial> {
    vec![
        at_once(
            "factor: a guess at each",
            vec![vec![wrong(Totp)], vec![wrong(RecoveryCode)], vec![wrong(Passcode)]],
        )
        .laws(&[WITHIN_BUDGET, ALL_TOLD, SEEN_LOCKED, SEEN_CONFLICT]),
        at_once(
            "factor: guesses beside the first factor",
            vec![vec![wrong(Totp), wrong(Totp), wrong(Totp)], vec![right(Passcode)]],
        )
        .laws(&[TOTP_WITHIN_BUDGET, SEEN_PASS, SEEN_LOCKED]),
    ]
}

fn crowds_with_right_codes() -> Vec<Trial> {
    vec![
        at_once("factor: a recovery code by a crowd", vec![vec![right(RecoveryCode)]; 3]).laws(&[
            NOTHING_LEFT,
            SEEN_PASS,
            SEEN_USED,
            SEEN_LOCKED,
        ]),
        at_once(
            "factor: right and wrong",
            vec![vec![right(RecoveryCode)], vec![wrong(RecoveryCode)], vec![wrong(Totp)]],
        )
        .laws(&[TOTP_WITHIN_BUDGET, SEEN_PASS, SEEN_LOCKED]),
    ]
}
