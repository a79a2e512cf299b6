//! The finest available clock.

/// Returns how many ticks a function takes: of the time-stamp counter where there is one, otherwise
/// nanoseconds. Earlier work, including writes to memory, has completed when it starts, and it has
/// completed before later work starts.
#[inline]
pub fn time<T>(run: impl FnOnce() -> T) -> (u64, T) {
    let start = now();
    let result = core::hint::black_box(run());
    let ticks = now().saturating_sub(start);
    (ticks, result)
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[allow(unsafe_code, reason = "the time-stamp counter has no safe access")]
fn now() -> u64 {
    use core::arch::x86_64::{_mm_lfence, _mm_mfence, _rdtsc};
    // SAFETY: every x86-64 has SSE2.
    unsafe { _mm_mfence() };
    // SAFETY: as above.
    unsafe { _mm_lfence() };
    // SAFETY: every x86-64 has the counter, and Linux lets every process read it.
    let ticks = unsafe { _rdtsc() };
    // SAFETY: as above.
    unsafe { _mm_lfence() };
    ticks
}

#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn now() -> u64 {
    use std::sync::OnceLock;
    use std::time::Instant;

    static START: OnceLock<Instant> = OnceLock::new();
    let since = START.get_or_init(Instant::now).elapsed().as_nanos();
    u64::try_from(since).unwrap_or(u64::MAX)
}
