//! The toll-fraud guard: its settings, the verifier that it guards, and what operators see and do.
//!
//! It is off unless `--guard` is given.

mod endpoints;
mod import;
mod metrics;
mod overrides;
mod present;
mod refusals;
mod requester;
mod scopes;
mod settings;
mod shown;
mod verifier;

pub use endpoints::routes;
pub use metrics::GuardMetrics;
pub use overrides::{OverrideError, Overrides};
pub use refusals::{REFUSALS, Refusals};
pub use requester::Requester;
pub use settings::Settings;
pub use verifier::{Guarding, Passcodes};
