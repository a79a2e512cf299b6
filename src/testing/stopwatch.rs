//! A clock for upper bounds on busy machines.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;
use std::thread;

/// How long the counting thread sleeps at a time.
const NAP: Duration = Duration::from_millis(10);

/// Measures upper bounds in tests, without counting the time that other processes take.
///
/// A thread sleeps for 10 ms at a time and counts. Processes that delay the code under test delay
/// this thread too, so a bound measured by it holds on busy and idle machines alike. It is up to 10
/// ms behind, and about 1% slow on an idle machine.
///
/// ```
/// use core::time::Duration;
/// use countersign::testing::Stopwatch;
///
/// let stopwatch = Stopwatch::start();
/// // ... a call that has to give up after a second ...
/// assert!(stopwatch.elapsed() < Duration::from_secs(2));
/// ```
#[derive(Debug)]
pub struct Stopwatch(Arc<AtomicU32>);

impl Stopwatch {
    /// Starts a stopwatch, with a thread that ends when the stopwatch is dropped.
    ///
    /// # Panics
    ///
    /// If the system cannot start a thread.
    #[must_use]
    pub fn start() -> Self {
        let naps = Arc::new(AtomicU32::new(0));
        let counted = Arc::downgrade(&naps);
        thread::spawn(move || {
            loop {
                thread::sleep(NAP);
                let Some(naps) = counted.upgrade() else { return };
                naps.fetch_add(1, Ordering::Relaxed);
            }
        });
        Self(naps)
    }

    /// Returns the time since the stopwatch was started.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        NAP * self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn advances_no_faster_than_the_system_clock() {
        let (begun, stopwatch) = (Instant::now(), Stopwatch::start());
        while stopwatch.elapsed() < 5 * NAP {
            thread::sleep(NAP);
        }
        let counted = stopwatch.elapsed();
        assert!(counted <= begun.elapsed(), "{counted:?}");
    }
}
