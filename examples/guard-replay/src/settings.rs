//! The options: which policy and which guard decide.

use core::fmt::Display;

use countersign::guard::{Guard, Prices};
use countersign::region::RegionSet;
use countersign::{Channel, Policy, Region};
use serde_json::{Map, Value};

use crate::failure::Failure;

/// The channels of the input.
const CHANNELS: [Channel; 2] = [Channel::Sms, Channel::WhatsApp];

/// What a guard is made of.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The text of a price list. Without one, every send costs
    /// [`Prices::UNLISTED`].
    pub prices: Option<String>,
    /// Whether refusals are named but not enforced.
    pub monitor: bool,
    /// Fields of the guard's serde form, as `NAME=VALUE`. Of equal names, the last one counts.
    pub set: Vec<String>,
}

impl Settings {
    /// Creates the guard.
    ///
    /// # Errors
    ///
    /// [`Failure::Option`] with the option's name.
    pub fn guard(&self) -> Result<Guard, Failure> {
        let mut fields = Value::Object(Map::new());
        for setting in &self.set {
            set(&mut fields, setting).map_err(|why| invalid(format_args!("--set {setting}"), why))?;
        }
        let mut guard: Guard = serde_json::from_value(fields).map_err(|error| invalid("--set", error))?;
        if let Some(text) = &self.prices {
            let prices = Prices::from_csv(text).map_err(|error| invalid("--prices", error))?;
            guard = guard.with_prices(prices);
        }
        Ok(if self.monitor { guard.with_monitor(true) } else { guard })
    }
}

/// Sets a field of the document. The dots of a name lead into its sections. A value is JSON, or
/// else a text: `bases.block_100=9`, `when_blind=allow`.
fn set(fields: &mut Value, setting: &str) -> Result<(), &'static str> {
    let (name, value) = setting.split_once('=').ok_or("expected NAME=VALUE")?;
    let mut place = fields;
    for part in name.split('.') {
        if part.is_empty() {
            return Err("a part of the name is empty");
        }
        let section = place.as_object_mut().ok_or("a part of the name is not a section")?;
        place = section.entry(part).or_insert_with(|| Value::Object(Map::new()));
    }
    *place = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.into()));
    Ok(())
}

/// Returns the policy of `--allow`: `all`, or ISO 3166-1 alpha-2 codes. A country is allowed on each
/// channel that supports it. Premium-rate and unallocated numbers stay denied, as in the default
/// policy.
///
/// # Errors
///
/// [`Failure::Option`] if a code names no country, or one that neither channel supports.
pub fn policy(allow: &str) -> Result<Policy, Failure> {
    let regions = if allow == "all" {
        RegionSet::ALL
    } else {
        let codes = allow.split(',').map(str::trim);
        let regions: Result<RegionSet, _> = codes.map(str::parse::<Region>).collect();
        regions.map_err(|error| invalid("--allow", error))?
    };
    let mut policy = Policy::default();
    let mut without = regions;
    for channel in CHANNELS {
        let supported = regions.difference(Policy::unsupported(channel));
        without = without.difference(supported);
        let changed = if supported.is_empty() {
            // An allowlist can't be empty.
            policy.set_denied(channel, RegionSet::ALL)
        } else {
            policy.set_allowed(channel, supported)
        };
        changed.map_err(|error| invalid("--allow", error))?;
    }
    if allow != "all" && !without.is_empty() {
        let codes: Vec<_> = without.iter().map(Region::as_str).collect();
        return Err(invalid("--allow", format_args!("unsupported on both channels: {}", codes.join(" "))));
    }
    Ok(policy)
}

fn invalid(option: impl Display, why: impl Display) -> Failure {
    Failure::Option(format!("{option}: {why}"))
}
