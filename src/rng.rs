//! Random number generators: the operating system's, and a buffer over another generator.

mod buffered;
#[cfg(feature = "std")]
mod system;

pub use buffered::BufferedRng;
#[cfg(feature = "std")]
pub use system::SystemRng;
