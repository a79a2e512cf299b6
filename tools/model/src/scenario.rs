//! Scenarios: clients, limits and faults.

use core::fmt;
use core::time::Duration;

use countersign::limits::LimitError;
use countersign::{Limits, SendQuota};

use crate::call::{Call, Lane};
use crate::shelf::Defect;

/// The clients of a race, their limits, and the possible faults.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The name.
    pub name: &'static str,
    /// Attempts per code.
    pub tries: u8,
    /// Failures that lead to a lock.
    pub failures: u8,
    /// The cooldown between two sends.
    pub cooldown: Duration,
    /// Sends per ten minutes, if limited.
    pub quota: Option<u8>,
    /// The calls before the race, of one undisturbed client in the common lane. All clients know
    /// the code that it was sent last.
    pub before: Vec<Call>,
    /// The clients.
    pub clients: Vec<Seat>,
    /// The possible faults.
    pub faults: Faults,
    /// How several records are read at once.
    pub reads: Reads,
    /// A deliberate defect.
    pub defect: Defect,
}

/// How an engine reads several records at once. Each is read at some moment of the call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reads {
    /// One after the other, with other writes in between.
    #[default]
    InOrder,
    /// The same from the last to the first.
    Reversed,
    /// At one moment.
    AtOnce,
}

/// The calls of a client, and its situation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seat {
    /// The calls, in order.
    pub calls: Vec<Call>,
    /// How far its server's clock is ahead, in milliseconds.
    pub ahead: i64,
    /// Its lane.
    pub lane: Lane,
}

/// The faults of one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// The number of replies to swaps that may be lost. The write of each is applied at once,
    /// later, or never.
    pub lost: u8,
    /// The number of clients that may crash at any point. A pending write is applied at once,
    /// later, or never.
    pub crashes: u8,
}

impl Scenario {
    /// Creates a scenario with these clients. By default there were no earlier calls; a code has
    /// two attempts and two failures lock, so that limits are reached soon; sends are unlimited;
    /// clocks agree except for a few milliseconds; all clients are in the common lane; and there
    /// are no faults.
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
            defect: Defect::None,
        }
    }

    /// Sets the calls before the race.
    #[must_use]
    pub fn after(self, before: &[Call]) -> Self {
        Self { before: before.to_vec(), ..self }
    }

    /// Sets the attempts per code.
    #[must_use]
    pub fn tries(self, tries: u8) -> Self {
        Self { tries, ..self }
    }

    /// Sets the number of failures that lead to a lock.
    #[must_use]
    pub fn lock_after(self, failures: u8) -> Self {
        Self { failures, ..self }
    }

    /// Sets how the engine reads several records.
    #[must_use]
    pub fn reads(self, reads: Reads) -> Self {
        Self { reads, ..self }
    }

    /// Sets a cooldown of half a minute.
    #[must_use]
    pub fn cooling(self) -> Self {
        Self { cooldown: Duration::from_secs(30), ..self }
    }

    /// Sets the number of sends per ten minutes.
    #[must_use]
    pub fn quota(self, sends: u8) -> Self {
        Self { quota: Some(sends), ..self }
    }

    /// Sets how far the clients' clocks are ahead, in milliseconds, client by client.
    #[must_use]
    pub fn clocks(mut self, ahead: &[i64]) -> Self {
        self.clients.iter_mut().zip(ahead).for_each(|(seat, ahead)| seat.ahead = *ahead);
        self
    }

    /// Sets the clients' lanes, one by one.
    #[must_use]
    pub fn lanes(mut self, lanes: &[Lane]) -> Self {
        self.clients.iter_mut().zip(lanes).for_each(|(seat, lane)| seat.lane = *lane);
        self
    }

    /// Returns the number of distinct clocks, including that of the earlier calls.
    #[must_use]
    pub fn different_clocks(&self) -> usize {
        let mut clocks: Vec<i64> = self.clients.iter().map(|seat| seat.ahead).collect();
        clocks.extend((!self.before.is_empty()).then_some(0));
        clocks.sort_unstable();
        clocks.dedup();
        clocks.len()
    }

    /// Returns whether any client guesses the account's secret.
    #[must_use]
    pub fn has_guesses(&self) -> bool {
        self.clients.iter().flat_map(|seat| &seat.calls).any(|call| matches!(call, Call::Guess(_)))
    }

    /// Returns whether any client proves a factor of an account.
    #[must_use]
    pub fn has_factors(&self) -> bool {
        self.clients.iter().flat_map(|seat| &seat.calls).any(|call| matches!(call, Call::Prove(..)))
    }

    /// Returns a description of the clients.
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
