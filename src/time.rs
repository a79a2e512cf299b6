//! Points in time. The core reads no clock: every operation takes `now` as an argument.

use core::time::Duration;

/// A point in time, in milliseconds since the Unix epoch, of 48 bits at most (until the year
/// 10889).
///
/// ```
/// use core::time::Duration;
/// use countersign::Timestamp;
///
/// let at = Timestamp::from_unix_millis(1_800_000_000_000);
/// assert_eq!((at + Duration::from_secs(30)).since(at), Duration::from_secs(30));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The Unix epoch. As a deadline, it lies in the past.
    pub const EPOCH: Self = Self(0);

    /// The last point in time, which stands for "never". Operations reject it as `now`, because a
    /// clock that shows it is broken.
    pub const MAX: Self = Self((1 << 48) - 1);

    /// Creates a time from milliseconds since the Unix epoch. Values beyond [`MAX`](Self::MAX)
    /// become `MAX`.
    #[must_use]
    pub const fn from_unix_millis(millis: u64) -> Self {
        if millis < Self::MAX.0 { Self(millis) } else { Self::MAX }
    }

    /// Creates a time from whole seconds since the Unix epoch. Values beyond [`MAX`](Self::MAX)
    /// become `MAX`.
    #[must_use]
    pub const fn from_unix_seconds(seconds: u64) -> Self {
        Self::from_unix_millis(seconds.saturating_mul(1000))
    }

    /// Returns the milliseconds since the Unix epoch.
    #[must_use]
    pub const fn unix_millis(self) -> u64 {
        self.0
    }

    /// Returns the duration from `earlier` to `self`, or zero if `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// Returns the time of the system's clock. A clock before the Unix epoch reads as
    /// [`EPOCH`](Self::EPOCH).
    #[cfg(feature = "std")]
    #[must_use]
    pub fn now() -> Self {
        Self::try_from(std::time::SystemTime::now()).unwrap_or_default()
    }
}

/// # Errors
///
/// If the time is before the Unix epoch.
#[cfg(feature = "std")]
impl TryFrom<std::time::SystemTime> for Timestamp {
    type Error = std::time::SystemTimeError;

    fn try_from(time: std::time::SystemTime) -> Result<Self, Self::Error> {
        Ok(Self::EPOCH + time.duration_since(std::time::UNIX_EPOCH)?)
    }
}

#[cfg(feature = "std")]
impl From<Timestamp> for std::time::SystemTime {
    fn from(time: Timestamp) -> Self {
        Self::UNIX_EPOCH + Duration::from_millis(time.unix_millis())
    }
}

/// Adds whole milliseconds. The sum saturates at [`Timestamp::MAX`].
impl core::ops::Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self::from_unix_millis(self.0.saturating_add(millis))
    }
}

/// Subtracts whole milliseconds. The difference saturates at [`Timestamp::EPOCH`].
impl core::ops::Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self(self.0.saturating_sub(millis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_differences_saturate() {
        assert_eq!(Timestamp::from_unix_millis(u64::MAX), Timestamp::MAX);
        assert_eq!(Timestamp::MAX + Duration::MAX, Timestamp::MAX);
        assert_eq!(Timestamp::EPOCH - Duration::MAX, Timestamp::EPOCH);
        assert_eq!(Timestamp::EPOCH.since(Timestamp::MAX), Duration::ZERO);
        assert_eq!(Timestamp::from_unix_seconds(u64::MAX), Timestamp::MAX);
    }

    #[test]
    fn max_is_48_bits_of_ones() {
        assert_eq!(Timestamp::MAX.unix_millis(), 0xFFFF_FFFF_FFFF);
        assert_eq!(Timestamp::from_unix_millis(0xFFFF_FFFF_FFFE).unix_millis(), 0xFFFF_FFFF_FFFE);
    }

    #[cfg(feature = "std")]
    #[test]
    fn now_is_after_this_test_was_written() {
        let written = Timestamp::from_unix_seconds(1_795_000_000);
        let now = Timestamp::now();
        assert!(written < now && now < Timestamp::MAX, "{now:?}");
    }

    #[cfg(feature = "std")]
    #[test]
    fn converts_to_system_time_and_back() {
        use std::time::{SystemTime, UNIX_EPOCH};
        for time in [Timestamp::EPOCH, Timestamp::from_unix_millis(1_800_000_000_123)] {
            assert_eq!(Timestamp::try_from(SystemTime::from(time)).unwrap(), time);
        }
        assert!(Timestamp::try_from(UNIX_EPOCH - Duration::from_secs(1)).is_err());
    }

    #[test]
    fn converts_seconds_to_milliseconds() {
        assert_eq!(Timestamp::from_unix_seconds(2), Timestamp::EPOCH + Duration::from_secs(2));
        assert_eq!(Timestamp::from_unix_seconds(2).unix_millis(), 2000);
    }
}
