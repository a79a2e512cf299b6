//! Limits on sending and guessing passcodes, and the state that enforces them.

mod failures;
mod sends;

use core::fmt;
use core::time::Duration;

pub(crate) use failures::Failures;
pub use failures::Lock;
pub use sends::SendQuota;
pub(crate) use sends::{MOST_SENDS, SendLog};

use crate::time::Timestamp;

const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The number of failures in a row at which a record is closed until it is unlocked (NIST SP
/// 800-63B-4 §3.2.2: no more than 100).
pub(crate) const CLOSED_AT: u16 = 100;

/// Limits on how often a passcode may be sent to a recipient, and how often it may be guessed.
///
/// | limit | default |
/// |---|---|
/// | cooldown between two sends | 30 seconds |
/// | sends | 5 in 10 minutes, 20 a day |
/// | attempts per code | 5 |
/// | failures in a row before a lock | 10 |
/// | first lock | 1 hour; each further lock doubles, up to a day |
/// | failures in a row before the record is closed | 100 (fixed) |
/// | memory of failures | 30 days |
/// | lifetime of a device token | 90 days |
///
/// ```
/// use core::time::Duration;
/// use countersign::{Limits, SendQuota};
///
/// let limits = Limits::default()
///     .with_cooldown(Duration::from_secs(60))?
///     .with_send_quotas(&[SendQuota::new(3, Duration::from_secs(3600))?])?
///     .with_tries_per_code(3)?;
/// # let _ = limits;
/// # Ok::<(), countersign::limits::LimitError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    cooldown: Duration,
    quotas: [Option<SendQuota>; 2],
    tries_per_code: u8,
    failures_before_lock: u8,
    lock: Duration,
    /// `None` means forever.
    failure_memory: Option<Duration>,
    device_token_age: Duration,
}

impl Limits {
    /// The defaults in the table above.
    pub const DEFAULT: Self = Self {
        cooldown: Duration::from_secs(30),
        quotas: [Some(SendQuota::known(5, Duration::from_secs(10 * 60))), Some(SendQuota::known(20, DAY))],
        tries_per_code: 5,
        failures_before_lock: 10,
        lock: Duration::from_secs(60 * 60),
        failure_memory: Some(Duration::from_secs(30 * 24 * 60 * 60)),
        device_token_age: Duration::from_secs(90 * 24 * 60 * 60),
    };

    /// Sets the time between two sends to a recipient. Zero means no cooldown.
    ///
    /// # Errors
    ///
    /// If it is longer than a day.
    pub fn with_cooldown(self, cooldown: Duration) -> Result<Self, LimitError> {
        within(cooldown, Duration::ZERO, DAY, "cooldown", "at most a day")?;
        Ok(Self { cooldown, ..self })
    }

    /// Sets the send quotas of a recipient. There may be two, and both are enforced.
    ///
    /// An empty list removes all quotas. Then only the cooldown bounds what toll fraud can spend on
    /// a number.
    ///
    /// # Errors
    ///
    /// If there are more than two quotas.
    pub fn with_send_quotas(self, quotas: &[SendQuota]) -> Result<Self, LimitError> {
        let quotas = match *quotas {
            [] => [None, None],
            [one] => [Some(one), None],
            [one, two] => [Some(one), Some(two)],
            _ => return Err(LimitError { what: "send quotas", expected: "at most two" }),
        };
        Ok(Self { quotas, ..self })
    }

    /// Sets the number of wrong attempts after which a code is invalidated and another must be
    /// sent.
    ///
    /// # Errors
    ///
    /// If it is not 1 to 100.
    pub fn with_tries_per_code(self, tries: u8) -> Result<Self, LimitError> {
        within(tries, 1, 100, "tries per code", "1 to 100")?;
        Ok(Self { tries_per_code: tries, ..self })
    }

    /// Sets the number of failures in a row after which the recipient is locked. Every multiple of
    /// it locks again.
    ///
    /// # Errors
    ///
    /// If it is not 1 to 100.
    pub fn with_failures_before_lock(self, failures: u8) -> Result<Self, LimitError> {
        within(failures, 1, 100, "failures before a lock", "1 to 100")?;
        Ok(Self { failures_before_lock: failures, ..self })
    }

    /// Sets the duration of the first lock. Each further lock is twice as long, up to a day.
    ///
    /// # Errors
    ///
    /// If it is not 5 minutes to 7 days.
    pub fn with_lock(self, lock: Duration) -> Result<Self, LimitError> {
        within(lock, 5 * MINUTE, 7 * DAY, "lock", "5 minutes to 7 days")?;
        Ok(Self { lock, ..self })
    }

    /// Sets how long failures are remembered after the last one, or after the end of the lock that
    /// it caused, whichever is later. Then they are forgotten, as after a success.
    ///
    /// # Errors
    ///
    /// If it is not 1 to 365 days.
    pub fn with_failure_memory(self, memory: Duration) -> Result<Self, LimitError> {
        within(memory, DAY, 365 * DAY, "memory of failures", "1 to 365 days")?;
        Ok(Self { failure_memory: Some(memory), ..self })
    }

    /// Remembers failures until a success or an operator clears them. Records with failures are
    /// then never dropped from the store.
    #[must_use]
    pub const fn with_failure_memory_forever(self) -> Self {
        Self { failure_memory: None, ..self }
    }

    /// Sets the lifetime of a device token. Each success can renew it.
    ///
    /// # Errors
    ///
    /// If it is not 1 hour to 400 days, which is the longest that browsers keep a cookie.
    pub fn with_device_token_age(self, age: Duration) -> Result<Self, LimitError> {
        within(age, 60 * MINUTE, 400 * DAY, "age of device tokens", "1 hour to 400 days")?;
        Ok(Self { device_token_age: age, ..self })
    }

    /// Returns the time between two sends to a recipient.
    #[must_use]
    pub const fn cooldown(&self) -> Duration {
        self.cooldown
    }

    /// Returns the send quotas of a recipient, all of which are enforced.
    pub fn send_quotas(&self) -> impl Iterator<Item = SendQuota> {
        self.quotas.into_iter().flatten()
    }

    /// Returns the number of wrong attempts after which a code is invalidated.
    #[must_use]
    pub const fn tries_per_code(&self) -> u8 {
        self.tries_per_code
    }

    /// Returns the number of failures in a row after which the recipient is locked.
    #[must_use]
    pub const fn failures_before_lock(&self) -> u8 {
        self.failures_before_lock
    }

    /// Returns the duration of the first lock.
    #[must_use]
    pub const fn lock(&self) -> Duration {
        self.lock
    }

    /// Returns how long failures are remembered, or `None` if only a success or an operator clears
    /// them.
    #[must_use]
    pub const fn failure_memory(&self) -> Option<Duration> {
        self.failure_memory
    }

    /// Returns the lifetime of a device token.
    #[must_use]
    pub const fn device_token_age(&self) -> Duration {
        self.device_token_age
    }

    /// Returns the duration of a lock after `earlier` ones: each is twice as long as the one
    /// before, up to a day.
    pub(crate) fn lock_after(&self, earlier: u8) -> Duration {
        self.lock.saturating_mul(1 << earlier.min(16)).min(self.lock.max(DAY))
    }

    /// Returns until when failures are remembered whose memory begins at `from`.
    pub(crate) fn remembered_until(&self, from: Timestamp) -> Timestamp {
        self.failure_memory.map_or(Timestamp::MAX, |memory| from + memory)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

fn within<T: PartialOrd>(
    value: T,
    least: T,
    most: T,
    what: &'static str,
    expected: &'static str,
) -> Result<(), LimitError> {
    if least <= value && value <= most { Ok(()) } else { Err(LimitError { what, expected }) }
}

/// The error of a limit that is out of range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitError {
    what: &'static str,
    expected: &'static str,
}

impl fmt::Display for LimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}", self.what, self.expected)
    }
}

impl core::error::Error for LimitError {}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn accepts_limits_in_range_and_rejects_others() {
        let limits = Limits::default();
        let ms = Duration::from_millis(1);
        assert!(limits.with_cooldown(Duration::ZERO).is_ok() && limits.with_cooldown(DAY).is_ok());
        assert_eq!(
            limits.with_cooldown(DAY + ms).unwrap_err().to_string(),
            "cooldown: expected at most a day"
        );
        assert!(limits.with_tries_per_code(1).is_ok() && limits.with_tries_per_code(100).is_ok());
        assert!(limits.with_tries_per_code(0).is_err() && limits.with_tries_per_code(101).is_err());
        assert!(limits.with_failures_before_lock(1).is_ok() && limits.with_failures_before_lock(100).is_ok());
        assert!(
            limits.with_failures_before_lock(0).is_err() && limits.with_failures_before_lock(101).is_err()
        );
        assert!(limits.with_lock(5 * MINUTE).is_ok() && limits.with_lock(7 * DAY).is_ok());
        assert!(limits.with_lock(5 * MINUTE - ms).is_err() && limits.with_lock(7 * DAY + ms).is_err());
        assert!(limits.with_failure_memory(DAY).is_ok() && limits.with_failure_memory(365 * DAY).is_ok());
        assert!(
            limits.with_failure_memory(DAY - ms).is_err()
                && limits.with_failure_memory(365 * DAY + ms).is_err()
        );
        let age = |age| limits.with_device_token_age(age);
        assert!(age(60 * MINUTE).is_ok() && age(400 * DAY).is_ok());
        assert!(age(60 * MINUTE - ms).is_err() && age(400 * DAY + ms).is_err());
        let quota = SendQuota::new(1, MINUTE).unwrap();
        assert!(limits.with_send_quotas(&[quota; 2]).is_ok() && limits.with_send_quotas(&[]).is_ok());
        assert!(limits.with_send_quotas(&[quota; 3]).is_err());
    }
}
