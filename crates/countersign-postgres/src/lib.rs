#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![allow(
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a network client needs std anyway"
)]

mod address;
mod answer;
mod blocking;
mod durability;
mod pool;
mod store;
mod tallies;
#[cfg(feature = "tls")]
mod tls;

pub use blocking::BlockingPostgresStore;
pub use countersign::store::Timeouts;
/// The connection pool, re-exported so that hosts use the same version.
pub use deadpool_postgres;
pub use durability::{Durability, Warning};
pub use store::PostgresStore;
