//! The lifetime of a code.

use core::fmt;
use core::time::Duration;

/// How long a code is valid: 1 to 10 minutes in whole seconds, 2 minutes by default. NIST SP
/// 800-63B-4 §3.1.3.2 allows at most 10 minutes.
///
/// ```
/// use countersign::Lifetime;
///
/// assert_eq!(Lifetime::default(), Lifetime::from_minutes(2)?);
/// let error = Lifetime::from_minutes(11).unwrap_err();
/// assert_eq!(error.to_string(), "code lifetime: expected 1 to 10 minutes in whole seconds");
/// # Ok::<(), countersign::otp::LifetimeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lifetime {
    seconds: u16,
}

impl Lifetime {
    /// Two minutes, the default.
    pub const DEFAULT: Self = Self { seconds: 120 };

    /// Creates a lifetime of `minutes` minutes.
    ///
    /// # Errors
    ///
    /// If `minutes` is not 1 to 10.
    pub const fn from_minutes(minutes: u64) -> Result<Self, LifetimeError> {
        Self::from_seconds(minutes.saturating_mul(60))
    }

    /// Creates a lifetime of `seconds` seconds.
    ///
    /// # Errors
    ///
    /// If `seconds` is not 60 to 600.
    pub const fn from_seconds(seconds: u64) -> Result<Self, LifetimeError> {
        match seconds {
            60..=600 => Ok(Self { seconds: seconds as u16 }),
            _ => Err(LifetimeError),
        }
    }

    /// Returns the lifetime as a duration.
    #[must_use]
    pub const fn as_duration(self) -> Duration {
        Duration::from_secs(self.seconds as u64)
    }

    pub(crate) const fn seconds(self) -> u16 {
        self.seconds
    }
}

impl Default for Lifetime {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl TryFrom<Duration> for Lifetime {
    type Error = LifetimeError;

    fn try_from(duration: Duration) -> Result<Self, LifetimeError> {
        if duration.subsec_nanos() != 0 {
            return Err(LifetimeError);
        }
        Self::from_seconds(duration.as_secs())
    }
}

/// The lifetime was not 1 to 10 minutes in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LifetimeError;

impl LifetimeError {
    /// The error's name in the APIs of hosted passcode providers.
    pub const WIRE_NAME: &'static str = "invalid_expiration_otp";
}

impl fmt::Display for LifetimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("code lifetime: expected 1 to 10 minutes in whole seconds")
    }
}

impl core::error::Error for LifetimeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_only_one_to_ten_minutes() {
        for minutes in [0, 11, u64::MAX, u64::MAX / 60 + 2] {
            assert_eq!(Lifetime::from_minutes(minutes), Err(LifetimeError), "{minutes}");
        }
        for minutes in 1..=10 {
            assert_eq!(Lifetime::from_minutes(minutes).unwrap().as_duration().as_secs(), minutes * 60);
        }
        for seconds in [0, 59, 601, u64::MAX] {
            assert_eq!(Lifetime::from_seconds(seconds), Err(LifetimeError), "{seconds}");
        }
        assert!(Lifetime::try_from(Duration::from_millis(90_500)).is_err());
        assert_eq!(Lifetime::try_from(Duration::from_secs(90)), Lifetime::from_seconds(90));
    }
}
