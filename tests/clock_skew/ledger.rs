//! A ledger of what was really allowed. It shares no code with the library.
//!
//! It knows three kinds of time: *real* time, which no server sees; a server's *clock*; and
//! *record* time, the greatest clock of any write so far or of the current call.

use std::collections::BTreeSet;

use super::spec::{DAY, Spec};

/// How far ahead of the checker's clock a code may have been issued, in milliseconds.
pub const TOLERANCE: u64 = 5000;

/// The number of failures in a row that close a record.
const CLOSED_AT: u32 = 100;

/// The code that is or was live.
#[derive(Clone, Debug)]
pub struct Live {
    pub handle: String,
    pub code: String,
    /// By the issuer's clock.
    pub issued_at: u64,
    pub expires_at: u64,
    pub tries: u32,
    pub used: bool,
}

/// The servers' clocks.
#[derive(Clone, Copy, Debug)]
pub struct Clocks {
    /// The number of distinct clocks.
    pub number: u64,
    /// How far the fastest clock is ahead of real time.
    pub lead: i64,
    /// How far the fastest clock is ahead of the slowest.
    pub apart: u64,
}

impl Clocks {
    pub fn new(offsets: &[i64]) -> Self {
        let different: BTreeSet<i64> = offsets.iter().copied().collect();
        let lead = different.last().copied().unwrap_or_default();
        let behind = different.first().copied().unwrap_or_default();
        Self { number: different.len() as u64, lead, apart: lead.abs_diff(behind) }
    }

    /// Compares the events in a window of real time with the limit of each clock. A server more
    /// than a day behind another has to wait until the engine drops that server's record, and then
    /// begins anew.
    #[track_caller]
    fn hold(&self, what: &str, times: &[u64], now: u64, window: u64, limit: u64) {
        let (let_through, clocks) = (within(times, now, window), self.number);
        let holds = self.apart > DAY || let_through <= clocks * limit;
        assert!(holds, "{let_through} {what} in {window} ms by {clocks} clocks, of {limit} each");
    }
}

/// The state of one recipient, as far as the limits depend on it.
#[derive(Debug)]
pub struct Ledger {
    pub spec: Spec,
    pub clocks: Clocks,
    /// The greatest clock of a write that was applied; `None` if there is no record.
    pub written_at: Option<u64>,
    pub live: Option<Live>,
    /// The clock of the last send, unless it is known that it was not delivered.
    pub last_send: Option<u64>,
    pub in_a_row: u32,
    locks: u32,
    /// In record time.
    pub locked_until: u64,
    /// In record time.
    last_failure: u64,
    /// Sends since the engine dropped the record, in record time.
    sends: Vec<u64>,
    /// All sends, in real time.
    real_sends: Vec<u64>,
    /// Failures since the last success, in real time.
    real_failures: Vec<u64>,
}

impl Ledger {
    pub fn new(spec: Spec, clocks: Clocks) -> Self {
        Self {
            spec,
            clocks,
            written_at: None,
            live: None,
            last_send: None,
            in_a_row: 0,
            locks: 0,
            locked_until: 0,
            last_failure: 0,
            sends: Vec::new(),
            real_sends: Vec::new(),
            real_failures: Vec::new(),
        }
    }

    /// Returns the record time of a call by this clock.
    pub fn record_time(&self, clock: u64) -> u64 {
        self.written_at.map_or(clock, |written| written.max(clock))
    }

    /// Returns whether this clock is more than a day behind the record.
    pub fn went_back(&self, clock: u64) -> bool {
        self.written_at.is_some_and(|written| written > clock + DAY)
    }

    /// Returns whether the live code was issued by a clock too far ahead of this one.
    pub fn is_from_the_future(&self, clock: u64) -> bool {
        self.live.as_ref().is_some_and(|live| live.issued_at > clock + TOLERANCE)
    }

    pub fn is_closed(&self) -> bool {
        self.in_a_row >= CLOSED_AT
    }

    pub fn is_locked(&self, clock: u64) -> bool {
        self.is_closed() || self.record_time(clock) < self.locked_until
    }

    /// Returns whether the cooldown runs, however the two clocks differ.
    pub fn is_cooling(&self, clock: u64) -> bool {
        self.last_send.is_some_and(|sent| clock.abs_diff(sent) < self.spec.cooldown)
    }

    /// Returns whether one more send would exceed a quota.
    pub fn is_full(&self, clock: u64) -> bool {
        let now = self.record_time(clock);
        self.spec.quotas.iter().any(|&(sends, window)| within(&self.sends, now, window) >= sends)
    }

    /// Returns whether a server with this clock compares a code under this handle with the live
    /// one.
    pub fn compares(&self, clock: u64, handle: &str) -> bool {
        let live = self.live.as_ref().filter(|live| live.handle == handle);
        !self.went_back(clock)
            && !self.is_locked(clock)
            && live.is_some_and(|live| {
                let in_time = live.issued_at <= clock + TOLERANCE && clock < live.expires_at;
                in_time && !live.used && live.tries > 0
            })
    }

    /// Records that a write was applied.
    pub fn written(&mut self, clock: u64) {
        self.written_at = Some(self.record_time(clock));
    }

    /// Records that a code was sent. `clock` is that of the issuer.
    pub fn sent(&mut self, real: u64, clock: u64, handle: String, code: String) {
        let now = self.record_time(clock);
        assert!(!self.is_locked(clock), "a locked recipient was sent a code");
        assert!(!self.is_cooling(clock), "sent twice within the cooldown by {clock}");
        assert!(!self.is_full(clock), "record time {now}: a quota is exceeded by {:?}", self.sends);
        self.sends.push(now);
        self.real_sends.push(real);
        for &(sends, window) in self.spec.quotas {
            self.clocks.hold("sends", &self.real_sends, real, window, sends);
        }
        let (issued_at, expires_at) = (clock, clock + self.spec.lifetime);
        let tries = self.spec.tries;
        self.live = Some(Live { handle, code, issued_at, expires_at, tries, used: false });
        self.last_send = Some(clock);
    }

    /// Records that the correct code was accepted.
    pub fn passed(&mut self) {
        self.live.as_mut().unwrap().used = true;
        (self.in_a_row, self.locks, self.locked_until) = (0, 0, 0);
        self.real_failures.clear();
    }

    /// Records that a wrong code was compared, and returns the attempts left.
    pub fn failed(&mut self, real: u64, clock: u64) -> u32 {
        let Spec { failures, lock, memory, .. } = self.spec;
        let now = self.record_time(clock);
        self.run_out(now);
        (self.in_a_row, self.last_failure) = (self.in_a_row + 1, now);
        self.real_failures.push(real);
        let window = lock.min(memory);
        self.clocks.hold("guesses", &self.real_failures, real, window, failures.into());
        let live = self.live.as_mut().unwrap();
        live.tries -= 1;
        let tries = live.tries;
        if self.in_a_row.is_multiple_of(failures) {
            self.locked_until = now + (lock << self.locks.min(20)).min(lock.max(DAY));
            self.locks += 1;
        }
        if self.is_locked(clock) {
            self.live = None;
        }
        tries
    }

    /// Returns how many failures a call by this clock still sees. A call that writes nothing
    /// forgets nothing.
    pub fn failures(&self, clock: u64) -> u32 {
        if self.has_run_out(self.record_time(clock)) { 0 } else { self.in_a_row }
    }

    /// Forgets failures whose memory has ended.
    fn run_out(&mut self, now: u64) {
        if self.has_run_out(now) {
            (self.in_a_row, self.locks, self.locked_until) = (0, 0, 0);
        }
    }

    fn has_run_out(&self, now: u64) -> bool {
        let memory = self.locked_until.max(self.last_failure) + self.spec.memory;
        !self.is_closed() && self.in_a_row > 0 && memory <= now
    }

    /// Records that the engine dropped the record. Nothing in it may still count, except that a
    /// fast clock may have ended it early by its lead.
    pub fn dropped(&mut self, real: u64) {
        let fastest = real.saturating_add_signed(self.clocks.lead);
        assert!(!self.is_closed(), "a closed record was dropped");
        if let Some(&sent) = self.real_sends.last().filter(|_| self.last_send.is_some()) {
            let cools_until = sent + self.spec.cooldown;
            assert!(cools_until <= real + self.clocks.apart, "dropped {} ms after a send", real - sent);
        }
        assert!(self.locked_until <= fastest, "a locked record was dropped");
        let memory = self.locked_until.max(self.last_failure) + self.spec.memory;
        assert!(
            self.in_a_row == 0 || memory <= fastest,
            "failures were forgotten {} ms early",
            memory - fastest
        );
        (self.written_at, self.live, self.last_send) = (None, None, None);
        (self.in_a_row, self.locks, self.locked_until) = (0, 0, 0);
        self.sends.clear();
    }
}

/// Returns how many of these times are in the window that ends now.
fn within(times: &[u64], now: u64, window: u64) -> u64 {
    times.iter().filter(|&&time| now < time + window).count() as u64
}
