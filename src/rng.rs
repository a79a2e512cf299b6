//! Random number generators: the operating system's, and a buffer over another generator.

mod buffered;
mod fill;
#[cfg(feature = "std")]
mod system;

pub use buffered::BufferedRng;
pub use fill::Fill;
#[cfg(feature = "std")]
pub use system::SystemRng;
