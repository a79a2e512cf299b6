//! Servers with differing clocks over one store. The answer of each call is compared with the
//! ledger.

use std::sync::Arc;

use countersign::error::Fault;
use countersign::verifier::Moment;
use countersign::{Challenge, Channel, Error, Handle, Issued, Refusal, Timestamp, Verifier};
use countersign_tests::desk::{keys, number, wrong};
use countersign_tests::engine::Engine;
use countersign_tests::rng::Seeded;

use super::ledger::{Clocks, Ledger};
use super::spec::Spec;

/// The next event. A code is named by its age: 0 is the newest that was sent.
#[derive(Clone, Debug)]
pub enum Op {
    Start {
        server: usize,
    },
    Resend {
        server: usize,
        age: usize,
    },
    Right {
        server: usize,
        age: usize,
        shows_handle: bool,
    },
    Wrong {
        server: usize,
        age: usize,
    },
    Malformed {
        server: usize,
        age: usize,
    },
    Cancel {
        server: usize,
        age: usize,
    },
    Undelivered {
        server: usize,
        age: usize,
    },
    Status {
        server: usize,
    },
    /// This many milliseconds of real time pass.
    Wait(u64),
    /// Waits until something ends by this server's clock, plus or minus some milliseconds.
    WaitFor {
        server: usize,
        edge: Edge,
        off: i64,
    },
}

/// The end to wait for.
#[derive(Clone, Copy, Debug)]
pub enum Edge {
    Code,
    Cooldown,
    Lock,
    /// The end of the record's retention, in the engine's time.
    Retention,
}

/// A passcode that was sent.
#[derive(Clone)]
struct Sent {
    handle: Handle,
    code: String,
}

/// The servers, their store and the ledger.
pub struct World {
    pub ledger: Ledger,
    verifier: Verifier<Arc<Engine>>,
    engine: Arc<Engine>,
    rng: Seeded,
    /// Milliseconds of real time.
    real: u64,
    /// How far each server's clock is ahead of real time.
    offsets: Vec<i64>,
    sent: Vec<Sent>,
    dropped: usize,
}

impl World {
    pub fn new(spec: Spec, offsets: &[i64], seed: u64) -> Self {
        let engine = Arc::new(Engine::default());
        let verifier = Verifier::new(keys(), Arc::clone(&engine)).with_limits(spec.limits());
        let mut world = Self {
            ledger: Ledger::new(spec, Clocks::new(offsets)),
            verifier,
            engine,
            rng: Seeded(seed),
            real: 0,
            offsets: offsets.to_vec(),
            sent: Vec::new(),
            dropped: 0,
        };
        world.set_time(1_800_000_000_000);
        world
    }

    pub fn run(&mut self, op: &Op) {
        match *op {
            Op::Start { server } => self.start(server),
            Op::Resend { server, age } => self.resend(server, age),
            Op::Right { server, age, shows_handle } => {
                if let Some(sent) = self.sent(age) {
                    self.check(server, &sent, &sent.code, shows_handle);
                }
            }
            Op::Wrong { server, age } => {
                if let Some(sent) = self.sent(age) {
                    self.check(server, &sent, &wrong(&sent.code, age % 6), true);
                }
            }
            Op::Malformed { server, age } => {
                if let Some(sent) = self.sent(age) {
                    self.refused(server, |at| at.check(number(), sent.handle, "12345"));
                }
            }
            Op::Cancel { server, age } => self.cancel(server, age),
            Op::Undelivered { server, age } => self.undelivered(server, age),
            Op::Status { server } => self.status(server),
            Op::Wait(millis) => self.set_time(self.real + millis),
            Op::WaitFor { server, edge, off } => {
                if let Some(time) = self.edge(server, edge) {
                    self.set_time(self.real.max(time.saturating_add_signed(off)));
                }
            }
        }
    }

    fn start(&mut self, server: usize) {
        let challenge = Challenge::new(number()).with_lifetime(self.ledger.spec.lifetime());
        let result = self.call(server, |at| at.start(&challenge, Channel::Sms));
        self.issued(server, result);
    }

    fn resend(&mut self, server: usize, age: usize) {
        let Some(sent) = self.sent(age) else { return };
        let result = self.call(server, |at| at.resend(number(), sent.handle));
        if result.is_ok() {
            let live = self.ledger.live.as_ref().expect("an ended challenge was resent");
            assert_eq!(live.handle, sent.handle.to_string(), "another challenge was resent");
            assert!(!live.used, "a used challenge was resent");
        }
        self.issued(server, result);
    }

    /// Compares the answer to a start or a resend with the ledger.
    fn issued(&mut self, server: usize, result: Result<Issued, Error>) {
        let clock = self.clock(server);
        match result {
            Ok(issued) => {
                assert_eq!(issued.expires_at().unix_millis(), clock + self.ledger.spec.lifetime);
                let (handle, code) = (issued.handle(), issued.code().as_str().to_owned());
                self.ledger.sent(self.real, clock, handle.to_string(), code.clone());
                self.sent.push(Sent { handle, code });
                self.ledger.written(clock);
            }
            Err(Error::Refused(Refusal::CoolingDown { retry_at })) => {
                assert!(self.ledger.is_cooling(clock), "{:?}: no cooldown", self.ledger.last_send);
                assert!(clock < retry_at.unix_millis(), "{retry_at:?} is over");
            }
            Err(Error::Refused(Refusal::QuotaExceeded { retry_at })) => {
                assert!(self.ledger.is_full(clock), "no quota is full");
                assert!(clock < retry_at.unix_millis(), "{retry_at:?} is over");
            }
            Err(Error::Fault(Fault::ClockWentBack { .. })) => {
                assert!(self.ledger.went_back(clock), "a send compares no code");
            }
            Err(_) => {}
        }
    }

    fn check(&mut self, server: usize, sent: &Sent, entry: &str, shows_handle: bool) {
        let clock = self.clock(server);
        let shown = if shows_handle {
            sent.handle.to_string()
        } else {
            self.ledger.live.as_ref().map(|live| live.handle.clone()).unwrap_or_default()
        };
        let compares = self.ledger.compares(clock, &shown);
        let is_live = self.ledger.live.as_ref().is_some_and(|live| live.code == entry);
        let result = self.call(server, |at| match shows_handle {
            true => at.check(number(), sent.handle, entry),
            false => at.check_without_handle(number(), entry),
        });
        match result {
            Ok(_) => {
                assert!(compares && is_live, "passed by {clock}: {:?}", self.ledger.live);
                self.ledger.passed();
                self.ledger.written(clock);
            }
            Err(Error::Refused(
                Refusal::WrongCode { tries_left, .. } | Refusal::Superseded { tries_left, .. },
            )) => {
                assert!(compares && !is_live, "called wrong by {clock}: {:?}", self.ledger.live);
                assert_eq!(self.ledger.failed(self.real, clock), u32::from(tries_left));
                self.ledger.written(clock);
            }
            Err(error) => assert!(!compares, "{error} by {clock}: {:?}", self.ledger.live),
        }
    }

    fn cancel(&mut self, server: usize, age: usize) {
        let Some(sent) = self.sent(age) else { return };
        if self.call(server, |at| at.cancel(number(), sent.handle)).is_ok() {
            let live = self.ledger.live.take().expect("an ended challenge was cancelled");
            assert_eq!(live.handle, sent.handle.to_string(), "another challenge was cancelled");
            self.ledger.written(self.clock(server));
        }
    }

    fn undelivered(&mut self, server: usize, age: usize) {
        let Some(sent) = self.sent(age) else { return };
        if self.call(server, |at| at.undelivered(number(), sent.handle)).is_ok() {
            self.ledger.last_send = None;
            self.ledger.written(self.clock(server));
        }
    }

    fn status(&mut self, server: usize) {
        let status = self.refused_or(server, |at| at.status(number()));
        if let Some(status) = status {
            let clock = self.clock(server);
            assert_eq!(u32::from(status.failures_in_a_row), self.ledger.failures(clock));
        }
    }

    fn refused<T>(&mut self, server: usize, call: impl FnOnce(&mut Desk<'_>) -> Result<T, Error>) {
        assert!(self.refused_or(server, call).is_none(), "the call should have been refused");
    }

    fn refused_or<T>(
        &mut self,
        server: usize,
        call: impl FnOnce(&mut Desk<'_>) -> Result<T, Error>,
    ) -> Option<T> {
        let before = self.engine.applied();
        let result = call(&mut self.verifier.at(time(self.clock(server)), &mut self.rng));
        assert_eq!(self.engine.applied(), before, "a refused call wrote");
        result.ok()
    }

    /// Makes a call, and checks the properties that all calls share.
    fn call<T>(
        &mut self,
        server: usize,
        call: impl FnOnce(&mut Desk<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let (clock, before) = (self.clock(server), self.engine.applied());
        let result = call(&mut self.verifier.at(time(clock), &mut self.rng));
        let writes = self.engine.applied() - before;
        let refusal = result.as_ref().err().and_then(Error::refusal);
        let compared = matches!(refusal, Some(Refusal::WrongCode { .. } | Refusal::Superseded { .. }));
        match &result {
            Err(error) if !compared => assert_eq!(writes, 0, "{error}: a refusal wrote"),
            _ => assert_eq!(writes, 1, "one call, one write"),
        }
        match &result {
            Err(Error::Fault(Fault::ClockWentBack { .. })) => assert!(
                self.ledger.went_back(clock) || self.ledger.is_from_the_future(clock),
                "within a day of {:?}",
                self.ledger.written_at
            ),
            Err(error) if refusal.is_none() => panic!("{error}"),
            _ => assert!(!self.ledger.went_back(clock), "a day behind {:?}", self.ledger.written_at),
        }
        match refusal {
            Some(Refusal::Locked { until }) => {
                assert!(self.ledger.is_locked(clock), "no lock at {clock}");
                assert_eq!(until.unix_millis(), self.ledger.locked_until);
            }
            Some(Refusal::Closed) => assert!(self.ledger.is_closed(), "not closed"),
            _ => assert!(
                !self.ledger.is_locked(clock) || result.is_err() && !compared,
                "answered by {clock} although locked until {}",
                self.ledger.locked_until
            ),
        }
        result
    }

    fn set_time(&mut self, real: u64) {
        // Advances the engine's clock in steps, so that each drop is seen when it happens.
        while let Some(due) = self.engine.next_due().filter(|&due| due <= real) {
            self.engine.set_time(due);
            assert!(self.engine.dropped() > self.dropped);
            self.dropped = self.engine.dropped();
            self.ledger.dropped(due);
        }
        self.real = real;
        self.engine.set_time(real);
    }

    fn clock(&self, server: usize) -> u64 {
        self.real.saturating_add_signed(self.offsets[server % self.offsets.len()])
    }

    fn sent(&self, age: usize) -> Option<Sent> {
        self.sent.iter().rev().nth(age).cloned()
    }

    /// Returns when the edge ends, in real time.
    fn edge(&self, server: usize, edge: Edge) -> Option<u64> {
        let by_clock = match edge {
            Edge::Code => self.ledger.live.as_ref()?.expires_at,
            Edge::Cooldown => self.ledger.last_send? + self.ledger.spec.cooldown,
            Edge::Lock => self.ledger.locked_until,
            Edge::Retention => return self.engine.next_due(),
        };
        Some(by_clock.saturating_add_signed(-self.offsets[server % self.offsets.len()]))
    }
}

type Desk<'a> = Moment<'a, Arc<Engine>, Seeded>;

fn time(millis: u64) -> Timestamp {
    Timestamp::from_unix_millis(millis)
}
