//! Waiting for what takes as long as the machine is busy.

use std::thread;
use std::time::Duration;

use countersign::testing::Stopwatch;

/// How long anything may take that is not a bound of its own: only what hangs takes longer.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// Tries again until it succeeds, for [`TIMEOUT`]: for calls whose own timeouts a busy machine can exceed.
///
/// # Errors
///
/// The last one.
pub fn eventually<T, E>(mut attempt: impl FnMut() -> Result<T, E>) -> Result<T, E> {
    let stopwatch = Stopwatch::start();
    loop {
        match attempt() {
            Err(_) if stopwatch.elapsed() < TIMEOUT => thread::sleep(Duration::from_millis(20)),
            outcome => return outcome,
        }
    }
}
