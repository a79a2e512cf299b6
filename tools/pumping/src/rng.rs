//! A small random number generator: a seed gives the same run everywhere.

/// `SplitMix64` (Steele, Lea and Flood, OOPSLA 2014).
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns a generator for one purpose, so that purposes don't disturb each other.
    pub(crate) fn named(seed: u64, name: &str) -> Self {
        // FNV-1a.
        let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3);
        let start = Self::new(seed).next();
        Self(name.bytes().fold(start, hash))
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let number = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        number ^ (number >> 31)
    }

    /// Returns a number below `limit`, which must not be 0.
    pub(crate) const fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub(crate) fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// Returns a number of at least 0 and less than 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + self.unit() * (high - low)
    }

    /// Returns the milliseconds until the next event of a Poisson process with this rate.
    pub(crate) fn gap(&mut self, per_hour: f64) -> u64 {
        (-(1.0 - self.unit()).ln() / per_hour * 3_600_000.0) as u64
    }

    /// Draws from a lognormal distribution with this median and σ.
    pub(crate) fn lognormal(&mut self, median: f64, sigma: f64) -> f64 {
        let (one, two) = (1.0 - self.unit(), self.unit());
        let normal = (-2.0 * one.ln()).sqrt() * (core::f64::consts::TAU * two).cos();
        median * (sigma * normal).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWS: usize = 100_000;

    fn sorted(mut draw: impl FnMut(&mut Rng) -> f64) -> Vec<f64> {
        let mut rng = Rng::new(1);
        let mut draws: Vec<f64> = (0..DRAWS).map(|_| draw(&mut rng)).collect();
        draws.sort_by(f64::total_cmp);
        draws
    }

    #[test]
    fn answers_come_after_a_median_of_24_s_with_sigma_0_7() {
        let draws = sorted(|rng| rng.lognormal(24.0, 0.7));
        assert!((draws[DRAWS / 2] - 24.0).abs() < 0.3, "{}", draws[DRAWS / 2]);
        // One σ above the median: 84.13% of the draws are below 24 · e^0.7.
        let one_sigma = draws[DRAWS * 8_413 / 10_000] / draws[DRAWS / 2];
        assert!((one_sigma.ln() - 0.7).abs() < 0.02, "{one_sigma}");
    }

    #[test]
    fn gaps_are_exponential_with_the_given_rate() {
        let draws = sorted(|rng| rng.gap(150.0) as f64);
        let mean = draws.iter().sum::<f64>() / DRAWS as f64;
        assert!((mean - 24_000.0).abs() < 240.0, "{mean}");
        let median = draws[DRAWS / 2];
        assert!((median / mean - core::f64::consts::LN_2).abs() < 0.01, "{median}");
    }

    #[test]
    fn units_are_uniform() {
        let draws = sorted(Rng::unit);
        assert!(draws[0] >= 0.0 && draws[DRAWS - 1] < 1.0);
        for tenth in 1_u8..10 {
            let quantile = draws[DRAWS / 10 * usize::from(tenth)];
            assert!((quantile - f64::from(tenth) / 10.0).abs() < 0.01, "{quantile}");
        }
    }

    #[test]
    fn seeds_and_names_give_different_streams() {
        let mut first = [
            Rng::new(1).next(),
            Rng::new(2).next(),
            Rng::named(1, "drip").next(),
            Rng::named(1, "mimic").next(),
            Rng::named(2, "drip").next(),
        ];
        first.sort_unstable();
        assert!(first.windows(2).all(|pair| pair[0] != pair[1]));
        assert_eq!(Rng::named(1, "drip").next(), Rng::named(1, "drip").next());
    }
}
