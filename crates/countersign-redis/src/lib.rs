#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![allow(
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a network client needs std anyway"
)]

mod blocking;
mod connections;
mod durability;
mod protocol;
#[cfg(feature = "cluster")]
mod slots;
mod store;
mod tallies;

pub use blocking::BlockingRedisStore;
pub use countersign::store::Timeouts;
pub use durability::{Durability, Warning};
pub use protocol::SWAP_SCRIPT;
/// The client, re-exported so that hosts use the same version.
pub use redis;
pub use store::RedisStore;
pub use tallies::ADD_SCRIPT;
