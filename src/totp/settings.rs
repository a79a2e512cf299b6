//! The settings that an authenticator and its verifier share, and time in steps.

use core::fmt;

use super::algorithm::Algorithm;
use super::code::TotpCode;
use super::hotp::Keyed;
use super::secret::TotpSecret;
use crate::time::Timestamp;

/// What an authenticator computes: algorithm, number of digits and period. By default SHA-1, 6
/// digits and 30 seconds, because some apps ignore other values.
///
/// ```
/// use countersign::totp::{Algorithm, TotpSettings};
///
/// let settings = TotpSettings::DEFAULT.with_algorithm(Algorithm::Sha256).with_digits(8)?;
/// assert_eq!((settings.digits(), settings.period()), (8, 30));
/// let error = settings.with_period(300).unwrap_err();
/// assert_eq!(error.to_string(), "period: expected 15 to 120 seconds");
/// # Ok::<(), countersign::totp::TotpSettingError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TotpSettings {
    algorithm: Algorithm,
    digits: u8,
    period: u8,
}

impl TotpSettings {
    /// SHA-1, 6 digits, 30 seconds.
    pub const DEFAULT: Self = Self { algorithm: Algorithm::Sha1, digits: 6, period: 30 };

    /// Sets the algorithm.
    #[must_use]
    pub const fn with_algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// Sets the number of digits. RFC 4226 §5.3 requires at least 6, and mentions 7 and 8.
    ///
    /// # Errors
    ///
    /// If `digits` is not 6 to 8.
    pub const fn with_digits(mut self, digits: u64) -> Result<Self, TotpSettingError> {
        match digits {
            6..=8 => self.digits = digits as u8,
            _ => return Err(TotpSettingError::Digits),
        }
        Ok(self)
    }

    /// Sets the period in seconds: the time after which the code changes. NIST SP 800-63B-4
    /// §3.1.4.1 allows at most two minutes.
    ///
    /// # Errors
    ///
    /// If `seconds` is not 15 to 120.
    pub const fn with_period(mut self, seconds: u64) -> Result<Self, TotpSettingError> {
        match seconds {
            15..=120 => self.period = seconds as u8,
            _ => return Err(TotpSettingError::Period),
        }
        Ok(self)
    }

    /// Returns the algorithm.
    #[must_use]
    pub const fn algorithm(self) -> Algorithm {
        self.algorithm
    }

    /// Returns the number of digits of a code.
    #[must_use]
    pub const fn digits(self) -> u8 {
        self.digits
    }

    /// Returns the period in seconds.
    #[must_use]
    pub const fn period(self) -> u8 {
        self.period
    }

    /// Returns algorithm, digits and period as they stand in records.
    pub(crate) const fn to_bytes(self) -> [u8; 3] {
        [self.algorithm as u8, self.digits, self.period]
    }

    pub(crate) fn from_bytes([algorithm, digits, period]: [u8; 3]) -> Option<Self> {
        let algorithm = *Algorithm::ALL.get(usize::from(algorithm))?;
        let settings = Self::DEFAULT.with_algorithm(algorithm).with_digits(digits.into()).ok()?;
        settings.with_period(period.into()).ok()
    }

    /// Returns the step of a point in time: the number of whole periods since the Unix epoch (RFC
    /// 6238 §4.2).
    #[must_use]
    pub const fn step(self, at: Timestamp) -> TimeStep {
        self.step_of_unix_seconds(at.unix_millis() / 1000)
    }

    /// Returns the step of a time in seconds since the Unix epoch, up to any time.
    #[must_use]
    pub const fn step_of_unix_seconds(self, seconds: u64) -> TimeStep {
        TimeStep(seconds / self.period as u64)
    }

    /// Returns the code of a step (RFC 6238 §4.2).
    ///
    /// ```
    /// use countersign::totp::{TotpSecret, TotpSettings};
    ///
    /// // The first vector of RFC 6238, Appendix B.
    /// let secret = TotpSecret::from_bytes(b"12345678901234567890")?;
    /// let settings = TotpSettings::DEFAULT.with_digits(8)?;
    /// assert_eq!(settings.code(&secret, settings.step_of_unix_seconds(59)).as_str(), "94287082");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn code(self, secret: &TotpSecret, step: TimeStep) -> TotpCode {
        TotpCode::new(Keyed::new(self.algorithm, secret).value(step.0, self.digits), self.digits)
    }
}

impl Default for TotpSettings {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A step of time: the number of whole periods since the Unix epoch. Every step has its own code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeStep(u64);

impl TimeStep {
    /// Creates the step with this number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Returns the step's number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// How many steps before and after the present one are accepted: 0 to 10, by default 1, as RFC 6238
/// §5.2 recommends for the delay between the app and the verifier.
///
/// A wider window accepts clocks that are further off, and gives a guess more codes to match: a
/// window of `w` steps has `2 w + 1` valid codes.
///
/// ```
/// use countersign::totp::Window;
///
/// assert_eq!(Window::default(), Window::new(1)?);
/// assert_eq!(Window::new(11).unwrap_err().to_string(), "window: expected 0 to 10 steps");
/// # Ok::<(), countersign::totp::TotpSettingError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window(u8);

impl Window {
    /// One step, the default.
    pub const DEFAULT: Self = Self(1);

    /// Creates a window of `steps` steps on each side.
    ///
    /// # Errors
    ///
    /// If `steps` is not 0 to 10.
    pub const fn new(steps: u64) -> Result<Self, TotpSettingError> {
        match steps {
            0..=10 => Ok(Self(steps as u8)),
            _ => Err(TotpSettingError::Window),
        }
    }

    /// Returns the number of steps on each side.
    #[must_use]
    pub const fn steps(self) -> u8 {
        self.0
    }
}

impl Default for Window {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A setting of authenticators outside of its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TotpSettingError {
    /// The number of digits is not 6 to 8.
    Digits,
    /// The period is not 15 to 120 seconds.
    Period,
    /// The window is not 0 to 10 steps.
    Window,
}

impl TotpSettingError {
    /// Returns the error in snake case, such as `invalid_digits`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Digits => "invalid_digits",
            Self::Period => "invalid_period",
            Self::Window => "invalid_window",
        }
    }
}

impl fmt::Display for TotpSettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Digits => "digits: expected 6 to 8",
            Self::Period => "period: expected 15 to 120 seconds",
            Self::Window => "window: expected 0 to 10 steps",
        })
    }
}

impl core::error::Error for TotpSettingError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_have_ranges() {
        for value in (0..=300).chain([u64::MAX - 1, u64::MAX, 1 << 32, (1 << 32) + 30]) {
            let settings = TotpSettings::DEFAULT;
            assert_eq!(settings.with_digits(value).is_ok(), (6..=8).contains(&value), "{value}");
            assert_eq!(settings.with_period(value).is_ok(), (15..=120).contains(&value), "{value}");
            assert_eq!(Window::new(value).is_ok(), value <= 10, "{value}");
        }
        assert_eq!(TotpSettings::DEFAULT.with_digits(8).unwrap().digits(), 8);
        assert_eq!(TotpSettings::DEFAULT.with_period(120).unwrap().period(), 120);
        assert_eq!(Window::new(10).unwrap().steps(), 10);
    }

    #[test]
    fn bytes_round_trip_and_are_checked() {
        for algorithm in Algorithm::ALL {
            let settings = TotpSettings::DEFAULT.with_algorithm(algorithm).with_digits(8).unwrap();
            assert_eq!(TotpSettings::from_bytes(settings.to_bytes()), Some(settings));
        }
        for bytes in [[3, 6, 30], [0, 5, 30], [0, 9, 30], [0, 6, 14], [0, 6, 121]] {
            assert_eq!(TotpSettings::from_bytes(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn steps_begin_at_multiples_of_the_period() {
        let settings = TotpSettings::DEFAULT;
        for (millis, step) in [(0, 0), (29_999, 0), (30_000, 1), (59_999, 1), (60_000, 2)] {
            assert_eq!(settings.step(Timestamp::from_unix_millis(millis)), TimeStep(step));
        }
        assert_eq!(settings.step_of_unix_seconds(u64::MAX).number(), u64::MAX / 30);
    }
}
