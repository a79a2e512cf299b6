//! For those who write a [`Store`](crate::Store): what has to hold, checked.
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
//! A store on an engine also gives the kit an [`Engine`], by which the kit restarts the server, stops it and loses its
//! replies. An [`AsyncStore`](crate::store::AsyncStore) is checked through [`Awaited`].

mod awaited;
mod bench;
#[cfg(test)]
mod broken;
mod checks;
mod conformance;
mod engine;
#[cfg(test)]
mod faulty;
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
