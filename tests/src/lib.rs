//! Code shared by the tests of countersign: oracles, which compute the same answers by other means;
//! a clock and a generator that tests set; and faulty stores. The fuzz targets, the model and the
//! benches use it too.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::len_without_is_empty,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    missing_docs,
    unreachable_pub,
    reason = "for tests, which have std, fail by panicking, and are read together with their uses"
)]

#[cfg(feature = "std")]
pub mod desk;
pub mod e164;
pub mod email;
#[cfg(feature = "std")]
pub mod engine;
#[cfg(feature = "std")]
pub mod faulty;
#[cfg(feature = "std")]
pub mod fuzz;
pub mod mac;
#[cfg(feature = "std")]
pub mod machine;
pub mod policy;
pub mod rng;
#[cfg(feature = "std")]
pub mod sms;
#[cfg(feature = "std")]
pub mod tallied;
