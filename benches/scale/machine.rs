//! Properties of the machine: resident memory, the latency of a random read, and the time its
//! processors spend on other work.

use core::hint::black_box;
use core::time::Duration;
use std::fs;
use std::time::Instant;

/// Returns the nanoseconds of one read from a random place in 256 bytes for each recipient. Each
/// place depends on the previous read, so that no two reads overlap.
pub(crate) fn random_read(recipients: usize) -> f64 {
    const READS: u32 = 2_000_000;
    // Written to, because otherwise all of it would be the same page of zeros.
    let memory = black_box(vec![1_u8; recipients * 256]);
    let mut place = 1_u64;
    let watch = Stopwatch::start();
    for _ in 0..READS {
        let read = memory[(place >> 20) as usize % memory.len()];
        place = (place + u64::from(read)).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (place >> 29);
    }
    black_box(place);
    watch.elapsed().as_nanos() as f64 / f64::from(READS)
}

/// Returns the resident memory of this process, in bytes. Only Linux provides it in a file.
pub(crate) fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// Measures the time in which this thread runs or sleeps, without the time in which it could run
/// but others have the processors, where the system provides that. Waiting for a lock counts.
pub(crate) struct Stopwatch {
    begun: Instant,
    waited: Duration,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self { begun: Instant::now(), waited: waited() }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.begun.elapsed().saturating_sub(waited().saturating_sub(self.waited))
    }
}

/// Returns how long this thread has waited for a processor so far. Only Linux provides it in a
/// file.
fn waited() -> Duration {
    let statistics = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = statistics.split_whitespace().nth(1).and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.unwrap_or(0))
}
