//! A conformance kit for implementations of [`Store`](crate::Store), and tools for tests.
//!
//! ```
//! use countersign::MemoryStore;
//! use countersign::testing::Conformance;
//!
//! let report = Conformance::of(&MemoryStore::new()).run()?;
//! println!("{report}");
//! # Ok::<(), countersign::testing::Broken>(())
//! ```
//!
//! For a store on a server, pass the kit an [`Engine`], with which it restarts the server, stops it
//! and loses its replies. Check an [`AsyncStore`](crate::store::AsyncStore) through [`Awaited`].

mod awaited;
mod bench;
#[cfg(test)]
mod broken;
mod checks;
mod conformance;
mod engine;
#[cfg(test)]
mod faulty;
#[cfg(test)]
mod faulty_tallies;
mod loses_replies;
#[cfg(test)]
mod lossy;
#[cfg(test)]
mod slow;
mod stopwatch;

pub use awaited::{Awaited, BlockOn, ThisThread};
pub use conformance::{Broken, Conformance, Report};
pub use engine::Engine;
pub use loses_replies::LosesReplies;
pub use stopwatch::Stopwatch;
