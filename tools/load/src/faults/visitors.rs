//! The visitors of the servers during a fault: users who log in, attackers who guess codes, and
//! users who ask for more messages.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until};

use super::tally::Tally;
use crate::api::{Answer, Api};
use crate::outcome::Outcome;

/// The number of visitors of each kind.
pub(crate) struct Crowd {
    /// Users who have a code before the load begins and enter it at some point during the load.
    pub(crate) waiting: u64,
    /// Users whose code an attacker guesses throughout.
    pub(crate) guessed: u64,
    /// Users who have been sent all but one of the messages in their quota and ask for more
    /// throughout.
    pub(crate) exhausted: u64,
    /// New users who log in one after another; this many at once.
    pub(crate) coming: u64,
}

/// The server's attempts per code, and its consecutive failures before a lock.
const ATTEMPTS: u64 = 10;

/// The server's quota of sends to a phone number in ten minutes.
const QUOTA: u64 = 5;

/// Seconds; longer than the server's cooldown between two sends.
const COOLDOWN: u64 = 31;

/// The number of retries after a request without an outcome.
const RETRIES: u32 = 40;

/// All visitors and their state.
#[derive(Clone)]
pub(crate) struct Visitors(Arc<Held>);

struct Held {
    api: Api,
    bases: Arc<[String]>,
    tally: Tally,
    turn: AtomicU64,
    stopped: AtomicBool,
    coming: u64,
    waiting: Vec<Ticket>,
    guessed: Vec<(Ticket, AtomicU64)>,
    exhausted: Vec<(String, AtomicU64)>,
    /// Codes that were accepted.
    used: Mutex<Vec<Ticket>>,
}

/// A code and the method id that it was sent for.
#[derive(Clone)]
struct Ticket {
    method_id: String,
    code: String,
}

impl Visitors {
    /// Creates the visitors, with everything that must exist before the load begins.
    pub(crate) async fn new(api: Api, bases: Arc<[String]>, tally: Tally, crowd: &Crowd) -> Outcome<Self> {
        let mut held = Held {
            api,
            bases,
            tally,
            turn: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
            coming: crowd.coming,
            waiting: Vec::new(),
            guessed: Vec::new(),
            exhausted: Vec::new(),
            used: Mutex::default(),
        };
        let wrong = "a server refused a login before the fault";
        let exhausted: Vec<_> = (0..crowd.exhausted).map(|_| held.new_number()).collect();
        for _ in 1..QUOTA {
            for number in &exhausted {
                let sent = held.ask(|api, base| api.login_or_create(base, number)).await;
                // On a busy machine the answer may be late; the message may or may not have been
                // sent.
                if !sent.is_done() && !sent.is_undecided() {
                    return Err(wrong.into());
                }
            }
            while held.ask(|api, base| api.advance(base, COOLDOWN)).await.is_undecided() {}
        }
        held.exhausted = exhausted.into_iter().map(|number| (number, AtomicU64::new(QUOTA - 1))).collect();
        for _ in 0..crowd.waiting {
            held.waiting.push(held.first_ticket().await.ok_or(wrong)?);
        }
        for _ in 0..crowd.guessed {
            held.guessed.push((held.first_ticket().await.ok_or(wrong)?, AtomicU64::new(0)));
        }
        Ok(Self(Arc::new(held)))
    }

    /// Runs all visitors, spread over the time `load`, until [`stop`](Self::stop) is called and
    /// each has an answer.
    pub(crate) async fn come_and_go(self, load: Duration) -> Outcome<()> {
        let (begun, mut visits) = (Instant::now(), JoinSet::new());
        for _ in 0..self.0.coming {
            let held = Arc::clone(&self.0);
            visits.spawn(async move {
                while !held.stopped.load(Ordering::Relaxed) {
                    if let Some(ticket) = held.ticket().await {
                        held.enter(&ticket).await;
                    }
                }
            });
        }
        let share = |at: usize, of: usize| load.mul_f64((at as f64 + 0.5) / of as f64);
        for (at, ticket) in self.0.waiting.iter().enumerate() {
            let (held, ticket) = (Arc::clone(&self.0), ticket.clone());
            let when = begun + share(at, self.0.waiting.len());
            visits.spawn(async move {
                sleep_until(when.into()).await;
                held.enter(&ticket).await;
            });
        }
        for at in 0..self.0.guessed.len() {
            let held = Arc::clone(&self.0);
            // Spread a code's attempts over most of the load, so that the fault falls between them.
            let pause = load.mul_f64(0.9 / ATTEMPTS as f64);
            visits.spawn(async move {
                sleep(pause.mul_f64(at as f64 / held.guessed.len() as f64)).await;
                while !held.stopped.load(Ordering::Relaxed) {
                    held.guess(at).await;
                    sleep(pause).await;
                }
            });
        }
        for at in 0..self.0.exhausted.len() {
            let held = Arc::clone(&self.0);
            let when = begun + share(at, self.0.exhausted.len());
            visits.spawn(async move {
                sleep_until(when.into()).await;
                while !held.stopped.load(Ordering::Relaxed) {
                    held.want_another(at).await;
                    sleep(Duration::from_millis(250)).await;
                }
            });
        }
        while let Some(visit) = visits.join_next().await {
            visit?;
        }
        Ok(())
    }

    /// Stops all visitors.
    pub(crate) fn stop(&self) {
        self.0.stopped.store(true, Ordering::Relaxed);
    }

    /// Checks the guarantees after recovery: enters used codes once more at each server, guesses
    /// until no attempts are left, and asks for messages beyond the quota.
    pub(crate) async fn audit(&self) {
        let held = &self.0;
        let used = held.used.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for ticket in &used {
            for base in &*held.bases {
                let again = held.asked(held.api.authenticate(base, &ticket.method_id, &ticket.code)).await;
                if again.is_done() {
                    held.tally.broken(|counts| counts.twice += 1);
                }
            }
        }
        for at in 0..held.guessed.len() {
            for _ in 0..=2 * ATTEMPTS {
                held.guess(at).await;
            }
            let (ticket, judged) = &held.guessed[at];
            if judged.load(Ordering::Relaxed) >= ATTEMPTS && held.show(ticket, &ticket.code).await.is_done() {
                held.tally.broken(|counts| counts.attempts_beyond += 1);
            }
        }
        // Advance past the cooldown, so that only the quota limits sends.
        held.ask(|api, base| api.advance(base, COOLDOWN)).await;
        for at in 0..held.exhausted.len() {
            for _ in 0..held.bases.len() {
                held.want_another(at).await;
            }
        }
    }
}

impl Held {
    /// Retries until a new user has been sent a code.
    async fn first_ticket(&self) -> Option<Ticket> {
        for _ in 0..RETRIES {
            if let Some(ticket) = self.ticket().await {
                return Some(ticket);
            }
        }
        None
    }

    /// Sends a code to a new user. Returns `None` if that fails.
    async fn ticket(&self) -> Option<Ticket> {
        let number = self.new_number();
        let method_id = loop {
            let sent = self.ask(|api, base| api.login_or_create(base, &number)).await;
            match sent.field("phone_id") {
                Some(id) => break id,
                // A send whose answer was lost starts a cooldown: give up on this user.
                None if !sent.is_undecided() => return None,
                None => self.wait_after(&sent).await,
            }
        };
        self.tally.sent();
        for _ in 0..RETRIES {
            match self.api.code(self.base(), &number).await {
                Ok(code) => return code.map(|code| Ticket { method_id, code }),
                Err(failed) => self.wait_after(&failed).await,
            }
        }
        None
    }

    /// Enters the correct code twice at each server, concurrently. Repeats it if no answer gave an
    /// outcome.
    async fn enter(self: &Arc<Self>, ticket: &Ticket) {
        let mut attempts = JoinSet::new();
        for _ in 0..4 {
            let (held, ticket) = (Arc::clone(self), ticket.clone());
            attempts.spawn(async move { held.show(&ticket, &ticket.code).await });
        }
        let mut outcomes = Outcomes::default();
        while let Some(answer) = attempts.join_next().await {
            answer.iter().for_each(|answer| outcomes.note(answer));
        }
        for _ in 0..RETRIES {
            if outcomes.decided {
                break;
            }
            let answer = self.show(ticket, &ticket.code).await;
            outcomes.note(&answer);
            self.wait_after(&answer).await;
        }
        if outcomes.passed > 0 {
            self.tally.login();
            self.used.lock().unwrap_or_else(PoisonError::into_inner).push(ticket.clone());
        }
        self.tally.broken(|counts| {
            counts.twice += outcomes.passed.saturating_sub(1);
            counts.used_not_in += u64::from(outcomes.passed == 0 && outcomes.used);
        });
    }

    /// Enters a wrong code. It counts as judged if it is called wrong; once the attempts are used
    /// up, no code is.
    async fn guess(&self, at: usize) {
        let (ticket, judged) = &self.guessed[at];
        let wrong = if ticket.code == "123456" { "654321" } else { "123456" };
        let answer = self.show(ticket, wrong).await;
        if answer.is_done() {
            self.tally.broken(|counts| counts.wrong_taken += 1);
        }
        if answer.error() == "otp_code_not_found" && judged.fetch_add(1, Ordering::Relaxed) >= ATTEMPTS {
            self.tally.broken(|counts| counts.attempts_beyond += 1);
        }
    }

    /// Asks for another message to a phone number with at most one left in its quota.
    async fn want_another(&self, at: usize) {
        let (number, sent) = &self.exhausted[at];
        if self.ask(|api, base| api.send(base, number)).await.is_done()
            && sent.fetch_add(1, Ordering::Relaxed) >= QUOTA
        {
            self.tally.broken(|counts| counts.sends_beyond += 1);
        }
    }

    /// Waits before a retry after an error. After no answer, the next server is tried at once.
    async fn wait_after(&self, answer: &Answer) {
        if matches!(answer, Answer::Refused(500.., _)) {
            sleep(Duration::from_millis(250)).await;
        }
    }

    async fn show(&self, ticket: &Ticket, code: &str) -> Answer {
        self.ask(|api, base| api.authenticate(base, &ticket.method_id, code)).await
    }

    /// Sends a request to the servers in turn.
    async fn ask<'a, F: Future<Output = Answer>>(
        &'a self,
        request: impl FnOnce(&'a Api, &'a str) -> F,
    ) -> Answer {
        self.asked(request(&self.api, self.base())).await
    }

    async fn asked(&self, request: impl Future<Output = Answer>) -> Answer {
        let begun = Instant::now();
        let answer = request.await;
        self.tally.answered(begun, &answer);
        answer
    }

    fn base(&self) -> &str {
        &self.bases[self.next() as usize % self.bases.len()]
    }

    fn new_number(&self) -> String {
        format!("+1212{}", 2_000_000 + self.next() % 8_000_000)
    }

    fn next(&self) -> u64 {
        self.turn.fetch_add(1, Ordering::Relaxed)
    }
}

/// The outcomes of entering a code several times.
#[derive(Default)]
struct Outcomes {
    passed: u64,
    used: bool,
    decided: bool,
}

impl Outcomes {
    fn note(&mut self, answer: &Answer) {
        self.passed += u64::from(answer.is_done());
        self.used |= answer.error() == "unable_to_auth_otp_code";
        self.decided |= !answer.is_undecided();
    }
}
