//! Limits as plain numbers.

use std::time::Duration;

use countersign::{Limits, SendQuota};

const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Limits; all times in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    pub cooldown: u64,
    /// The number of sends, and the window they are counted in.
    pub quotas: &'static [(u8, u64)],
    pub tries: u8,
    pub failures: u8,
    pub lock: u64,
    pub memory: u64,
    /// How long a device token is valid.
    pub device: u64,
}

/// The documented defaults.
const DEFAULT: Spec = Spec {
    cooldown: 30 * SECOND,
    quotas: &[(5, 10 * MINUTE), (20, DAY)],
    tries: 5,
    failures: 10,
    lock: HOUR,
    memory: 30 * DAY,
    device: 90 * DAY,
};

/// The defaults, and limits that short sequences reach.
pub const SPECS: [Spec; 5] = [
    DEFAULT,
    Spec { cooldown: 0, quotas: &[(24, HOUR)], failures: 3, lock: 5 * MINUTE, device: HOUR, ..DEFAULT },
    Spec {
        cooldown: 45 * SECOND,
        quotas: &[(2, MINUTE), (3, 5 * MINUTE)],
        tries: 2,
        memory: DAY,
        device: 2 * HOUR,
        ..DEFAULT
    },
    Spec { cooldown: 0, quotas: &[], tries: 100, failures: 100, ..DEFAULT },
    Spec {
        quotas: &[(1, 1500)],
        tries: 1,
        failures: 1,
        lock: 10 * HOUR,
        memory: DAY,
        device: DAY,
        cooldown: 0,
    },
];

impl Spec {
    /// Returns the same limits for the library.
    pub fn limits(&self) -> Limits {
        let ms = Duration::from_millis;
        let quotas: Vec<_> =
            self.quotas.iter().map(|&(sends, window)| SendQuota::new(sends, ms(window)).unwrap()).collect();
        let limits = Limits::default().with_cooldown(ms(self.cooldown)).and_then(|limits| {
            limits
                .with_send_quotas(&quotas)?
                .with_tries_per_code(self.tries)?
                .with_failures_before_lock(self.failures)?
                .with_lock(ms(self.lock))?
                .with_failure_memory(ms(self.memory))?
                .with_device_token_age(ms(self.device))
        });
        limits.unwrap()
    }

    /// Returns how long a send is remembered.
    pub fn longest_window(&self) -> u64 {
        self.quotas.iter().map(|&(_, window)| window).max().unwrap_or(0).max(self.cooldown)
    }

    /// Returns the length of the n-th lock since the last success: doubled each time, up to a day.
    pub fn nth_lock(&self, n: u32) -> u64 {
        let doubled = self.lock.saturating_mul(1 << (n - 1).min(20));
        doubled.min(self.lock.max(DAY))
    }
}
