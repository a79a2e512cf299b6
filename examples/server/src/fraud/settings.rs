//! The guard's settings, from files.

use std::fmt::Display;
use std::fs;

use axum::http::HeaderName;
use countersign::guard::{Guard, Prices};

use crate::config::{ConfigError, Options};

/// The guard, if it is configured.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The guard.
    pub guard: Option<Guard>,
    /// The header with which callers vouch for a person.
    pub vouched_header: Option<HeaderName>,
}

impl Settings {
    /// Reads the files that the options name.
    ///
    /// # Errors
    ///
    /// If a file can't be read, or a setting is unknown or out of range.
    pub fn read(options: &Options) -> Result<Self, ConfigError> {
        let Some(path) = &options.guard else { return Ok(Self::default()) };
        let mut guard: Guard = parse("--guard", path, |text| toml::from_str(text))?;
        if let Some(path) = &options.guard_prices {
            guard = guard.with_prices(parse("--guard-prices", path, Prices::from_csv)?);
        }
        let header = options.guard_vouched_header.as_deref().map(|name| {
            name.parse().map_err(|_| ConfigError("--guard-vouched-header: not the name of a header".into()))
        });
        Ok(Self { guard: Some(guard), vouched_header: header.transpose()? })
    }
}

/// Parses the file that an option names.
fn parse<T, E: Display>(
    option: &str,
    path: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, ConfigError> {
    let wrong =
        |error: &dyn Display| ConfigError(format!("{option} {path}: {}", error.to_string().trim_end()));
    let text = fs::read_to_string(path).map_err(|error| wrong(&error))?;
    parse(&text).map_err(|error| wrong(&error))
}
