//! Carries out events on a verifier.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;

use countersign::guard::{Guard, HostKey, Ruling, Scope};
use countersign::rng::{BufferedRng, SystemRng};
use countersign::store::{Guarded, MemoryTallies};
use countersign::{Challenge, Error, Keys, Lifetime, MemoryStore, Policy, Timestamp, Verifier};

use crate::answer::{Answer, Grounds};
use crate::event::{Action, Event, Line, latest};
use crate::failure::Failure;
use crate::sent::Sent;

/// The events so far, on a verifier whose store is in memory.
pub struct Replay {
    verifier: Verifier<Guarded<MemoryStore>>,
    rng: BufferedRng<SystemRng>,
    /// The latest time seen, which is the store's time too.
    clock: Arc<AtomicU64>,
    sent: Sent,
}

impl Replay {
    /// Creates a replay without events, which keeps its tallies in the given ones. Limits are a
    /// verifier's defaults.
    ///
    /// # Errors
    ///
    /// [`Failure::Setup`] if the verifier can't be created.
    pub fn new(policy: Policy, guard: Guard, tallies: MemoryTallies) -> Result<Self, Failure> {
        let clock = Arc::new(AtomicU64::new(0));
        let elapsed = Arc::clone(&clock);
        let store = MemoryStore::with_capacity(usize::MAX)
            .with_tallies(tallies)
            .with_clock(move || Duration::from_millis(elapsed.load(Ordering::Relaxed)));
        // Nothing is sent and nothing leaves the process, so the secret need not be one.
        let keys = Keys::from_secret([7; 32]).map_err(|error| Failure::Setup(error.to_string()))?;
        let verifier = Verifier::new(keys, store).with_policy(policy).with_guard(guard);
        Ok(Self { verifier, rng: BufferedRng::new(SystemRng), clock, sent: Sent::default() })
    }

    /// Answers a line. A bad line changes nothing, not even the time.
    pub fn answer(&mut self, line: &Line<'_>) -> Answer {
        match &line.parsed {
            Ok(event) => self.carry_out(event),
            Err(bad) => Answer::Error(bad.to_string()),
        }
    }

    fn carry_out(&mut self, event: &Event<'_>) -> Answer {
        let now = match latest(self.now(), event.time) {
            Ok(now) => now,
            Err(bad) => return Answer::Error(bad.to_string()),
        };
        self.clock.store(now.unix_millis(), Ordering::Relaxed);
        self.sent.expire(now);
        match event.action {
            Action::Send => self.send(event, false, now),
            Action::Vouched => self.send(event, true, now),
            Action::Verify => self.verify(event, now),
            Action::Import => {
                let imported = self.verifier.at(now, &mut self.rng).import(event.number);
                imported.map_or_else(failed, |()| Answer::Counted)
            }
        }
    }

    fn send(&mut self, event: &Event<'_>, is_vouched: bool, now: Timestamp) -> Answer {
        let challenge = match challenge(event) {
            Ok(challenge) if is_vouched => challenge.with_vouched(),
            Ok(challenge) => challenge,
            Err(answer) => return answer,
        };
        let recipient = Scope::Recipient(Some(event.number));
        match self.verifier.at(now, &mut self.rng).start(challenge, event.channel) {
            Ok(issued) => {
                let grounds = issued.ruling().and_then(Grounds::of);
                self.sent.put(event.number, event.channel, issued);
                Answer::Allow(grounds)
            }
            Err(Error::Denied(reason)) => deny(&Ruling::policy(reason, recipient)),
            Err(Error::Refused(refusal)) => deny(&Ruling::limit(refusal, recipient)),
            Err(Error::Guarded(ruling)) => deny(&ruling),
            Err(error) => failed(error),
        }
    }

    /// Enters the right code of the last allowed send. Codes that expired or were replaced are not
    /// counted as failures, so that a verifier refuses them without any effect.
    fn verify(&mut self, event: &Event<'_>, now: Timestamp) -> Answer {
        let Some(issued) = self.sent.get(event.number, event.channel) else { return Answer::Ignored };
        let (handle, code) = (issued.handle(), issued.code().as_str());
        match self.verifier.at(now, &mut self.rng).check(event.number, handle, code) {
            Ok(_) => Answer::Counted,
            Err(Error::Refused(_)) => Answer::Ignored,
            Err(error) => failed(error),
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.clock.load(Ordering::Relaxed))
    }
}

/// The challenge of a send, with ten minutes to answer it.
fn challenge(event: &Event<'_>) -> Result<Challenge<'static>, Answer> {
    let lifetime = Lifetime::from_minutes(10).map_err(|error| Answer::Error(error.to_string()))?;
    let mut challenge = Challenge::new(event.number).with_lifetime(lifetime);
    if let Some(ip) = event.ip {
        challenge = challenge.with_key(HostKey::ip(ip));
    }
    if !event.account.is_empty() {
        challenge = challenge.with_key(HostKey::account(event.account));
    }
    Ok(challenge)
}

fn deny(ruling: &Ruling) -> Answer {
    let without_rule = || Answer::Error("the send was refused without a rule".into());
    Grounds::of(ruling).map_or_else(without_rule, Answer::Deny)
}

fn failed(error: Error) -> Answer {
    Answer::Error(error.to_string())
}
