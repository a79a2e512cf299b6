//! Who comes to the servers while something breaks: people who log in, some who guess, some who want another message.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until};

use super::tally::Tally;
use crate::api::{Answer, Api};
use crate::outcome::Outcome;

/// How many of each kind.
pub(crate) struct Crowd {
    /// Have a code before the load begins, and enter it at some time during the load.
    pub(crate) waiting: u64,
    /// Have a code, which somebody else guesses at all the time.
    pub(crate) guessed: u64,
    /// Have had all the messages but one that a number may be sent, and want more all the time.
    pub(crate) exhausted: u64,
    /// Come with a number that was never seen, log in, and make room for the next: so many at once.
    pub(crate) coming: u64,
}

/// The server's tries for a code, and its failures in a row before the lock.
const TRIES: u64 = 10;

/// The server's sends to a number in ten minutes.
const QUOTA: u64 = 5;

/// Longer than its cooldown between two sends.
const COOLDOWN: u64 = 31;

/// Who gets no answer tries again so often.
const RETRIES: u32 = 40;

/// All visitors: what they have, and what they did.
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

/// A code that was sent.
#[derive(Clone)]
struct Ticket {
    method_id: String,
    code: String,
}

impl Visitors {
    /// With all that has to be there before the load begins.
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
        let wrong = "a server that nothing was done to yet refuses a login";
        let exhausted: Vec<_> = (0..crowd.exhausted).map(|_| held.new_number()).collect();
        for _ in 1..QUOTA {
            for number in &exhausted {
                let sent = held.ask(|api, base| api.login_or_create(base, number)).await;
                // A message whose answer came too late, on a machine with other work, may have been sent or not.
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

    /// All of them, spread over so much time, until they are told to [`stop`](Self::stop) and each has an answer.
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
            // The tries of a code last for most of the time, so that the fault comes between them.
            let pause = load.mul_f64(0.9 / TRIES as f64);
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

    /// No more of them come.
    pub(crate) fn stop(&self) {
        self.0.stopped.store(true, Ordering::Relaxed);
    }

    /// When all is well again: used codes are shown once more, at each server; whoever was guessed at is guessed at until
    /// nothing is judged any more; whoever had all messages wants another.
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
            for _ in 0..=2 * TRIES {
                held.guess(at).await;
            }
            let (ticket, judged) = &held.guessed[at];
            if judged.load(Ordering::Relaxed) >= TRIES && held.show(ticket, &ticket.code).await.is_done() {
                held.tally.broken(|counts| counts.tries_beyond += 1);
            }
        }
        // Not the cooldown keeps them from it now, but the quota.
        held.ask(|api, base| api.advance(base, COOLDOWN)).await;
        for at in 0..held.exhausted.len() {
            for _ in 0..held.bases.len() {
                held.want_another(at).await;
            }
        }
    }
}

impl Held {
    /// Of the first who gets one.
    async fn first_ticket(&self) -> Option<Ticket> {
        for _ in 0..RETRIES {
            if let Some(ticket) = self.ticket().await {
                return Some(ticket);
            }
        }
        None
    }

    /// Somebody new is sent a code. Nothing if that does not work out.
    async fn ticket(&self) -> Option<Ticket> {
        let number = self.new_number();
        let method_id = loop {
            let sent = self.ask(|api, base| api.login_or_create(base, &number)).await;
            match sent.field("phone_id") {
                Some(id) => break id,
                // After a send whose answer is lost there is a cooldown: this person waits, and another comes.
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

    /// The right code, at both servers at once, twice; and if all that is heard is that nothing was decided, again.
    async fn enter(self: &Arc<Self>, ticket: &Ticket) {
        let mut tries = JoinSet::new();
        for _ in 0..4 {
            let (held, ticket) = (Arc::clone(self), ticket.clone());
            tries.spawn(async move { held.show(&ticket, &ticket.code).await });
        }
        let mut heard = Heard::default();
        while let Some(answer) = tries.join_next().await {
            answer.iter().for_each(|answer| heard.note(answer));
        }
        for _ in 0..RETRIES {
            if heard.decided {
                break;
            }
            let answer = self.show(ticket, &ticket.code).await;
            heard.note(&answer);
            self.wait_after(&answer).await;
        }
        if heard.passed > 0 {
            self.tally.login();
            self.used.lock().unwrap_or_else(PoisonError::into_inner).push(ticket.clone());
        }
        self.tally.broken(|counts| {
            counts.twice += heard.passed.saturating_sub(1);
            counts.used_not_in += u64::from(heard.passed == 0 && heard.used);
        });
    }

    /// A wrong code. Judged is what was called wrong; after the tries nothing is.
    async fn guess(&self, at: usize) {
        let (ticket, judged) = &self.guessed[at];
        let wrong = if ticket.code == "123456" { "654321" } else { "123456" };
        let answer = self.show(ticket, wrong).await;
        if answer.is_done() {
            self.tally.broken(|counts| counts.wrong_taken += 1);
        }
        if answer.error() == "otp_code_not_found" && judged.fetch_add(1, Ordering::Relaxed) >= TRIES {
            self.tally.broken(|counts| counts.tries_beyond += 1);
        }
    }

    /// Another message to a number that may have one more at most.
    async fn want_another(&self, at: usize) {
        let (number, sent) = &self.exhausted[at];
        if self.ask(|api, base| api.send(base, number)).await.is_done()
            && sent.fetch_add(1, Ordering::Relaxed) >= QUOTA
        {
            self.tally.broken(|counts| counts.sends_beyond += 1);
        }
    }

    /// Who is told that nothing was decided comes back after a while; where nobody answers, the next server is asked at once.
    async fn wait_after(&self, answer: &Answer) {
        if matches!(answer, Answer::Refused(500.., _)) {
            sleep(Duration::from_millis(250)).await;
        }
    }

    async fn show(&self, ticket: &Ticket, code: &str) -> Answer {
        self.ask(|api, base| api.authenticate(base, &ticket.method_id, code)).await
    }

    /// At one server after the other.
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

/// What somebody heard who showed one code several times.
#[derive(Default)]
struct Heard {
    passed: u64,
    used: bool,
    decided: bool,
}

impl Heard {
    fn note(&mut self, answer: &Answer) {
        self.passed += u64::from(answer.is_done());
        self.used |= answer.error() == "unable_to_auth_otp_code";
        self.decided |= !answer.is_undecided();
    }
}
