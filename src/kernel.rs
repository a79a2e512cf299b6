//! The parts that all kinds of records share: their encoding, their writes, and the withholding of
//! outcomes until a write is confirmed.
//!
//! A [`RecordKind`] defines the fields of a record. The [`Envelope`] around them names the
//! operation that wrote it and the time of the write, and carries a MAC over record, key and kind.
//! A [`Plan`] is one call: it names the records to read and decides what to write. The [`Driver`]
//! takes a plan through reads, swaps, conflicts and lost replies, and reveals its verdict only when
//! the write that it depends on is confirmed.
//!
//! ```text
//! Verifier::check -> Plan -> Driver -- Request --> executor (blocking, async, in steps) --> Store
//!                              ^------- Reply --------|
//! ```
//!
//! Nothing in this module depends on passcodes.

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
