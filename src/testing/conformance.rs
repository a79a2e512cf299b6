//! The conformance kit and its report.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use super::Engine;
use super::bench::{Bench, BothTallies, Checked};
use super::checks::{CHECKS, Check, Needs, TALLY_CHECKS};
use crate::Store;
use crate::store::Tallies;

/// Checks a store against the contract of [`Store`]: lost updates, conflicting swaps, expiry,
/// records of every length, unique revisions. With an [`Engine`], also restarts, a server that
/// stops answering, and lost replies. With [`tallies`](Self::tallies), also the contract of
/// [`Tallies`]: lost adds, decay, expiry, agreement with [`Sums`](crate::store::Sums) and
/// [`NumberMemory`](crate::store::NumberMemory).
///
/// The kit uses its own keys, so that it can run on an engine that is in use. A run takes some
/// seconds.
#[derive(Clone, Copy)]
pub struct Conformance<'a> {
    store: &'a (dyn Store + Sync),
    engine: Option<&'a dyn Engine>,
    longest_wait: Duration,
    impatient: Option<(&'a (dyn Store + Sync), Duration)>,
    tallies: Option<&'a (dyn Tallies + Sync)>,
    impatient_tallies: Option<&'a (dyn Tallies + Sync)>,
}

impl<'a> Conformance<'a> {
    /// Creates a kit for this store.
    #[must_use]
    pub fn of(store: &'a (dyn Store + Sync)) -> Self {
        Self {
            store,
            engine: None,
            longest_wait: Duration::from_secs(5),
            impatient: None,
            tallies: None,
            impatient_tallies: None,
        }
    }

    /// Also checks the tallies of the store, which is given once more: not every store keeps any.
    #[must_use]
    pub fn tallies(self, store: &'a (dyn Tallies + Sync)) -> Self {
        Self { tallies: Some(store), ..self }
    }

    /// Adds hooks that control the store's server.
    #[must_use]
    pub fn engine(self, engine: &'a dyn Engine) -> Self {
        Self { engine: Some(engine), ..self }
    }

    /// Sets how long one call of the store may take, whatever happens to the server. The default is
    /// 5 seconds, measured by a [`Stopwatch`](super::Stopwatch). After a restart, the kit gives the
    /// store twice as long to recover.
    #[must_use]
    pub fn longest_wait(self, longest_wait: Duration) -> Self {
        Self { longest_wait, ..self }
    }

    /// Adds a second store over the same records, which gives up after at most `longest_wait`.
    ///
    /// The kit calls it while the server is disturbed, and the first store for everything else. The
    /// first store can then have generous timeouts for busy machines, while the check of bounded
    /// waits stays quick. Without a second store, the first is used throughout.
    #[must_use]
    pub fn impatient(self, store: &'a (dyn Store + Sync), longest_wait: Duration) -> Self {
        Self { impatient: Some((store, longest_wait)), ..self }
    }

    /// Adds the tallies of the [impatient store](Self::impatient), which the kit calls while the
    /// server is disturbed.
    #[must_use]
    pub fn impatient_tallies(self, store: &'a (dyn Tallies + Sync)) -> Self {
        Self { impatient_tallies: Some(store), ..self }
    }

    /// Runs all checks and reports on each.
    ///
    /// # Errors
    ///
    /// [`Broken`], with the report, if a promise is broken.
    pub fn run(&self) -> Result<Report, Broken> {
        let of_tallies = if self.tallies.is_some() { TALLY_CHECKS } else { &[] };
        let checks = CHECKS.iter().chain(of_tallies);
        let findings = checks.map(|check| Finding { check, outcome: self.outcome(check) });
        let report = Report { findings: findings.collect() };
        if report.broken() == 0 { Ok(report) } else { Err(Broken(report)) }
    }

    fn outcome(&self, check: &Check) -> Outcome {
        if check.needs == Needs::Engine && self.engine.is_none() {
            return Outcome::NotAsked("no engine was given");
        }
        let loses = || self.engine.is_some_and(|engine| engine.lose_next_reply().unwrap_or(false));
        if check.needs == Needs::LostReplies && !loses() {
            return Outcome::NotAsked("the engine cannot lose a reply");
        }
        let damages = || self.engine.is_some_and(|engine| engine.ways_to_damage() > 0);
        if check.needs == Needs::Damage && !damages() {
            return Outcome::NotAsked("the engine cannot damage a tally");
        }
        match self.check(check) {
            Ok(()) => Outcome::Kept,
            Err(seen) => Outcome::Broken(seen.0),
        }
    }

    fn check(&self, check: &Check) -> Checked {
        let tallies = self
            .tallies
            .map(|patient| BothTallies { patient, impatient: self.impatient_tallies.unwrap_or(patient) });
        (check.run)(&Bench::new(self.store, self.engine, self.longest_wait, self.impatient, tallies)?)
    }
}

impl fmt::Debug for Conformance<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conformance").field("longest_wait", &self.longest_wait).finish_non_exhaustive()
    }
}

/// The findings of the kit. `Display` prints a line for each check, and a summary as the last line.
#[derive(Clone, Debug)]
pub struct Report {
    findings: Vec<Finding>,
}

#[derive(Clone, Debug)]
struct Finding {
    check: &'static Check,
    outcome: Outcome,
}

#[derive(Clone, Debug)]
enum Outcome {
    Kept,
    NotAsked(&'static str),
    Broken(String),
}

impl Report {
    /// Returns the number of promises that were kept.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Kept))
    }

    /// Returns the number of promises that were broken.
    #[must_use]
    pub fn broken(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Broken(_)))
    }

    /// Returns the number of promises that were not checked, for lack of a hook.
    #[must_use]
    pub fn not_asked(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::NotAsked(_)))
    }

    fn count(&self, what: impl Fn(&Outcome) -> bool) -> usize {
        self.findings.iter().filter(|finding| what(&finding.outcome)).count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Finding { check: Check { name, promise, .. }, outcome } in &self.findings {
            match outcome {
                Outcome::Kept => writeln!(f, "kept       {name}")?,
                Outcome::NotAsked(why) => writeln!(f, "not asked  {name}: {why}")?,
                Outcome::Broken(seen) => {
                    writeln!(
                        f,
                        "BROKEN     {name}\n           promised: {promise}\n           seen: {seen}"
                    )?;
                }
            }
        }
        let (kept, broken, not_asked) = (self.kept(), self.broken(), self.not_asked());
        write!(f, "conformance: {kept} kept, {broken} broken, {not_asked} not asked")
    }
}

/// A report with at least one broken promise. `Debug` prints the report too, so that the output of
/// `unwrap` and of tests that return it is readable.
#[derive(Clone)]
pub struct Broken(Report);

impl Broken {
    /// Returns the full report.
    #[must_use]
    pub const fn report(&self) -> &Report {
        &self.0
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}", self.0)
    }
}

impl core::error::Error for Broken {}
