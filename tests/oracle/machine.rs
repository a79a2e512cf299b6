//! Stories of operations, told to the library and to a plain model of it at once. Every answer must be the same, and so
//! must be what an operator sees afterwards.

#[path = "machine/cast.rs"]
mod cast;
#[path = "machine/ledger.rs"]
mod ledger;
#[path = "machine/model.rs"]
mod model;
#[path = "machine/op.rs"]
mod op;
#[path = "machine/spec.rs"]
mod spec;
#[path = "machine/terms.rs"]
mod terms;
#[path = "machine/watched.rs"]
mod watched;

use countersign::{Challenge, Error, Handle, Issued, KeyId, Keys, Lifetime, Limits, Timestamp, Verifier};

use super::rng::Seeded;
pub use cast::CAST;
use cast::{account, recipient};
use ledger::Ledger;
use model::{Account, Outcome};
pub use op::{Asked, Edge, Entry, Op, Shown};
pub use spec::{SPECS, Spec};
use terms::{Answer, Held, Now};
use watched::Watched;

type Moment<'a, 'b> = countersign::Moment<'a, &'b Watched, Seeded>;

/// The library and its model.
pub struct World {
    spec: Spec,
    limits: Limits,
    /// The phases of a rotation: the first key; both, the first tags; both, the second tags; the second.
    keys: [Keys; 4],
    phase: usize,
    epoch: u32,
    store: Watched,
    rng: Seeded,
    now: u64,
    /// The latest time that was ever on the clock.
    latest: u64,
    accounts: [Account; cast::ACCOUNTS],
    ledger: Ledger,
    /// All answers, so that a test can see what its stories reach.
    pub answers: Vec<Answer>,
}

impl World {
    pub fn new(spec: Spec, seed: u64) -> Self {
        let first = Keys::from_secret([7; 32]).unwrap();
        let both = first.clone().accept(KeyId(1), [8; 32]).unwrap();
        let second = both.clone().tag_with(KeyId(1)).unwrap();
        let alone = second.clone().retire(KeyId(0)).unwrap();
        Self {
            spec,
            limits: spec.limits(),
            keys: [first, both, second, alone],
            phase: 0,
            epoch: 0,
            store: Watched::default(),
            rng: Seeded(seed),
            now: 1_800_000_000_000,
            latest: 0,
            accounts: Default::default(),
            ledger: Ledger::default(),
            answers: Vec::new(),
        }
    }

    /// Does it here and there.
    pub fn run(&mut self, op: &Op) {
        match *op {
            Op::Wait(ms) => self.now += ms,
            Op::WaitFor { who, edge, off } => self.wait_for(who, edge, off),
            Op::Back(ms) => self.now -= ms.min(self.now),
            Op::Rotate(phases) => self.phase = (self.phase + phases).min(self.keys.len() - 1),
            Op::RaiseEpoch => self.epoch += 1,
            Op::Start { who, ref terms } => self.start(who, terms),
            Op::Resend { who, handle } => self.resend(who, self.ledger.handle(who, handle)),
            Op::Check { who, handle, purpose, ref entry, small } => {
                let entry = self.ledger.entry(who, entry);
                let entry = if small { entry.to_lowercase() } else { entry };
                let shown = (handle != Shown::None).then(|| self.ledger.handle(who, handle));
                self.check(who, shown, purpose, &entry);
            }
            Op::Guess { who, times } => {
                let handle = self.ledger.handle(who, Shown::Last);
                let entry = self.ledger.entry(who, &Entry::Near(times));
                (0..times).for_each(|_| self.check(who, Some(handle), None, &entry));
            }
            Op::Cancel { who, handle } => self.cancel(who, self.ledger.handle(who, handle)),
            Op::Undelivered { who, handle } => self.undelivered(who, self.ledger.handle(who, handle)),
            Op::Unlock { who } => self.unlock(who),
            Op::Forget { who } => self.forget(who),
        }
    }

    fn start(&mut self, who: usize, asked: &Asked) {
        let channel = cast::channel(who, asked.channel);
        let terms = Held {
            purpose: op::purpose(asked.purpose),
            channel,
            shape: op::shape(asked.format),
            lifetime: 1000 * asked.lifetime,
            deadline: asked.deadline.map(|seconds| self.now + 1000 * seconds),
            ..Held::default()
        };
        let challenge = Challenge::new(recipient(who), channel)
            .purpose(terms.purpose)
            .format(op::format(asked.format))
            .lifetime(Lifetime::from_seconds(asked.lifetime).unwrap())
            .deadline(terms.deadline.map_or(Timestamp::MAX, Timestamp::from_unix_millis));
        let issued = self.tell(
            who,
            |at| at.start_challenge(&challenge),
            Answer::sent,
            |account, now, issued| {
                cast::denied(who, channel).map_or(Ok(()), |reason| Err(Answer::Denied(reason)))?;
                account.start(now, terms.drawn(issued))
            },
        );
        self.note(who, issued, None);
    }

    fn resend(&mut self, who: usize, handle: Handle) {
        let issued = self.tell(
            who,
            |at| at.resend(recipient(who), handle),
            Answer::sent,
            |account, now, issued| account.resend(now, handle, Held::default().drawn(issued).code),
        );
        self.note(who, issued, Some(handle));
    }

    fn note(&mut self, who: usize, issued: Option<Issued>, resent: Option<Handle>) {
        if let Some(issued) = issued {
            self.ledger.issue(who, &issued, resent);
        }
    }

    fn check(&mut self, who: usize, handle: Option<Handle>, purpose: Option<usize>, entry: &str) {
        let held = self.accounts[account(who)].challenge.as_ref();
        let purpose = purpose.map(op::purpose).or(held.map(|held| held.purpose)).unwrap_or_default();
        let passed = self.tell(
            who,
            |at| match handle {
                Some(handle) => at.check_for(purpose, recipient(who), handle, entry),
                None => at.check_without_handle(purpose, recipient(who), entry),
            },
            |verified| {
                assert_eq!(verified.recipient(), &recipient(who));
                let at = verified.at().unix_millis();
                Answer::Passed { purpose: verified.purpose(), channel: verified.channel(), at }
            },
            |account, now, _| account.check(now, handle, purpose, entry),
        );
        if passed.is_some() {
            self.ledger.pass(who, handle, entry, self.now);
        }
    }

    fn cancel(&mut self, who: usize, handle: Handle) {
        let call = |at: &mut Moment<'_, '_>| at.cancel(recipient(who), handle);
        let done = self.tell(who, call, Answer::done, |account, now, _| account.cancel(now, handle));
        if done.is_some() {
            self.ledger.retire(who);
        }
    }

    fn undelivered(&mut self, who: usize, handle: Handle) {
        let call = |at: &mut Moment<'_, '_>| at.undelivered(recipient(who), handle);
        self.tell(who, call, Answer::done, |account, now, _| account.undelivered(now, handle));
    }

    fn unlock(&mut self, who: usize) {
        self.tell(who, |at| at.unlock(recipient(who)), Answer::done, |account, now, _| account.unlock(now));
    }

    fn forget(&mut self, who: usize) {
        let forgotten = |account: &mut Account| {
            *account = Account::default();
            Ok(Answer::Done)
        };
        self.tell(who, |at| at.forget(recipient(who)), Answer::done, |account, _, _| forgotten(account));
        self.ledger.retire(who);
    }

    /// One call of the library and of the model, and what an operator sees afterwards.
    fn tell<T>(
        &mut self,
        who: usize,
        call: impl FnOnce(&mut Moment<'_, '_>) -> Result<T, Error>,
        read: impl FnOnce(&T) -> Answer,
        plain: impl FnOnce(&mut Account, &Now<'_>, Option<&T>) -> Outcome,
    ) -> Option<T> {
        let result = self.call(who, call);
        let (spec, at) = (self.spec, self.now);
        let now = Now {
            at,
            spec: &spec,
            epoch: self.epoch,
            key: u8::from(self.phase >= 2),
            first_key_is_known: self.phase < 3,
        };
        let expected = plain(&mut self.accounts[account(who)], &now, result.as_ref().ok());
        let answer = result.as_ref().map(read).map_err(Answer::refused);
        assert_eq!(answer, expected, "the library's answer, and the model's");
        self.answers.push(expected.unwrap_or_else(|answer| answer));
        let status = self.call(who, |at| at.status(recipient(who))).unwrap();
        let expected = self.accounts[account(who)].status(&now);
        assert_eq!(terms::seen(&status), expected, "the library's status, and the model's");
        result.ok()
    }

    /// Calls the library, and forgets here what the store was free to drop.
    fn call<T>(
        &mut self,
        who: usize,
        call: impl FnOnce(&mut Moment<'_, '_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.latest = self.latest.max(self.now);
        self.store.found.set(None);
        let verifier = Verifier::new(self.keys[self.phase].clone(), &self.store)
            .limits(self.limits)
            .tenant(cast::tenant(who))
            .epoch(self.epoch);
        let result = call(&mut verifier.at(Timestamp::from_unix_millis(self.now), &mut self.rng));
        if self.store.found.get() == Some(false) {
            let account = &mut self.accounts[account(who)];
            let counts = account.counts_until(&self.spec, self.epoch);
            assert!(counts.is_some_and(|until| until <= self.latest), "dropped too early: {account:?}");
            *account = Account::default();
        }
        result
    }

    fn wait_for(&mut self, who: usize, edge: Edge, off: i64) {
        let account = &self.accounts[account(who)];
        let held = account.challenge.as_ref();
        let end = match edge {
            Edge::Code => held.map(|held| held.expires_at),
            Edge::Deadline => held.and_then(|held| held.deadline),
            Edge::Cooldown => account.cooldown_until(self.now),
            Edge::Quota => account.quota_until(&self.spec, self.now),
            Edge::Lock => account.locked_until(self.now).map(Timestamp::unix_millis),
        };
        let there = end.filter(|&end| end < Timestamp::MAX.unix_millis());
        self.now = there.map_or(self.now, |end| end.saturating_add_signed(off)).max(self.now);
    }
}
