//! Time-based one-time passwords (TOTP, [RFC 6238]), as authenticator apps compute them.
//!
//! This module is pure: it stores nothing, and time and randomness are arguments. A host that uses
//! it directly must do two things in the same conditional write: count the failure, and remember
//! the step that [`TotpCheck::check`] accepted. Without the second, a code can be used twice.
//!
//! ```
//! use countersign::Timestamp;
//! use countersign::totp::{TotpCheck, TotpSecret, TotpSettings, TotpVerdict};
//! # use countersign::totp::{KeyUri, UriName};
//!
//! # #[cfg(feature = "std")] let mut rng = countersign::rng::SystemRng;
//! # #[cfg(feature = "std")] {
//! let (secret, settings) = (TotpSecret::generate(&mut rng)?, TotpSettings::DEFAULT);
//!
//! // Enrolment: the app scans this URI as a QR code.
//! let uri = KeyUri::new(UriName::new("Acme")?, UriName::new("ada@example.com")?, secret, settings);
//! assert!(uri.to_text().as_str().starts_with("otpauth://totp/Acme:ada%40example.com?secret="));
//!
//! // Check: a code is valid in its step and, by default, one step before and after it.
//! let now = settings.step(Timestamp::now());
//! let entry = settings.code(uri.secret(), now);
//! let check = TotpCheck::new(uri.secret(), settings, now);
//! assert_eq!(check.check(entry.as_str()), TotpVerdict::Right { step: now, drift: 0 });
//! let again = check.with_last_accepted(Some(now));
//! assert_eq!(again.check(entry.as_str()), TotpVerdict::AlreadyUsed);
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [RFC 6238]: https://www.rfc-editor.org/rfc/rfc6238

mod algorithm;
mod base32;
mod check;
mod code;
mod entry;
mod hotp;
mod key_uri;
mod secret;
mod secret_error;
mod settings;
mod text;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use check::{TotpCheck, TotpVerdict};
pub use code::TotpCode;
pub use entry::TypedTotp;
pub use key_uri::{KeyUri, KeyUriError, UriName, UriNameError};
pub use secret::TotpSecret;
pub use secret_error::{SecretError, SecretErrorKind};
pub use settings::{TimeStep, TotpSettingError, TotpSettings, Window};
pub use text::SecretText;
