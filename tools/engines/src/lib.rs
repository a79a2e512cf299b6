//! Real servers for the tests of countersign's stores. Each listens on a free loopback port and
//! keeps its data in a temporary directory that is deleted on drop. Servers can be killed, paused
//! and disturbed.

#![allow(
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a network client needs std anyway"
)]

pub mod account_races;
mod damage;
mod postgres;
mod process;
mod proxy;
mod redis;
pub mod rivals;
mod timeout;
mod tokio_runtime;

pub use postgres::Postgres;
pub use proxy::Proxied;
pub use redis::Redis;
pub use timeout::{TIMEOUT, eventually};
pub use tokio_runtime::Tokio;

/// Returns the digits of each byte, after this prefix.
fn hexadecimal(bytes: &[u8], prefix: &str) -> String {
    bytes.iter().map(|byte| format!("{prefix}{byte:02x}")).collect()
}
