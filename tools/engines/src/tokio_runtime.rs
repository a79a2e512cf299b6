//! A tokio runtime for the conformance kit.

use std::io;

use countersign::testing::BlockOn;
use tokio::runtime::{Builder, Runtime};

/// A tokio runtime with two threads that implements [`BlockOn`].
pub struct Tokio(Runtime);

impl Tokio {
    /// Starts a runtime.
    ///
    /// # Errors
    ///
    /// If the system can't start a thread.
    pub fn start() -> io::Result<Self> {
        Builder::new_multi_thread().worker_threads(2).enable_all().build().map(Self)
    }
}

impl BlockOn for Tokio {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }
}
