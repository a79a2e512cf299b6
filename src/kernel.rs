//! What every kind of record shares: how it is kept, how it changes, and who may learn what came of it.
//!
//! A [`RecordKind`] of record brings its fields. The [`Envelope`] around them says which operation wrote it
//! and when, and carries a MAC over record, key and kind. A [`Plan`] is one call: it says which records
//! it reads, and for what it has seen, what is to be written. The [`Driver`] carries a plan through
//! reads, swaps, conflicts and lost replies, and gives its verdict out only when the write that it
//! depends on is confirmed.
//!
//! ```text
//! Verifier::check -> Plan -> Driver -- Request --> executor (blocking, async, or by hand) --> Store
//!                              ^------- Reply --------|
//! ```
//!
//! Nothing here knows what a passcode is.

mod driver;
mod envelope;
mod kind;
mod layout;
mod operation;
mod plan;
mod withheld;

pub use crate::service::Service;
pub use driver::{Driver, Ready};
pub use envelope::Envelope;
pub use kind::RecordKind;
pub use layout::{Reader, Writer};
#[cfg(feature = "alloc")]
pub use operation::Operation;
pub use operation::Steps;
pub use operation::{Reply, Request};
pub use plan::{Next, Plan, Seen, Then, Write};
pub use withheld::Withheld;
