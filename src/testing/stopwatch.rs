//! A clock for upper bounds on a machine that has other work.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;
use std::thread;

/// How long the counting thread sleeps each time.
const NAP: Duration = Duration::from_millis(10);

/// Measures upper bounds in tests without counting the time that a busy machine takes away.
///
/// A thread sleeps for 10 ms at a time, and counts. Other processes that delay the code under test
/// delay that thread too, so a bound in its time holds on a busy machine as on an idle one.
/// It is up to 10 ms behind, and on an idle machine runs about 1% slow.
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
    /// Starts one, with a thread that ends when it is dropped.
    ///
    /// # Panics
    ///
    /// If the system can't start a thread.
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

    /// Returns the time since it was started.
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
    fn counts_no_more_than_the_system_and_goes_on() {
        let (begun, stopwatch) = (Instant::now(), Stopwatch::start());
        while stopwatch.elapsed() < 5 * NAP {
            thread::sleep(NAP);
        }
        let counted = stopwatch.elapsed();
        assert!(counted <= begun.elapsed(), "{counted:?}");
    }
}
