//! Powers of two and binary logarithms, without `std`. Results are the same on every machine.

use core::f64::consts::LN_2;
use core::time::Duration;

use super::HALF_LIFE;

/// The size of the table for fractions of a half-life. A short series covers the rest.
const STEPS: usize = 32;

/// 2^(−n/32).
const POWERS: [f64; STEPS] = {
    let mut powers = [1.0; STEPS];
    let mut step = 1;
    while step < STEPS {
        powers[step] = exp(-LN_2 * step as f64 / STEPS as f64);
        step += 1;
    }
    powers
};

/// Returns the part of a sum that is left after this time: 2^(−elapsed / 24 h).
pub(crate) fn decay(elapsed: Duration) -> f64 {
    const HALF_LIFE_MS: u64 = HALF_LIFE.as_millis() as u64;
    let elapsed = elapsed.as_secs().saturating_mul(1000).saturating_add(u64::from(elapsed.subsec_millis()));
    let halvings = elapsed / HALF_LIFE_MS;
    // Past this the result would be subnormal.
    if halvings > 1000 {
        return 0.0;
    }
    let fraction = (elapsed % HALF_LIFE_MS) as f64 / HALF_LIFE_MS as f64 * STEPS as f64;
    let step = fraction as usize;
    let rest = (fraction - step as f64) / STEPS as f64;
    let power = f64::from_bits((1023 - halvings) << 52);
    power * POWERS[step % STEPS] * exp_of_little(-LN_2 * rest)
}

/// Returns the time after which a sum has decayed by this factor (1 or more), rounded up to whole
/// milliseconds.
#[cfg(feature = "alloc")]
pub(crate) fn half_lives(factor: f64) -> Duration {
    let millis = log2(factor) * HALF_LIFE.as_millis() as f64;
    // A cast saturates, and makes 0 of what is not a number.
    Duration::from_millis((millis as u64).saturating_add(1))
}

/// The Taylor series of eˣ, for x from −1 to 0.
const fn exp(x: f64) -> f64 {
    let (mut sum, mut term) = (1.0, 24);
    while term > 0 {
        sum = 1.0 + x * sum / term as f64;
        term -= 1;
    }
    sum
}

/// The same for |x| ≤ 1/32, where eight terms suffice. It needs no divisions.
fn exp_of_little(x: f64) -> f64 {
    const INVERSE_FACTORIALS: [f64; 8] =
        [1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0];
    INVERSE_FACTORIALS.into_iter().fold(0.0, |sum, factor| sum * x + factor)
}

/// Returns the binary logarithm, or 0 for numbers below 1 and NaN.
#[cfg(feature = "alloc")]
fn log2(x: f64) -> f64 {
    if x.is_nan() || x <= 1.0 {
        return 0.0;
    }
    let bits = x.min(f64::MAX).to_bits();
    let exponent = (bits >> 52) as f64 - 1023.0;
    let mantissa = f64::from_bits(bits & ((1 << 52) - 1) | 1023 << 52);
    // ln m = 2 artanh((m − 1) / (m + 1)), whose argument is at most 1/3.
    let t = (mantissa - 1.0) / (mantissa + 1.0);
    let (square, mut sum, mut odd) = (t * t, 0.0, 35.0);
    while odd > 0.0 {
        sum = sum * square + 1.0 / odd;
        odd -= 2.0;
    }
    exponent + 2.0 * t * sum / LN_2
}

#[cfg(test)]
#[cfg(feature = "std")]
mod tests {
    use super::*;

    const DAY: Duration = HALF_LIFE;

    #[test]
    fn sums_halve_each_day() {
        assert_eq!(decay(Duration::ZERO), 1.0);
        assert_eq!(decay(DAY), 0.5);
        assert_eq!(decay(10 * DAY), 1.0 / 1024.0);
        assert_eq!((decay(1001 * DAY), decay(Duration::MAX)), (0.0, 0.0));
        assert!(decay(1000 * DAY) > 0.0);
    }

    #[test]
    fn both_agree_with_the_standard_library() {
        let mut millis = 1_u64;
        while millis < 900 * 86_400_000 {
            let elapsed = Duration::from_millis(millis);
            let expected = (-(millis as f64) / 86_400_000.0).exp2();
            assert!((decay(elapsed) / expected - 1.0).abs() < 1e-13, "{elapsed:?}");
            let factor = 1.0 / expected;
            assert!((log2(factor) - factor.log2()).abs() < 1e-12, "{factor}");
            assert!(half_lives(factor).abs_diff(elapsed) <= Duration::from_millis(1), "{elapsed:?}");
            millis += millis / 7 + 1;
        }
    }

    #[test]
    fn decay_is_monotonic_at_the_seams_of_the_table() {
        // Around the seams of the table.
        for step in 0..=64_u64 {
            let seam = step * 86_400_000 / 32;
            for millis in seam.saturating_sub(3)..seam + 3 {
                let (one, two) = (Duration::from_millis(millis), Duration::from_millis(millis + 1));
                assert!(decay(one) > decay(two), "{one:?}");
            }
        }
    }

    #[test]
    fn factors_below_1_and_nan_take_no_time() {
        for factor in [f64::NAN, f64::NEG_INFINITY, -1.0, 0.0, 0.5, 1.0] {
            assert!(half_lives(factor) <= Duration::from_millis(1), "{factor}");
        }
        assert!(half_lives(f64::INFINITY) > 1000 * DAY);
    }
}
