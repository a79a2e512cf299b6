//! Does the execution time distinguish inputs? The method of dudect (Reparaz, Balasch, Verbauwhede:
//! "Dude, is my code constant time?", DATE 2017, <https://eprint.iacr.org/2016/1123>).
//!
//! Classes of inputs are timed in random order, so that other activity on the machine affects all
//! of them alike. Two classes are compared by Welch's t-test: on all times, on the times below each
//! of 100 thresholds (an interrupt makes a time long whatever the input was, and hides a small
//! difference), and on the squared distance from the mean. The largest |t| of all these counts. By
//! chance it stays below 4.5.

mod clock;
mod moments;

use rand_core::Rng;

pub use clock::time;
use moments::Moments;

/// The |t| from which the times of two classes differ.
pub const THRESHOLD: f64 = 4.5;

/// The number of times that are taken before they are evaluated: evaluating in between would
/// disturb the caches.
const BATCH: usize = 8192;

/// The number of times at the start of a batch that are dropped, because caches are being filled.
const WARM_UP: usize = 16;

/// The minimum number of times for a test.
const ENOUGH: u64 = 10_000;

const CROPS: usize = 100;
const ALL: usize = 0;
const SPREAD: usize = 1 + CROPS;
const TESTS: usize = 2 + CROPS;

/// The measured times, class by class.
pub struct Measured {
    classes: Vec<[Moments; TESTS]>,
}

/// The difference between two classes.
#[derive(Clone, Copy, Debug)]
pub struct Difference {
    /// The largest t of all tests; positive if the class takes longer than the baseline.
    pub t: f64,
    /// The smallest difference of the means, in ticks, that the most sensitive test would have
    /// detected.
    pub visible: f64,
}

impl Difference {
    /// Returns whether the times distinguish the classes.
    #[must_use]
    pub fn is_seen(&self) -> bool {
        self.t.abs() >= THRESHOLD
    }
}

/// Times each class at least `samples` times. `time` prepares the input of a class and returns the
/// ticks it took. After each batch `progress` is called with the number of times taken in it.
pub fn measure(
    classes: usize,
    samples: u64,
    rng: &mut impl Rng,
    mut time: impl FnMut(usize) -> u64,
    mut progress: impl FnMut(u64),
) -> Measured {
    let mut measured = Measured { classes: vec![[Moments::default(); TESTS]; classes] };
    // The first batch is a warm-up, and determines the thresholds.
    let mut batch = take(classes, rng, &mut time);
    let crops = thresholds(&batch);
    while measured.classes.iter().any(|class| class[ALL].count < samples) {
        batch = take(classes, rng, &mut time);
        batch.iter().skip(WARM_UP).for_each(|&(class, ticks)| measured.note(class, ticks, &crops));
        progress(batch.len() as u64);
    }
    measured
}

fn take(classes: usize, rng: &mut impl Rng, time: &mut impl FnMut(usize) -> u64) -> Vec<(usize, u64)> {
    let mut batch: Vec<_> = (0..BATCH).map(|_| (below(classes, rng), 0)).collect();
    batch.iter_mut().for_each(|(class, ticks)| *ticks = time(*class));
    batch
}

fn below(classes: usize, rng: &mut impl Rng) -> usize {
    // With only a few classes, the bias of the remainder is 2^-60.
    (rng.next_u64() % classes as u64) as usize
}

/// Dudect's thresholds: they are closer together where the times are.
fn thresholds(batch: &[(usize, u64)]) -> [u64; CROPS] {
    let mut sorted: Vec<u64> = batch.iter().map(|&(_, ticks)| ticks).collect();
    sorted.sort_unstable();
    core::array::from_fn(|crop| {
        let share = 1.0 - 0.5_f64.powf(10.0 * (crop + 1) as f64 / CROPS as f64);
        let place = (share * sorted.len() as f64) as usize;
        sorted.get(place).copied().unwrap_or(u64::MAX)
    })
}

impl Measured {
    fn note(&mut self, class: usize, ticks: u64, crops: &[u64; CROPS]) {
        let tests = &mut self.classes[class];
        let value = ticks as f64;
        tests[ALL].push(value);
        for (test, _) in tests[1..=CROPS].iter_mut().zip(crops).filter(|&(_, &crop)| ticks < crop) {
            test.push(value);
        }
        if tests[ALL].count > ENOUGH {
            let distance = value - tests[ALL].mean;
            tests[SPREAD].push(distance * distance);
        }
    }

    /// Returns how often a class was timed.
    #[must_use]
    pub fn samples(&self, class: usize) -> u64 {
        self.classes[class][ALL].count
    }

    /// Returns the mean of a class below the last threshold, in ticks: without the thousandth that
    /// was interrupted.
    #[must_use]
    pub fn mean(&self, class: usize) -> f64 {
        self.classes[class][CROPS].mean
    }

    /// Compares a class with its baseline.
    #[must_use]
    pub fn compare(&self, class: usize, baseline: usize) -> Difference {
        let (one, other) = (&self.classes[class], &self.classes[baseline]);
        let pairs = || one.iter().zip(other).filter(|(a, b)| a.count.min(b.count) >= ENOUGH);
        let t = pairs().map(|(a, b)| a.t(b)).max_by(|a, b| a.abs().total_cmp(&b.abs()));
        let errors = pairs().take(1 + CROPS).map(|(a, b)| a.error(b)).filter(|&error| error > 0.0);
        let visible = THRESHOLD * errors.min_by(f64::total_cmp).unwrap_or(f64::INFINITY);
        Difference { t: t.unwrap_or(0.0), visible }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng;

    /// Realistic times: most of them about 400 ticks, and one in fifty long for unrelated reasons.
    fn made_up(rng: &mut ChaCha8Rng, slower_by: u64) -> u64 {
        let noise: u64 = (0..8).map(|_| rng.next_u64() % 16).sum();
        let interrupted = if rng.next_u64().is_multiple_of(50) { rng.next_u64() % 20_000 } else { 0 };
        400 + noise + interrupted + slower_by
    }

    #[test]
    fn detects_one_tick_in_four_hundred() {
        let (mut order, mut noise) = (ChaCha8Rng::seed_from_u64(1), ChaCha8Rng::seed_from_u64(2));
        let time = |class| made_up(&mut noise, u64::from(class == 2));
        let measured = measure(3, 50_000, &mut order, time, |_| ());
        let (same, slower) = (measured.compare(1, 0), measured.compare(2, 0));
        assert!(!same.is_seen(), "{same:?}");
        assert!(slower.t > THRESHOLD, "{slower:?}");
        assert!(slower.visible < 1.0, "{slower:?}");
        assert!((0..3).all(|class| measured.samples(class) >= 50_000));
        assert!((400.0..700.0).contains(&measured.mean(0)));
    }

    /// The means may be equal although the times are not.
    #[test]
    fn detects_a_wider_spread() {
        let (mut order, mut noise) = (ChaCha8Rng::seed_from_u64(1), ChaCha8Rng::seed_from_u64(2));
        let time = |class| match class {
            0 => 400 + noise.next_u64() % 3,
            _ => 398 + noise.next_u64() % 7,
        };
        assert!(measure(2, 50_000, &mut order, time, |_| ()).compare(1, 0).is_seen());
    }
}
