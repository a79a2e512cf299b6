//! The guard's settings, from files.

use std::fs;

use axum::http::HeaderName;
use countersign::guard::{Bases, Caps, Guard, GuardError, Prices, WhenBlind};
use serde::Deserialize;

use crate::config::{ConfigError, Options};

/// The guard, if it is configured.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The guard.
    pub guard: Option<Guard>,
    /// The header with which callers vouch for a person.
    pub vouched_header: Option<HeaderName>,
}

/// The settings as TOML.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    monitor: bool,
    stake: Option<f64>,
    vouched_base: Option<f64>,
    shared_tallies: bool,
    when_blind: Blind,
    bases: FileBases,
    caps: FileCaps,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Blind {
    #[default]
    Refuse,
    Allow,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct FileBases {
    block_100: Option<f64>,
    block_1000: Option<f64>,
    block_10000: Option<f64>,
    block_1000000: Option<f64>,
    ip: Option<f64>,
    account: Option<f64>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct FileCaps {
    region: Option<f64>,
    tenant: Option<f64>,
    all: Option<f64>,
}

impl Settings {
    /// Reads the files that the options name.
    ///
    /// # Errors
    ///
    /// If a file can't be read, or a setting is unknown or out of range.
    pub fn read(options: &Options) -> Result<Self, ConfigError> {
        let Some(path) = &options.guard else { return Ok(Self::default()) };
        let wrong = |option: &str, path: &str, error: &dyn std::fmt::Display| {
            ConfigError(format!("{option} {path}: {}", error.to_string().trim_end()))
        };
        let text = fs::read_to_string(path).map_err(|error| wrong("--guard", path, &error))?;
        let file: File = toml::from_str(&text).map_err(|error| wrong("--guard", path, &error))?;
        let mut guard = file.guard().map_err(|error| wrong("--guard", path, &error))?;
        if let Some(path) = &options.guard_prices {
            let text = fs::read_to_string(path).map_err(|error| wrong("--guard-prices", path, &error))?;
            let prices = Prices::from_csv(&text).map_err(|error| wrong("--guard-prices", path, &error))?;
            guard = guard.with_prices(prices);
        }
        let header = options.guard_vouched_header.as_deref();
        let header = header.map(|name| {
            name.parse().map_err(|_| ConfigError("--guard-vouched-header: not the name of a header".into()))
        });
        Ok(Self { guard: Some(guard), vouched_header: header.transpose()? })
    }
}

impl File {
    fn guard(self) -> Result<Guard, GuardError> {
        let plain = Guard::default();
        let (mut bases, own) = (Bases::DEFAULT, self.bases);
        for (base, own) in [
            (&mut bases.block_100, own.block_100),
            (&mut bases.block_1000, own.block_1000),
            (&mut bases.block_10000, own.block_10000),
            (&mut bases.block_1000000, own.block_1000000),
            (&mut bases.ip, own.ip),
            (&mut bases.account, own.account),
        ] {
            *base = own.unwrap_or(*base);
        }
        let mut caps = Caps::default();
        (caps.region, caps.tenant, caps.all) = (self.caps.region, self.caps.tenant, self.caps.all);
        let when_blind = match self.when_blind {
            Blind::Refuse => WhenBlind::Refuse,
            Blind::Allow => WhenBlind::Allow,
        };
        let (stake, vouched) = (plain.stake(), plain.vouched_base());
        plain
            .with_monitor(self.monitor)
            .with_shared_tallies(self.shared_tallies)
            .with_when_blind(when_blind)
            .with_stake(self.stake.unwrap_or(stake))?
            .with_vouched_base(self.vouched_base.unwrap_or(vouched))?
            .with_bases(bases)?
            .with_caps(caps)
    }
}
