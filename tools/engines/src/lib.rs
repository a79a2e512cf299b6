//! Real servers for the tests of countersign's stores: each on a free loopback port, with its data
//! in a temporary folder, gone when it is dropped. They can be killed, stopped and disturbed.

#![allow(
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a server's client needs std anyway"
)]

mod timeout;
mod postgres;
mod process;
mod proxy;
mod redis;
pub mod rivals;
mod tokio_runtime;

pub use timeout::{TIMEOUT, eventually};
pub use postgres::Postgres;
pub use proxy::Proxied;
pub use redis::Redis;
pub use tokio_runtime::Tokio;
