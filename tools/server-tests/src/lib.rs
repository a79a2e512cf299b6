//! What several tests of the example server share: its program as a process, a receiver of its
//! webhook, and Python and Node.

#![allow(
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "tests have std, and fail by panicking"
)]

pub mod languages;
pub mod receiver;
mod server;

pub use server::{
    MGMT_KEY, MGMT_SECRET, PRODUCTION_SECRET, PROJECT, SECRET, Server, WEBHOOK_SECRET, program,
};
