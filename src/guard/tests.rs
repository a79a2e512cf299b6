//! The rule over tallies in memory, row by row.

mod answers;
mod keys;
mod known;
mod operators;
mod walk;

use core::time::Duration;

use super::*;
use crate::channel::Channel;
use crate::number::PhoneNumber;
use crate::store::{Change, Entry, MemoryTallies, NumberMemory, TallyKey};
use crate::time::Timestamp;

const NOW: Timestamp = Timestamp::from_unix_seconds(20_000 * 86_400);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);
const MS: Duration = Duration::from_millis(1);

/// A guard with its tallies and a time.
struct World {
    guard: Guard,
    secret: TallySecret,
    tallies: MemoryTallies,
    now: Timestamp,
}

impl World {
    fn new() -> Self {
        Self::with(Guard::default())
    }

    fn with(guard: Guard) -> Self {
        let (secret, tallies) = (TallySecret::new([7; 16]), MemoryTallies::with_capacity(1 << 14, 1 << 14));
        Self { guard, secret, tallies, now: NOW }
    }

    fn question(&self, subject: &Subject) -> Question {
        self.guard.question(&self.secret, subject)
    }

    /// The ruling, without a charge.
    fn explain(&self, subject: &Subject) -> Ruling {
        self.explain_at(subject, self.now)
    }

    fn explain_at(&self, subject: &Subject, now: Timestamp) -> Ruling {
        let question = self.question(subject);
        question.decide(&self.guard, &self.tallies.read(question.keys(), now).unwrap(), now).unwrap()
    }

    /// Decides, and charges what is allowed.
    fn send(&self, subject: &Subject) -> Ruling {
        let ruling = self.explain(subject);
        self.tallies.add(self.question(subject).sent(&ruling).as_slice(), self.now).unwrap();
        ruling
    }

    /// An allowed send, as a challenge remembers it.
    fn sent(&self, subject: &Subject) -> Receipt {
        let ruling = self.send(subject);
        Receipt::EMPTY.with(ruling.charge().unwrap_or_else(|| panic!("{ruling}")))
    }

    fn answer(&self, subject: &Subject, receipt: Receipt) {
        let question = self.question(&subject.clone().with_vouched(receipt.has(Charge::Vouched)));
        let memory = self.tallies.read(&[question.memory_key()], self.now).unwrap();
        let changes = question.answered(receipt, &memory.as_slice()[0], self.now);
        self.tallies.add(changes.as_slice(), self.now).unwrap();
    }

    fn undelivered(&self, subject: &Subject, charge: Charge) {
        let question = self.question(&subject.clone().with_vouched(charge == Charge::Vouched));
        let memory = self.tallies.read(&[question.memory_key()], self.now).unwrap();
        let changes = question.undelivered(charge, &memory.as_slice()[0], self.now);
        self.tallies.add(changes.as_slice(), self.now).unwrap();
    }

    fn import(&self, subject: &Subject) {
        let change = self.guard.import(&self.secret, subject, self.now);
        self.tallies.add(&[change], self.now).unwrap();
    }

    /// The key of a tally that counts the subject, vouched for or not.
    fn key(&self, subject: &Subject, level: level::Level) -> TallyKey {
        let question = self.question(&subject.clone().with_vouched(true));
        question.tallies().find(|(own, _)| *own == level).unwrap().1
    }

    /// The sums of a tally that counts the subject.
    fn sums(&self, subject: &Subject, level: level::Level) -> (f64, f64) {
        let key = self.key(subject, level);
        match self.tallies.read(&[key], self.now).unwrap().as_slice()[0] {
            Entry::Sums(sums) => {
                let sums = sums.decayed(self.now);
                (sums.unanswered(), sums.answered())
            }
            Entry::Number(_) => panic!("a tally"),
        }
    }

    fn set(&self, subject: &Subject, level: level::Level, unanswered: f64, answered: f64) {
        let key = self.key(subject, level);
        let sums = self.sums(subject, level);
        let change = Change::sums(key, unanswered - sums.0, answered - sums.1);
        self.tallies.add(&[change], self.now).unwrap();
        assert_eq!(self.sums(subject, level), (unanswered, answered));
    }

    fn memory(&self, subject: &Subject) -> NumberMemory {
        match self.tallies.read(&[self.question(subject).memory_key()], self.now).unwrap().as_slice()[0] {
            Entry::Number(memory) => memory,
            Entry::Sums(_) => panic!("a memory"),
        }
    }
}

fn number(text: &str) -> PhoneNumber {
    text.parse().unwrap()
}

/// A British mobile number, by its last six digits.
fn gb(last: u32) -> Subject {
    Subject::new(number(&alloc::format!("+447700{last:06}")), Channel::Sms)
}

/// The retry time of a refusal is the first moment at which the send is allowed.
fn assert_exact(world: &World, subject: &Subject) {
    let ruling = world.explain(subject);
    let retry_at = ruling.retry_at().unwrap_or_else(|| panic!("{ruling}"));
    assert!(retry_at > world.now && !ruling.is_allowed());
    let again = world.explain_at(subject, retry_at);
    assert!(again.is_allowed(), "{again} at {retry_at:?}");
    let before = retry_at
        - Duration::from_millis(if ruling.rule() == Some(Rule::NumberUnanswered) { 20_000 } else { 2 });
    assert!(!world.explain_at(subject, before).is_allowed(), "{ruling} until {retry_at:?}");
}
