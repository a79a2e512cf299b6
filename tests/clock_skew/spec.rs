//! Limits that a short sequence of calls reaches.

use std::time::Duration;

use countersign::{Lifetime, Limits, SendQuota};

pub use countersign_tests::desk::{DAY, HOUR, MINUTE, SECOND};

/// Limits, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Each quota: the number of sends, and its window.
    pub quotas: &'static [(u64, u64)],
    pub cooldown: u64,
    pub tries: u32,
    pub failures: u32,
    pub lock: u64,
    pub memory: u64,
    pub lifetime: u64,
}

/// The limits of the random tests.
pub const SPECS: [Spec; 6] = [
    Spec {
        quotas: &[(2, MINUTE)],
        cooldown: 0,
        tries: 2,
        failures: 3,
        lock: 5 * MINUTE,
        memory: DAY,
        lifetime: 2 * MINUTE,
    },
    Spec {
        quotas: &[(3, 30 * MINUTE), (5, DAY)],
        cooldown: 0,
        tries: 5,
        failures: 2,
        lock: HOUR,
        memory: DAY,
        lifetime: 10 * MINUTE,
    },
    Spec {
        quotas: &[(2, 3 * HOUR)],
        cooldown: 30 * SECOND,
        tries: 1,
        failures: 2,
        lock: 12 * HOUR,
        memory: DAY,
        lifetime: 10 * MINUTE,
    },
    Spec { quotas: &[], cooldown: 2 * HOUR, tries: 2, failures: 4, lock: DAY, memory: DAY, lifetime: MINUTE },
    Spec {
        quotas: &[],
        cooldown: 0,
        tries: 100,
        failures: 10,
        lock: 2 * DAY,
        memory: DAY,
        lifetime: 10 * MINUTE,
    },
    Spec {
        quotas: &[(5, 10 * MINUTE), (20, DAY)],
        cooldown: 30 * SECOND,
        tries: 5,
        failures: 10,
        lock: HOUR,
        memory: 30 * DAY,
        lifetime: 2 * MINUTE,
    },
];

impl Spec {
    pub fn limits(&self) -> Limits {
        let quotas: Vec<SendQuota> = self
            .quotas
            .iter()
            .map(|&(sends, window)| SendQuota::new(sends as u8, Duration::from_millis(window)).unwrap())
            .collect();
        Limits::default()
            .with_send_quotas(&quotas)
            .and_then(|limits| limits.with_cooldown(Duration::from_millis(self.cooldown)))
            .and_then(|limits| limits.with_tries_per_code(self.tries as u8))
            .and_then(|limits| limits.with_failures_before_lock(self.failures as u8))
            .and_then(|limits| limits.with_lock(Duration::from_millis(self.lock)))
            .and_then(|limits| limits.with_failure_memory(Duration::from_millis(self.memory)))
            .unwrap()
    }

    pub fn lifetime(&self) -> Lifetime {
        Lifetime::from_seconds(self.lifetime / SECOND).unwrap()
    }
}
