use core::time::Duration;

use super::*;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
const HOUR: Duration = Duration::from_secs(3600);
const MS: Duration = Duration::from_millis(1);

use Factor::{Passcode, RecoveryCode, Totp};
use Group::{Common, Trusted};

/// A budget with the default limits, in which charges are made at one time.
#[derive(Default)]
struct Account(Budget);

impl Account {
    fn charge_at(&mut self, at: Timestamp, group: Group, factor: Factor) -> ChargeId {
        self.0.run_out(at);
        assert_eq!(self.0.lock(group, at), None, "locked accounts are not charged");
        self.0.charge(group, factor, 100, at, &Limits::DEFAULT)
    }

    fn charge(&mut self, group: Group, factor: Factor) -> ChargeId {
        self.charge_at(NOW, group, factor)
    }

    fn charges_at(&mut self, at: Timestamp, times: u16, group: Group, factor: Factor) {
        (0..times).for_each(|_| {
            self.charge_at(at, group, factor);
        });
    }

    fn charges(&mut self, times: u16, group: Group, factor: Factor) {
        self.charges_at(NOW, times, group, factor);
    }
}

#[test]
fn a_success_clears_its_own_factor_only() {
    let mut account = Account::default();
    account.charges(5, Common, Totp);
    account.charges(3, Common, Passcode);
    let right = account.charge(Common, Passcode);
    account.0.settle(right);
    assert_eq!(account.0.sum(), 5, "whoever holds the first factor cannot guess the second for ever");
    account.0.succeed(Common, Totp);
    assert_eq!(account.0.sum(), 0);
}

#[test]
fn locks_go_by_the_sum_over_all_factors() {
    let mut account = Account::default();
    account.charges(4, Common, Passcode);
    account.charges(3, Common, Totp);
    account.charges(2, Common, RecoveryCode);
    assert_eq!(account.0.tries_left(Common, NOW, &Limits::DEFAULT), 1);
    account.charge(Common, RecoveryCode);
    assert_eq!(account.0.lock(Common, NOW), Some(Lock::Until(NOW + HOUR)));
    assert_eq!(account.0.tries_left(Common, NOW, &Limits::DEFAULT), 0);
    assert_eq!(account.0.lock(Common, NOW + HOUR - MS), Some(Lock::Until(NOW + HOUR)));
    assert_eq!(account.0.lock(Common, NOW + HOUR), None);
    assert_eq!(account.0.tries_left(Common, NOW + HOUR, &Limits::DEFAULT), 10);
}

#[test]
fn every_tenth_failure_doubles_the_lock_up_to_a_day() {
    let mut account = Account::default();
    let mut now = NOW;
    for hours in [1, 2, 4, 8, 16, 24, 24, 24, 24] {
        account.charges_at(now, 10, Common, Totp);
        assert_eq!(account.0.lock(Common, now), Some(Lock::Until(now + hours * HOUR)));
        now = now + hours * HOUR;
    }
    account.charges_at(now, 10, Common, Totp);
    for group in Group::ALL {
        assert_eq!(account.0.lock(group, now), Some(Lock::Closed));
    }
    assert_eq!(account.0.keep_until(), Timestamp::MAX);
    account.0.run_out(Timestamp::MAX - MS);
    assert_eq!(account.0.lock(Trusted, Timestamp::MAX - MS), Some(Lock::Closed), "until it is unlocked");
}

#[test]
fn a_right_tenth_attempt_undoes_the_lock_of_its_own_charge() {
    let mut account = Account::default();
    account.charges(9, Common, Totp);
    for _ in 0..3 {
        let right = account.charge(Common, Passcode);
        assert!(account.0.lock(Common, NOW).is_some());
        account.0.settle(right);
        assert_eq!((account.0.lock(Common, NOW), account.0.sum()), (None, 9));
    }
    account.charge(Common, Totp);
    assert_eq!(account.0.lock(Common, NOW), Some(Lock::Until(NOW + HOUR)), "the first that stands");
}

#[test]
fn a_success_does_not_end_the_lock_of_another_charge() {
    let mut account = Account::default();
    account.charges(8, Common, Passcode);
    let right = account.charge(Common, Passcode);
    account.charge(Common, Passcode);
    account.0.settle(right);
    assert_eq!((account.0.sum(), account.0.lock(Common, NOW)), (1, Some(Lock::Until(NOW + HOUR))));
}

#[test]
fn a_refund_takes_back_the_charge_and_its_lock() {
    let mut account = Account::default();
    account.charges(9, Common, Totp);
    let tenth = account.charge(Common, Passcode);
    (0..2).for_each(|_| account.0.refund(tenth));
    assert_eq!((account.0.sum(), account.0.lock(Common, NOW)), (9, None));
    account.charge(Common, Totp);
    assert_eq!(account.0.lock(Common, NOW), Some(Lock::Until(NOW + HOUR)));
}

#[test]
fn crossing_ten_again_locks_again() {
    let mut account = Account::default();
    account.charges(6, Common, Totp);
    account.charges(4, Common, Passcode);
    let later = NOW + HOUR;
    let right = account.charge_at(later, Common, Passcode);
    account.0.settle(right);
    assert_eq!(account.0.sum(), 6);
    account.charges_at(later, 4, Common, RecoveryCode);
    assert_eq!(account.0.lock(Common, later), Some(Lock::Until(later + 2 * HOUR)), "and doubles");
}

#[test]
fn doubling_starts_over_when_no_failure_is_left() {
    let mut account = Account::default();
    account.charges(10, Common, Totp);
    account.0.succeed(Common, Totp);
    assert_eq!(account.0.lock(Common, NOW), Some(Lock::Until(NOW + HOUR)), "a lock in force stays");
    let later = NOW + HOUR;
    account.charges_at(later, 10, Common, Totp);
    assert_eq!(account.0.lock(Common, later), Some(Lock::Until(later + HOUR)));
}

#[test]
fn trusted_devices_are_locked_apart_and_closed_together() {
    let mut account = Account::default();
    let mut now = NOW;
    for _ in 0..5 {
        account.charges_at(now, 10, Common, Totp);
        assert_eq!(account.0.lock(Trusted, now), None, "a stranger's lock does not stop the owner");
        account.charges_at(now, 9, Trusted, Totp);
        assert_eq!(account.0.tries_left(Trusted, now, &Limits::DEFAULT), 1);
        account.charge_at(now, Trusted, Totp);
        now = now + Duration::from_secs(86_400);
    }
    assert_eq!(account.0.sum(), 100);
    assert!(Group::ALL.iter().all(|&group| account.0.lock(group, now) == Some(Lock::Closed)));
}

#[test]
fn a_right_hundredth_attempt_undoes_the_closing() {
    let mut account = Account::default();
    let mut now = NOW;
    for _ in 0..9 {
        account.charges_at(now, 10, Common, Totp);
        now = now + Duration::from_secs(86_400);
    }
    account.charges_at(now, 9, Trusted, Totp);
    assert_eq!(account.0.tries_left(Common, now, &Limits::DEFAULT), 1, "the account would be closed");
    let hundredth = account.charge_at(now, Common, Passcode);
    assert_eq!(account.0.lock(Trusted, now), Some(Lock::Closed));
    account.0.settle(hundredth);
    assert_eq!((account.0.lock(Common, now), account.0.sum()), (None, 99));
    let again = account.charge_at(now, Trusted, RecoveryCode);
    assert_eq!(account.0.lock(Common, now), Some(Lock::Closed));
    account.0.refund(again);
    assert_eq!((account.0.lock(Common, now), account.0.sum()), (None, 99));
}

#[test]
fn each_factor_is_forgotten_by_itself() {
    let month = 30 * 24 * HOUR;
    let mut account = Account::default();
    account.charges(2, Common, Totp);
    account.charge_at(NOW + HOUR, Common, Passcode);
    assert_eq!(account.0.keep_until(), NOW + HOUR + month + DAY, "a day longer than they count");
    account.0.run_out(NOW + month - MS);
    assert_eq!(account.0.sum(), 3);
    account.0.run_out(NOW + month);
    assert_eq!(account.0.sum(), 1);
    account.0.run_out(NOW + HOUR + month);
    assert_eq!((account.0.sum(), account.0.keep_until()), (0, Timestamp::EPOCH));
}

#[test]
fn memory_of_all_factors_begins_when_the_lock_ends() {
    let (day, week) = (24 * HOUR, 7 * 24 * HOUR);
    let limits = Limits::default().with_lock(week).unwrap().with_failure_memory(day).unwrap();
    let mut budget = Budget::default();
    for _ in 0..9 {
        budget.charge(Common, Totp, 100, NOW, &limits);
    }
    budget.charge(Common, Passcode, 100, NOW, &limits);
    budget.run_out(NOW + week + day - MS);
    assert_eq!(budget.sum(), 10);
    budget.run_out(NOW + week + day);
    assert_eq!(budget.sum(), 0);
}

#[test]
fn another_verifiers_limits_shorten_nothing() {
    let week = 7 * 24 * HOUR;
    let strict = Limits::default().with_lock(week).unwrap().with_failures_before_lock(1).unwrap();
    let lax = Limits::default().with_failures_before_lock(2).unwrap().with_failure_memory(24 * HOUR).unwrap();
    let mut budget = Budget::default();
    let first = budget.charge(Common, Totp, 100, NOW, &strict);
    let kept = budget.keep_until();
    budget.charge(Common, Totp, 100, NOW, &lax);
    assert_eq!(budget.lock(Common, NOW), Some(Lock::Until(NOW + week)));
    assert!(budget.keep_until() >= kept);
    budget.refund(first);
    assert_eq!(budget.lock(Common, NOW), None, "the longer lock was the first charge's");
}

#[test]
fn an_operator_clears_everything_but_the_numbers() {
    let mut account = Account::default();
    let ids: [ChargeId; 9] = core::array::from_fn(|_| account.charge(Common, Totp));
    account.charges(1, Trusted, Passcode);
    account.charges(1, Common, Passcode);
    account.0.clear();
    assert_eq!((account.0.sum(), account.0.lock(Common, NOW)), (0, None));
    assert_eq!(account.0.keep_until(), Timestamp::EPOCH);
    let next = account.charge(Common, Totp);
    account.0.settle(ids[8]);
    account.0.refund(ids[0]);
    assert_eq!((account.0.sum(), next.number), (1, ids[8].number + 1));
}

#[test]
fn charges_of_a_forgotten_record_change_nothing() {
    let (mut account, mut next) = (Account::default(), Account::default());
    let old = account.charge(Common, Totp);
    let fresh = next.0.charge(Common, Totp, 1_000_000, NOW, &Limits::DEFAULT);
    assert!(next.0.knows(fresh) && !next.0.knows(old) && !Budget::default().knows(old));
    next.0.settle(old);
    next.0.refund(old);
    assert_eq!(next.0.sum(), 1);
}
