//! Explores every interleaving of a few clients of countersign over one compare-and-swap store,
//! with lost replies, writes that land late, and crashes.
//!
//! The clients run the real calls of [`countersign::Verifier`]. A call is run from its beginning,
//! again and again, over a store that answers from a list ([`replay`]). At the end of the list, the
//! next request is recorded. The checker ([`Race`]) thus controls the order of single store
//! operations, without any change to the code under test. Each [`Scenario`] defines its clients,
//! the limits, the possible faults, and the [`laws`] that hold in every reachable state.

#![allow(
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a tool, which always has the standard library"
)]

mod account;
mod call;
mod explore;
mod holder;
pub mod laws;
mod race;
pub mod replay;
mod scenario;
pub mod scenarios;
mod shelf;
mod stage;
mod state;
mod trace;
mod trial;

/// Why a scenario cannot be set up.
pub type SetupError = Box<dyn core::error::Error + Send + Sync>;

pub use account::{Budget, Factor, Name, Verdict};
pub use call::{Call, Entry, Lane, No, Outcome, Passcode};
pub use explore::{Broken, Findings, explore};
pub use race::{Action, Law, Race};
pub use scenario::{Faults, Reads, Scenario, Seat};
pub use shelf::{Defect, Shelf, Write};
pub use state::{Budgeted, Client, InFlight, Seen, State};
pub use trial::Trial;
