//! Generators of random numbers: the operating system's, and one that asks another seldom.

mod buffered;
#[cfg(feature = "std")]
mod system;

pub use buffered::BufferedRng;
#[cfg(feature = "std")]
pub use system::SystemRng;
