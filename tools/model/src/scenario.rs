//! Who races whom, under which limits, and what may go wrong.

use core::fmt;
use core::time::Duration;

use countersign::limits::LimitError;
use countersign::{Limits, SendQuota};

use crate::call::{Call, Lane};
use crate::shelf::Skew;

/// Who races whom, under which limits, and what may go wrong.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What it is called.
    pub name: &'static str,
    /// How many tries a code has.
    pub tries: u8,
    /// How many failures lead to a lock.
    pub failures: u8,
    /// How long it is between two sends.
    pub cooldown: Duration,
    /// How many sends there may be in ten minutes, if that is limited.
    pub quota: Option<u8>,
    /// What happened before: the calls of one client in the common lane whom nobody disturbed. The code that it was sent
    /// last is known to all who are there.
    pub before: Vec<Call>,
    /// Who takes part.
    pub clients: Vec<Seat>,
    /// What may go wrong.
    pub faults: Faults,
    /// How several records are read at once.
    pub reads: Reads,
    /// What is broken on purpose.
    pub skew: Skew,
}

/// How an engine reads several records at once: each as it is at some moment of the call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reads {
    /// One after the other, and others write in between.
    #[default]
    InOrder,
    /// The same from the last to the first.
    Reversed,
    /// At one moment.
    AtOnce,
}

/// What a client does, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seat {
    /// One call after the other.
    pub calls: Vec<Call>,
    /// By how many milliseconds the clock of its server is ahead.
    pub ahead: i64,
    /// The lane that it is in.
    pub lane: Lane,
}

/// How much may go wrong in one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// So many replies to swaps may be lost. The write of each is applied at once, later, or never.
    pub lost: u8,
    /// So many clients may end at any point; a write that they wait for is applied at once, later, or never.
    pub crashes: u8,
}

impl Scenario {
    /// These clients. Until said otherwise nothing was before, a code has two tries and two failures lock, so that limits are met
    /// soon; sends have no limit, clocks agree but for a few milliseconds, all are in the common lane, and nothing goes wrong.
    #[must_use]
    pub fn new(name: &'static str, clients: Vec<Vec<Call>>) -> Self {
        Self {
            name,
            tries: 2,
            failures: 2,
            cooldown: Duration::ZERO,
            quota: None,
            before: Vec::new(),
            clients: clients.into_iter().map(|calls| Seat { calls, ..Seat::default() }).collect(),
            faults: Faults::default(),
            reads: Reads::default(),
            skew: Skew::None,
        }
    }

    /// After these calls.
    #[must_use]
    pub fn after(self, before: &[Call]) -> Self {
        Self { before: before.to_vec(), ..self }
    }

    /// With so many tries a code.
    #[must_use]
    pub fn tries(self, tries: u8) -> Self {
        Self { tries, ..self }
    }

    /// With a lock after so many failures.
    #[must_use]
    pub fn lock_after(self, failures: u8) -> Self {
        Self { failures, ..self }
    }

    /// With an engine that reads so.
    #[must_use]
    pub fn reads(self, reads: Reads) -> Self {
        Self { reads, ..self }
    }

    /// With half a minute between two sends.
    #[must_use]
    pub fn cooling(self) -> Self {
        Self { cooldown: Duration::from_secs(30), ..self }
    }

    /// With so many sends in ten minutes.
    #[must_use]
    pub fn quota(self, sends: u8) -> Self {
        Self { quota: Some(sends), ..self }
    }

    /// With clocks that are so many milliseconds ahead, client by client.
    #[must_use]
    pub fn clocks(mut self, ahead: &[i64]) -> Self {
        self.clients.iter_mut().zip(ahead).for_each(|(seat, ahead)| seat.ahead = *ahead);
        self
    }

    /// With clients in these lanes, one by one.
    #[must_use]
    pub fn lanes(mut self, lanes: &[Lane]) -> Self {
        self.clients.iter_mut().zip(lanes).for_each(|(seat, lane)| seat.lane = *lane);
        self
    }

    /// How many clocks take part that differ, that of the calls before included.
    #[must_use]
    pub fn different_clocks(&self) -> usize {
        let mut clocks: Vec<i64> = self.clients.iter().map(|seat| seat.ahead).collect();
        clocks.extend((!self.before.is_empty()).then_some(0));
        clocks.sort_unstable();
        clocks.dedup();
        clocks.len()
    }

    /// Whether anybody guesses at the account's secret.
    #[must_use]
    pub fn has_guesses(&self) -> bool {
        self.clients.iter().flat_map(|seat| &seat.calls).any(|call| matches!(call, Call::Guess(_)))
    }

    /// Who takes part, in words.
    #[must_use]
    pub fn cast(&self) -> String {
        self.clients.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }

    pub(crate) fn limits(&self) -> Result<Limits, LimitError> {
        let quota = self.quota.map(|sends| SendQuota::new(sends, Duration::from_secs(600))).transpose()?;
        Limits::default()
            .with_tries_per_code(self.tries)?
            .with_failures_before_lock(self.failures)?
            .with_cooldown(self.cooldown)?
            .with_send_quotas(quota.as_slice())
    }
}

impl fmt::Display for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let calls: Vec<String> = self.calls.iter().map(ToString::to_string).collect();
        f.write_str(&calls.join(", "))?;
        if self.lane == Lane::Device {
            f.write_str(" on the device")?;
        }
        match self.ahead {
            0 => Ok(()),
            ahead => write!(f, " at {:+} s", ahead as f64 / 1000.0),
        }
    }
}
