//! Sequences of operations, run on the library and on a plain model. Every answer must be the same,
//! and so must the status afterwards.

mod cast;
mod device;
mod ledger;
mod model;
mod op;
mod spec;
mod terms;
mod watched;

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use countersign::limits::Lock;
use countersign::{
    Challenge, Error, Handle, Issued, KeyId, Keys, Lifetime, Limits, Purpose, Timestamp, Verifier,
};

use super::rng::Seeded;
pub use cast::CAST;
use cast::{account, account_in, recipient};
use device::Remembered;
use ledger::Ledger;
use model::{Account, Outcome};
pub use op::{Asked, Edge, Entry, Op, Shown};
pub use spec::{SPECS, Spec};
use terms::{Answer, Held, Now};
use watched::Watched;

type Moment<'a> = countersign::verifier::Moment<'a, Arc<Watched>, Seeded>;

/// The phases of a rotation: the first key; both, the first in use; both, the second in use; the
/// second.
static KEYS: LazyLock<[Keys; 4]> = LazyLock::new(|| {
    let first = Keys::from_secret([7; 32]).unwrap();
    let both = first.clone().accept(KeyId::new(1), [8; 32]).unwrap();
    let second = both.clone().tag_with(KeyId::new(1)).unwrap();
    let alone = second.clone().retire(KeyId::new(0)).unwrap();
    [first, both, second, alone]
});

/// 2020-01-01, the earliest valid clock.
const EARLIEST: u64 = 1_577_836_800_000;

/// When sequences begin.
const NOW: u64 = 1_800_000_000_000;

/// The library and its model.
pub struct World {
    spec: Spec,
    limits: Limits,
    /// An index into [`KEYS`].
    phase: usize,
    epoch: u32,
    store: Arc<Watched>,
    /// One for each tenant, until phase or epoch change: creating one costs more than using it.
    verifiers: [Option<Verifier<Arc<Watched>>>; cast::TENANTS],
    rng: Seeded,
    now: u64,
    /// The store's own time: how far the clock has ever been ahead.
    elapsed: Arc<AtomicU64>,
    /// When each account was last written, in the store's own time.
    written: [u64; cast::ACCOUNTS],
    accounts: [Account; cast::ACCOUNTS],
    remembered: Remembered,
    ledger: Ledger,
    /// All answers, so that a test can see what its sequences reach.
    pub answers: Vec<Answer>,
}

impl World {
    pub fn new(spec: Spec, seed: u64) -> Self {
        let elapsed = Arc::new(AtomicU64::new(0));
        let clock = Arc::clone(&elapsed);
        Self {
            spec,
            limits: spec.limits(),
            phase: 0,
            epoch: 0,
            store: Arc::new(Watched::new(move || Duration::from_millis(clock.load(Relaxed)))),
            elapsed,
            verifiers: Default::default(),
            rng: Seeded(seed),
            now: NOW,
            written: [0; cast::ACCOUNTS],
            accounts: Default::default(),
            remembered: Remembered::default(),
            ledger: Ledger::default(),
            answers: Vec::new(),
        }
    }

    /// Runs an operation on both, and then compares the recipient's status.
    pub fn run(&mut self, op: &Op) {
        self.act(op);
        if let Some(who) = op.who() {
            self.look(who);
        }
        if op.who().is_some_and(cast::is_device) {
            self.look(cast::OWNER);
        }
    }

    fn act(&mut self, op: &Op) {
        match *op {
            Op::Wait(ms) => self.now += ms,
            Op::WaitFor { who, edge, off } => self.wait_for(who, edge, off),
            Op::Back(ms) => self.now = self.now.saturating_sub(ms).max(EARLIEST),
            Op::Rotate(phases) => {
                self.phase = (self.phase + phases).min(KEYS.len() - 1);
                self.verifiers = Default::default();
            }
            Op::RaiseEpoch => {
                self.epoch += 1;
                self.verifiers = Default::default();
            }
            Op::Start { who, ref terms } => self.start(who, terms),
            Op::Resend { who, handle, purpose } => {
                self.resend(who, self.ledger.handle(who, handle), purpose);
            }
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
            Op::Cancel { who, handle, purpose } => {
                self.cancel(who, self.ledger.handle(who, handle), purpose);
            }
            Op::Undelivered { who, handle, purpose } => {
                self.undelivered(who, self.ledger.handle(who, handle), purpose);
            }
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
        let challenge = Challenge::new(recipient(who))
            .with_purpose(terms.purpose)
            .with_format(op::format(asked.format))
            .with_lifetime(Lifetime::from_seconds(asked.lifetime).unwrap())
            .with_deadline(terms.deadline.map(Timestamp::from_unix_millis));
        let token = cast::is_device(who).then(|| self.remembered.token.clone());
        let on_device = token.is_some() && self.remembered.is_good(&self.plain_now(&self.spec));
        let challenge = challenge.with_device(token);
        let account = account_in(who, on_device);
        let issued = self.compare(
            who,
            account,
            |at| at.start(&challenge, channel),
            Answer::sent,
            |account, now, issued| {
                cast::denied(who, channel).map_or(Ok(()), |reason| Err(Answer::Denied(reason)))?;
                account.start(now, terms.drawn(issued))
            },
        );
        self.note(account, issued, None);
    }

    fn resend(&mut self, who: usize, handle: Handle, purpose: Option<usize>) {
        let account = account_in(who, handle.device().is_some());
        let purpose = self.purpose(account, purpose);
        let challenge = self.challenge(who).with_purpose(purpose);
        let issued = self.compare(
            who,
            account,
            |at| at.resend(&challenge, handle),
            Answer::sent,
            |account, now, issued| account.resend(now, handle, purpose, Held::default().drawn(issued).code),
        );
        self.note(account, issued, Some(handle));
    }

    fn note(&mut self, account: usize, issued: Option<Issued>, resent: Option<Handle>) {
        if let Some(issued) = issued {
            self.ledger.issue(account, &issued, resent);
        }
    }

    fn check(&mut self, who: usize, handle: Option<Handle>, purpose: Option<usize>, entry: &str) {
        let on_device = handle.map_or(cast::is_device(who), |handle| handle.device().is_some());
        let account = account_in(who, on_device);
        let purpose = self.purpose(account, purpose);
        let challenge = self.challenge(who).with_purpose(purpose);
        let passed = self.compare(
            who,
            account,
            |at| match handle {
                Some(handle) => at.check(&challenge, handle, entry),
                None => at.check_without_handle(&challenge, entry),
            },
            |verified| {
                assert_eq!(verified.recipient(), &recipient(who));
                let at = verified.at().unix_millis();
                Answer::Verified { purpose: verified.purpose(), channel: verified.channel(), at }
            },
            |account, now, _| account.check(now, handle, purpose, entry),
        );
        let Some(verified) = passed else { return };
        self.ledger.pass(account, handle, entry, self.now);
        if on_device {
            let (mut remembered, key) = (self.remembered.clone(), u8::from(self.phase >= 2));
            let renew = |at: &Moment<'_>| remembered.renew(at, &verified, key);
            self.call(who, account, renew).unwrap();
            self.remembered = remembered;
        }
    }

    fn cancel(&mut self, who: usize, handle: Handle, purpose: Option<usize>) {
        let account = account_in(who, handle.device().is_some());
        let purpose = self.purpose(account, purpose);
        let challenge = self.challenge(who).with_purpose(purpose);
        let done = self.compare(
            who,
            account,
            |at| at.cancel(&challenge, handle),
            Answer::done,
            |account, now, _| account.cancel(now, handle, purpose),
        );
        if done.is_some() {
            self.ledger.retire(account);
        }
    }

    fn undelivered(&mut self, who: usize, handle: Handle, purpose: Option<usize>) {
        let account = account_in(who, handle.device().is_some());
        let purpose = self.purpose(account, purpose);
        let challenge = self.challenge(who).with_purpose(purpose);
        self.compare(
            who,
            account,
            |at| at.undelivered(&challenge, handle),
            Answer::done,
            |account, now, _| account.undelivered(now, handle, purpose),
        );
    }

    fn unlock(&mut self, who: usize) {
        let challenge = self.challenge(who);
        let call = |at: &Moment<'_>| at.unlock(&challenge);
        self.compare(who, account(who), call, Answer::done, |account, now, _| account.unlock(now));
    }

    fn forget(&mut self, who: usize) {
        let challenge = self.challenge(who);
        let call = |at: &Moment<'_>| at.forget(&challenge);
        self.compare(who, account(who), call, Answer::done, |account, now, _| account.forget(now));
        self.ledger.retire(account(who));
    }

    /// Returns a challenge for the recipient, in the participant's own lane if a call has neither
    /// handle nor token.
    fn challenge(&self, who: usize) -> Challenge<'static> {
        let challenge = Challenge::new(recipient(who));
        if cast::is_device(who) { challenge.on_device(self.remembered.id) } else { challenge }
    }

    /// Returns the requested purpose, or that of the challenge.
    fn purpose(&self, account: usize, asked: Option<usize>) -> Purpose {
        let held = self.accounts[account].challenge.as_ref();
        asked.map(op::purpose).or(held.map(|held| held.purpose)).unwrap_or_default()
    }

    /// Makes one call of the library and of the model.
    fn compare<T>(
        &mut self,
        who: usize,
        account: usize,
        call: impl FnOnce(&Moment<'_>) -> Result<T, Error>,
        read: impl FnOnce(&T) -> Answer,
        plain: impl FnOnce(&mut Account, &Now<'_>, Option<&T>) -> Outcome,
    ) -> Option<T> {
        let result = self.call(who, account, call);
        let spec = self.spec;
        let now = self.plain_now(&spec);
        let expected = plain(&mut self.accounts[account], &now, result.as_ref().ok());
        let answer = result.as_ref().map(read).map_err(Answer::refused);
        assert_eq!(answer, expected, "the library's answer and the model's");
        self.answers.push(expected.unwrap_or_else(|answer| answer));
        result.ok()
    }

    /// Compares the status.
    fn look(&mut self, who: usize) {
        let challenge = self.challenge(who);
        let status = self.call(who, account(who), |at| at.status(&challenge)).unwrap();
        let expected = self.accounts[account(who)].status(&self.plain_now(&self.spec));
        assert_eq!(terms::seen(&status), expected, "the library's status and the model's");
    }

    fn plain_now<'a>(&self, spec: &'a Spec) -> Now<'a> {
        Now {
            at: self.now,
            spec,
            epoch: self.epoch,
            key: u8::from(self.phase >= 2),
            first_key_is_known: self.phase < 3,
        }
    }

    /// Calls the library, and forgets in the model what the store was free to drop.
    fn call<T>(
        &mut self,
        who: usize,
        account: usize,
        call: impl FnOnce(&Moment<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.elapsed.fetch_max(self.now.saturating_sub(NOW), Relaxed);
        self.store.clear();
        let (tenant, name) = cast::tenant(who);
        let verifier = self.verifiers[tenant].get_or_insert_with(|| {
            let verifier = Verifier::new(KEYS[self.phase].clone(), Arc::clone(&self.store));
            verifier.with_limits(self.limits).with_tenant(name).with_epoch(self.epoch)
        });
        let at = verifier.at(Timestamp::from_unix_millis(self.now), &mut self.rng);
        let result = call(&at);
        if self.store.found_nothing() {
            let kept_for = self.elapsed.load(Relaxed) - self.written[account];
            let account = &mut self.accounts[account];
            let counts = account.counts_until(&self.spec);
            let is_over = counts.is_some_and(|until| until <= account.seen + kept_for);
            assert!(is_over, "dropped too early: {account:?}");
            *account = Account::default();
        }
        if self.store.wrote() {
            self.written[account] = self.elapsed.load(Relaxed);
        }
        result
    }

    fn wait_for(&mut self, who: usize, edge: Edge, off: i64) {
        let account = &self.accounts[account(who)];
        let held = account.challenge.as_ref();
        let end = match edge {
            Edge::Code => held.map(|held| held.expires_at),
            Edge::Deadline => held.and_then(|held| held.deadline),
            Edge::Token => Some(self.remembered.expires_at(&self.spec)),
            Edge::Cooldown => account.cooldown_until(&self.spec, self.now),
            Edge::Quota => account.quota_until(&self.spec, self.now),
            Edge::Lock => account.lock_at(self.now).and_then(Lock::until).map(Timestamp::unix_millis),
        };
        let there = end.filter(|&end| end < Timestamp::MAX.unix_millis());
        self.now = there.map_or(self.now, |end| end.saturating_add_signed(off)).max(self.now);
    }
}
