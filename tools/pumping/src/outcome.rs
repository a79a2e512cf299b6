//! What a run measured, and whether it kept the scenario's limits.

use alloc::collections::BTreeMap;
use core::fmt::{self, Display, Formatter};

use countersign::guard::{Rule, Ruling};

use crate::scenario::{DAYS, SCORED_FROM, Scenario};

/// Dollars that any attack may take, and the share of its plan if that is more.
const LOST: f64 = 80.0;
const LOST_OF_PLANNED: f64 = 0.05;

/// The limit on the share of honest logins that are locked out.
pub(crate) const LOCKED_OUT: f64 = 0.001;

/// Points of a curve per day.
const POINTS_PER_DAY: f64 = 6.0;

/// The figures of a run, or the means of several.
#[derive(Clone, Default)]
pub(crate) struct Outcome {
    /// The price of all of the ring's requests, and of those that were sent.
    pub(crate) planned: f64,
    pub(crate) lost: f64,
    /// Honest logins of the days whose first asks are scored, and those that were refused.
    pub(crate) asked: f64,
    pub(crate) refused: f64,
    /// Honest logins after the first days, and those that ended because all retries were refused.
    pub(crate) logins: f64,
    pub(crate) locked_out: f64,
    /// What refused these, by rule, summed over all runs.
    pub(crate) refused_by_rule: Rules,
    pub(crate) locked_out_by_rule: Rules,
    /// Dollars lost and logins refused, in each sixth of a day.
    pub(crate) lost_by: Curve,
    pub(crate) refused_by: Curve,
}

impl Outcome {
    /// Counts the first ask of an honest login that began on this day.
    pub(crate) fn asks(&mut self, day: f64, scenario: &Scenario, refusal: Option<&Ruling>) {
        self.logins += f64::from(u8::from(day >= SCORED_FROM));
        if scenario.scored.contains(&day) {
            self.asked += 1.0;
            if let Some(ruling) = refusal {
                self.refused += 1.0;
                self.refused_by.add(day, 1.0);
                self.refused_by_rule.add(ruling.rule());
            }
        }
    }

    /// Counts an honest login that began on this day and whose last retry was refused.
    pub(crate) fn locks_out(&mut self, day: f64, ruling: &Ruling) {
        if day >= SCORED_FROM {
            self.locked_out += 1.0;
            self.locked_out_by_rule.add(ruling.rule());
        }
    }

    /// Returns the means of some runs.
    pub(crate) fn mean(runs: &[Self]) -> Self {
        let mut mean = Self::default();
        let part = 1.0 / runs.len().max(1) as f64;
        for run in runs {
            mean.planned += part * run.planned;
            mean.lost += part * run.lost;
            mean.asked += part * run.asked;
            mean.refused += part * run.refused;
            mean.logins += part * run.logins;
            mean.locked_out += part * run.locked_out;
            mean.refused_by_rule.extend(&run.refused_by_rule);
            mean.locked_out_by_rule.extend(&run.locked_out_by_rule);
            for (point, other) in mean.lost_by.0.iter_mut().zip(&run.lost_by.0) {
                *point += part * other;
            }
            for (point, other) in mean.refused_by.0.iter_mut().zip(&run.refused_by.0) {
                *point += part * other;
            }
        }
        mean
    }

    pub(crate) fn lost_limit(&self) -> f64 {
        (LOST_OF_PLANNED * self.planned).max(LOST)
    }

    pub(crate) fn refused_share(&self) -> f64 {
        self.refused / self.asked.max(1.0)
    }

    pub(crate) fn locked_out_share(&self) -> f64 {
        self.locked_out / self.logins.max(1.0)
    }

    pub(crate) fn verdict(&self, scenario: &Scenario) -> Verdict {
        let is_within = |lost, refused, locked_out| {
            self.lost <= lost && self.refused_share() <= refused && self.locked_out_share() <= locked_out
        };
        if is_within(self.lost_limit(), scenario.refused, LOCKED_OUT) {
            return Verdict::Kept;
        }
        match scenario.known_miss {
            Some(miss) if is_within(miss.lost * self.planned, miss.refused, miss.locked_out) => {
                Verdict::KnownMiss
            }
            _ => Verdict::Missed,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// All limits were kept.
    Kept,
    /// Limits were missed, as far as is known of this scenario and no further.
    KnownMiss,
    Missed,
}

/// Refusals by rule.
#[derive(Clone, Default)]
pub(crate) struct Rules(BTreeMap<&'static str, u32>);

impl Rules {
    pub(crate) fn add(&mut self, rule: Option<Rule>) {
        *self.0.entry(rule.map_or("unknown", Rule::as_str)).or_default() += 1;
    }

    fn extend(&mut self, other: &Self) {
        for (rule, count) in &other.0 {
            *self.0.entry(rule).or_default() += count;
        }
    }
}

impl Display for Rules {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (place, (rule, count)) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}{count} {rule}")?;
        }
        if self.0.is_empty() { f.write_str("none") } else { Ok(()) }
    }
}

/// A quantity in each sixth of a day.
#[derive(Clone)]
pub(crate) struct Curve(Vec<f64>);

impl Curve {
    pub(crate) fn add(&mut self, day: f64, amount: f64) {
        let last = self.0.len() - 1;
        self.0[((day * POINTS_PER_DAY) as usize).min(last)] += amount;
    }

    /// Returns days and sums up to them, without points in the middle of a flat stretch.
    pub(crate) fn sums(&self) -> Vec<(f64, f64)> {
        let mut sum = 0.0;
        let mut sums = vec![(0.0, 0.0)];
        for (point, amount) in self.0.iter().enumerate() {
            sum += amount;
            let day = (point + 1) as f64 / POINTS_PER_DAY;
            match sums.as_mut_slice() {
                [.., (_, before), (end, last)] if *before == sum && *last == sum => *end = day,
                _ => sums.push((day, sum)),
            }
        }
        sums
    }
}

impl Default for Curve {
    fn default() -> Self {
        Self(vec![0.0; (DAYS * POINTS_PER_DAY) as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::all;

    #[test]
    fn each_limit_counts() {
        let quiet = &all()[0];
        let good = Outcome {
            planned: 2_000.0,
            lost: 100.0,
            asked: 1e4,
            logins: 1e4,
            refused: 10.0,
            ..Outcome::default()
        };
        let verdict = |outcome: Outcome| outcome.verdict(quiet);
        assert_eq!(verdict(good.clone()), Verdict::Kept);
        assert_eq!(verdict(Outcome { lost: 100.1, ..good.clone() }), Verdict::Missed);
        assert_eq!(verdict(Outcome { planned: 1.0, lost: 80.0, ..good.clone() }), Verdict::Kept);
        assert_eq!(verdict(Outcome { refused: 11.0, ..good.clone() }), Verdict::Missed);
        assert_eq!(verdict(Outcome { locked_out: 11.0, ..good }), Verdict::Missed);
    }

    #[test]
    fn known_misses_have_limits_too() {
        let scenarios = all();
        let mingled = scenarios.iter().find(|scenario| scenario.known_miss.is_some()).unwrap();
        let run = Outcome { planned: 2_000.0, asked: 1e4, logins: 1e4, ..Outcome::default() };
        assert_eq!(run.verdict(mingled), Verdict::Kept);
        assert_eq!(Outcome { lost: 400.0, ..run.clone() }.verdict(mingled), Verdict::KnownMiss);
        assert_eq!(Outcome { refused: 450.0, ..run.clone() }.verdict(mingled), Verdict::KnownMiss);
        assert_eq!(Outcome { lost: 600.0, ..run.clone() }.verdict(mingled), Verdict::Missed);
        assert_eq!(Outcome { refused: 600.0, ..run }.verdict(mingled), Verdict::Missed);
    }

    #[test]
    fn means_and_curves_add_up() {
        let run = |lost: f64| {
            let mut run = Outcome { lost, ..Outcome::default() };
            run.lost_by.add(9.1, lost);
            run
        };
        let mean = Outcome::mean(&[run(10.0), run(30.0)]);
        assert_eq!(mean.lost, 20.0);
        assert_eq!(mean.lost_by.sums(), [(0.0, 0.0), (9.0, 0.0), (55.0 / 6.0, 20.0), (16.0, 20.0)]);
    }
}
