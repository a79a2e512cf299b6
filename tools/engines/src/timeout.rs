//! Timeouts for tests on a busy machine.

use std::thread;
use std::time::Duration;

use countersign::testing::Stopwatch;

/// The timeout for operations that have no bound of their own: only a call that hangs takes longer.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// Retries a call until it succeeds, for at most [`TIMEOUT`]. For calls whose own timeouts a busy
/// machine can exceed.
///
/// # Errors
///
/// The last attempt's error.
pub fn eventually<T, E>(mut attempt: impl FnMut() -> Result<T, E>) -> Result<T, E> {
    let stopwatch = Stopwatch::start();
    loop {
        match attempt() {
            Err(_) if stopwatch.elapsed() < TIMEOUT => thread::sleep(Duration::from_millis(20)),
            outcome => return outcome,
        }
    }
}
