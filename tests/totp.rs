//! Authenticators: codes, secrets, the check of an entry, and URIs.

mod check;
#[cfg(feature = "std")]
mod secrets;
#[cfg(feature = "std")]
mod uris;
mod vectors;

use countersign::totp::{Algorithm, TotpSettings};
use proptest::prelude::*;

/// Any settings.
fn settings() -> impl Strategy<Value = TotpSettings> {
    (proptest::sample::select(&Algorithm::ALL[..]), 6..=8u64, 15..=120u64).prop_map(
        |(algorithm, digits, period)| {
            let settings = TotpSettings::DEFAULT.with_algorithm(algorithm).with_digits(digits).unwrap();
            settings.with_period(period).unwrap()
        },
    )
}

/// Any secret's bytes.
fn secret_bytes() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 16..=64)
}
