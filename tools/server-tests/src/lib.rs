//! Test support for the example server: the server as a process, a webhook receiver, an authenticator
//! app, and Python and Node environments.

#![allow(
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "tests have std, and fail by panicking"
)]

mod authenticator;
pub mod languages;
pub mod qr;
pub mod receiver;
mod server;

pub use authenticator::Authenticator;
pub use server::{
    MGMT_KEY, MGMT_SECRET, PRODUCTION_SECRET, PROJECT, SECRET, Server, WEBHOOK_SECRET, program,
};
