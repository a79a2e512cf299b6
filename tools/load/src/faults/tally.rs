//! Counts of requests, outcomes and broken guarantees.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::api::Answer;

/// The width of a step of the plot, in milliseconds.
pub(crate) const STEP: u64 = 100;

/// Counts shared by all visitors.
#[derive(Clone, Default)]
pub(crate) struct Tally(Arc<Mutex<Counts>>);

/// The counts of one run.
#[derive(Clone, Default)]
pub(crate) struct Counts {
    requests: u64,
    sends: u64,
    logins: u64,
    /// Wrong codes that were accepted.
    pub(crate) wrong_taken: u64,
    /// Codes that were accepted more than once.
    pub(crate) twice: u64,
    /// Wrong codes that got a verdict after the code's attempts were used up.
    pub(crate) attempts_beyond: u64,
    /// Codes that were sent beyond a phone number's quota.
    pub(crate) sends_beyond: u64,
    /// Correct codes that were used up although the client was only told that the outcome is
    /// unknown.
    pub(crate) used_not_in: u64,
    /// Answers without an outcome, by status and name: 500 and above, and no answer.
    errors: BTreeMap<String, u64>,
    /// Answers with 200 under load, by time of arrival.
    pub(crate) done: Vec<u64>,
    begun: Option<Instant>,
    ended: bool,
    fault: Option<Instant>,
    fault_over: Option<Instant>,
    back: Option<Instant>,
    last_error: Option<Instant>,
    slowest: Duration,
}

impl Tally {
    pub(crate) fn counts(&self) -> Counts {
        self.held().clone()
    }

    pub(crate) fn begin_load(&self) {
        self.held().begun = Some(Instant::now());
    }

    pub(crate) fn end_load(&self) {
        self.held().ended = true;
    }

    pub(crate) fn begin_fault(&self) {
        self.held().fault = Some(Instant::now());
    }

    pub(crate) fn end_fault(&self) {
        self.held().fault_over = Some(Instant::now());
    }

    /// Counts an answer to a request made at `asked`. Requests made before the fault ended don't
    /// count for the time of recovery.
    pub(crate) fn answered(&self, asked: Instant, answer: &Answer) {
        let mut held = self.held();
        held.requests += 1;
        held.slowest = held.slowest.max(asked.elapsed());
        match answer {
            Answer::Done(_) => {
                held.done_now();
                if held.back.is_none() && held.fault_over.is_some_and(|over| asked >= over) {
                    held.back = Some(Instant::now());
                }
            }
            Answer::Refused(status @ 500.., name) => held.error(format!("{status} {name}")),
            Answer::Silence => held.error("no answer".to_owned()),
            Answer::Refused(..) => {}
        }
    }

    pub(crate) fn sent(&self) {
        self.held().sends += 1;
    }

    pub(crate) fn login(&self) {
        self.held().logins += 1;
    }

    /// Counts a broken guarantee.
    pub(crate) fn broken(&self, count: impl FnOnce(&mut Counts)) {
        count(&mut self.held());
    }

    fn held(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn done_now(&mut self) {
        let Some(begun) = self.begun.filter(|_| !self.ended) else { return };
        let step = (begun.elapsed().as_millis() as u64 / STEP) as usize;
        if self.done.len() <= step {
            self.done.resize(step + 1, 0);
        }
        self.done[step] += 1;
    }

    /// Returns the start and end of the fault, in steps.
    pub(crate) fn fault_in_steps(&self) -> Option<(f64, f64)> {
        let begun = self.begun?;
        let step = |at: Instant| at.saturating_duration_since(begun).as_secs_f64() * 1000.0 / STEP as f64;
        Some((step(self.fault?), step(self.fault_over?)))
    }

    fn error(&mut self, name: String) {
        *self.errors.entry(name).or_default() += 1;
        self.last_error = Some(Instant::now());
    }

    /// Returns the number of broken guarantees.
    pub(crate) const fn broken(&self) -> u64 {
        self.wrong_taken + self.twice + self.attempts_beyond + self.sends_beyond
    }

    pub(crate) fn line(&self) -> String {
        let after = |at: Option<Instant>, without: &str| match (self.fault_over, at) {
            (Some(over), Some(at)) => format!("{:.2} s", at.saturating_duration_since(over).as_secs_f64()),
            _ => without.to_owned(),
        };
        let (back, last_error) = (after(self.back, "never"), after(self.last_error, "-"));
        format!(
            "{:>8} {:>7} {:>7} {:>6} {:>8} {:>6} {:>6} {:>7} {back:>10} {last_error:>9} {:>8.2} s",
            self.requests,
            self.sends,
            self.logins,
            self.wrong_taken,
            self.twice,
            self.attempts_beyond,
            self.sends_beyond,
            self.used_not_in,
            self.slowest.as_secs_f64(),
        )
    }

    pub(crate) fn errors(&self) -> String {
        let errors: Vec<_> = self.errors.iter().map(|(name, count)| format!("{count} × {name}")).collect();
        if errors.is_empty() { "no error".to_owned() } else { errors.join(", ") }
    }

    /// Whether every answer without an outcome was a named 503, provided that the server was
    /// running.
    pub(crate) fn errors_are_named(&self, server_killed: bool) -> bool {
        self.errors.keys().all(|name| {
            (name.starts_with("503 ") && name != "503 unnamed") || (server_killed && name == "no answer")
        })
    }
}
