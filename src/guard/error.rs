//! A setting outside of its range.

use core::fmt;

/// A setting of a [`Guard`](super::Guard) outside of its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuardError {
    what: &'static str,
    expected: &'static str,
}

impl GuardError {
    pub(super) const fn new(what: &'static str, expected: &'static str) -> Self {
        Self { what, expected }
    }

    /// The name of the setting.
    #[must_use]
    pub const fn setting(&self) -> &'static str {
        self.what
    }
}

impl fmt::Display for GuardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}", self.what, self.expected)
    }
}

impl core::error::Error for GuardError {}

/// The largest amount and the largest base. Sums of them stay far below
/// [`Sums::MOST`](crate::store::Sums::MOST).
pub(super) const MOST: f64 = 1e9;

/// A number above 0.
pub(super) fn positive(value: f64, what: &'static str) -> Result<f64, GuardError> {
    let is_one = value.is_finite() && 0.0 < value && value <= MOST;
    is_one.then_some(value).ok_or(GuardError::new(what, "a number above 0 and up to 1e9"))
}

/// A number from 0 on.
pub(super) fn not_negative(value: f64, what: &'static str) -> Result<f64, GuardError> {
    let is_one = value.is_finite() && (0.0..=MOST).contains(&value);
    is_one.then_some(value).ok_or(GuardError::new(what, "a number from 0 to 1e9"))
}
