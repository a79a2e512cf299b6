//! Welch's t-test, one value at a time.

/// Count, mean and spread of the values so far (Welford's method, which is numerically stable).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moments {
    pub(super) count: u64,
    pub(super) mean: f64,
    /// The sum of squared distances from the mean.
    squares: f64,
}

impl Moments {
    pub(super) fn push(&mut self, value: f64) {
        self.count += 1;
        let distance = value - self.mean;
        self.mean += distance / self.count as f64;
        self.squares += distance * (value - self.mean);
    }

    /// Returns the difference of the means in standard errors. Without any variance it is zero or
    /// infinite.
    pub(super) fn t(&self, baseline: &Self) -> f64 {
        let difference = self.mean - baseline.mean;
        if difference == 0.0 { 0.0 } else { difference / self.error(baseline) }
    }

    /// Returns the standard error of the difference of the means.
    pub(super) fn error(&self, baseline: &Self) -> f64 {
        (self.squared_error() + baseline.squared_error()).sqrt()
    }

    fn squared_error(&self) -> f64 {
        let count = self.count as f64;
        self.squares / (count - 1.0) / count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(values: &[f64]) -> Moments {
        let mut moments = Moments::default();
        values.iter().for_each(|&value| moments.push(value));
        moments
    }

    /// The first has mean 3 and variance 2.5, the second mean 8 and variance 10.
    /// Hence t = -5 / sqrt(2.5 / 5 + 10 / 5).
    #[test]
    fn t_matches_welchs_formula() {
        let (one, other) = (moments(&[1., 2., 3., 4., 5.]), moments(&[4., 6., 8., 10., 12.]));
        assert!((one.t(&other) + 5.0 / 2.5_f64.sqrt()).abs() < 1e-12);
        assert!((other.t(&one) + one.t(&other)).abs() < 1e-12);
        assert_eq!(one.t(&one), 0.0);
    }

    #[test]
    fn constant_values_differ_infinitely_or_not_at_all() {
        assert_eq!(moments(&[7.; 9]).t(&moments(&[6.; 9])), f64::INFINITY);
        assert_eq!(moments(&[7.; 9]).t(&moments(&[7.; 9])), 0.0);
    }
}
