//! Pearson's chi-square test: are counts as even as chance makes them?

/// How far counts deviate from being equal.
#[derive(Clone, Copy, Debug)]
pub struct ChiSquare {
    /// The sum of squared deviations, each divided by the expected count.
    pub statistic: f64,
    /// The degrees of freedom: the number of counts minus one.
    pub freedom: u64,
}

/// By chance the probability is outside these bounds once in 500,000 times. Too even is as
/// suspicious as too uneven.
const BOUNDS: core::ops::RangeInclusive<f64> = 1e-6..=1.0 - 1e-6;

impl ChiSquare {
    /// Computes the statistic of at least two counts.
    #[must_use]
    pub fn of(counts: &[u64]) -> Self {
        let expected = counts.iter().sum::<u64>() as f64 / counts.len() as f64;
        let statistic = counts.iter().map(|&count| (count as f64 - expected).powi(2) / expected).sum();
        Self { statistic, freedom: counts.len() as u64 - 1 }
    }

    /// Returns the probability that chance alone deviates at least this much.
    #[must_use]
    pub fn probability(&self) -> f64 {
        upper_gamma(self.freedom as f64 / 2.0, self.statistic / 2.0)
    }

    /// Returns whether the counts are plausible by chance.
    #[must_use]
    pub fn is_even(&self) -> bool {
        BOUNDS.contains(&self.probability())
    }
}

/// The regularized upper incomplete gamma function Q(a, x): by its series below the mean, by its
/// continued fraction (modified Lentz) above it. Numerical Recipes, 3rd edition, §6.2.
fn upper_gamma(a: f64, x: f64) -> f64 {
    const TERMS: u32 = 100_000;
    if x <= 0.0 {
        return 1.0;
    }
    let scale = (a * x.ln() - x - ln_gamma(a)).exp();
    if x < a + 1.0 {
        let (mut term, mut sum) = (1.0 / a, 1.0 / a);
        for n in 1..TERMS {
            term *= x / (a + f64::from(n));
            sum += term;
            if term < sum * f64::EPSILON {
                break;
            }
        }
        return 1.0 - sum * scale;
    }
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (1.0 / f64::MIN_POSITIVE, 1.0 / b);
    let mut fraction = d;
    for n in (1..TERMS).map(f64::from) {
        let factor = -n * (n - a);
        b += 2.0;
        d = 1.0 / (factor * d + b);
        c = b + factor / c;
        fraction *= c * d;
        if (c * d - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    scale * fraction
}

/// Stirling's series, after stepping up to where it is exact to all digits of an `f64`.
fn ln_gamma(a: f64) -> f64 {
    if a < 64.0 {
        return ln_gamma(a + 1.0) - a.ln();
    }
    let square = a * a;
    let corrections = (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / (1260.0 * square)) / square) / a;
    (a - 0.5) * a.ln() - a + 0.5 * core::f64::consts::TAU.ln() + corrections
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probability(statistic: f64, freedom: u64) -> f64 {
        ChiSquare { statistic, freedom }.probability()
    }

    /// From the tables of the NIST/SEMATECH e-Handbook of Statistical Methods, §1.3.6.7.4. For two
    /// degrees of freedom it is exp(-x / 2).
    #[test]
    fn probabilities_match_published_tables() {
        for (statistic, freedom, expected) in [
            (3.841, 1, 0.05),
            (10.828, 1, 0.001),
            (16.919, 9, 0.05),
            (27.877, 9, 0.001),
            (42.557, 29, 0.05),
            (58.301, 29, 0.001),
            (124.342, 100, 0.05),
            (149.449, 100, 0.001),
            (17.708, 29, 0.95),
        ] {
            let found = probability(statistic, freedom);
            assert!((found / expected - 1.0).abs() < 0.002, "{statistic} with {freedom}: {found}");
        }
        for x in [0.1, 1.0, 3.0, 30.0] {
            assert!((probability(x, 2) / (-x / 2.0_f64).exp() - 1.0).abs() < 1e-12);
        }
    }

    /// With this many degrees of freedom it is nearly normal, with mean f and variance 2 f.
    #[test]
    fn is_accurate_for_a_million_degrees_of_freedom() {
        let freedom = 999_999;
        let sigmas = |z: f64| probability(freedom as f64 + z * (2.0 * freedom as f64).sqrt(), freedom);
        for (z, expected) in [(0.0, 0.5), (1.0, 0.158_655), (3.0, 0.001_349_9), (-3.0, 0.998_65)] {
            assert!((sigmas(z) / expected - 1.0).abs() < 0.02, "{z}: {}", sigmas(z));
        }
    }

    #[test]
    fn rejects_uneven_and_too_even_counts() {
        assert!(ChiSquare::of(&[1003, 1010, 990, 997]).is_even());
        assert!(!ChiSquare::of(&[1300, 1000, 1000, 1000]).is_even());
        assert!(!ChiSquare::of(&[1000; 10]).is_even());
        assert_eq!(ChiSquare::of(&[6, 4]).statistic, 0.4);
    }
}
