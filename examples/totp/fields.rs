//! Fields of a line, and why they cannot be read.

use countersign::totp::{SecretError, TotpSecret, TotpSettings};

/// The name of an error.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure(pub(crate) &'static str);

/// Returns the fields if there are `N`.
pub(crate) fn exactly<'a, const N: usize>(fields: &[&'a str]) -> Result<[&'a str; N], Failure> {
    fields.try_into().map_err(|_| Failure("field_count"))
}

/// Parses a number without a sign, or fails with this name.
pub(crate) fn number(text: &str, name: &'static str) -> Result<u64, Failure> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().ok_or(Failure(name))
}

pub(crate) fn settings(algorithm: &str, digits: &str, period: &str) -> Result<TotpSettings, Failure> {
    let algorithm = algorithm.parse().map_err(|_| Failure("invalid_algorithm"))?;
    let digits = number(digits, "invalid_digits")?;
    let seconds = number(period, "invalid_period")?;
    let settings = TotpSettings::DEFAULT.with_algorithm(algorithm);
    let settings = settings.with_digits(digits).and_then(|settings| settings.with_period(seconds));
    settings.map_err(|error| Failure(error.as_str()))
}

pub(crate) fn secret(text: &str) -> Result<TotpSecret, Failure> {
    text.parse().map_err(|error: SecretError| Failure(error.kind().as_str()))
}
