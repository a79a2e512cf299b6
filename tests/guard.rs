//! The toll-fraud guard: bounds on the loss in a region, for any sequence of sends, answers and
//! reports.

use std::collections::HashMap;
use std::time::Duration;

use countersign::guard::{Charge, Guard, HostKey, Prices, Receipt, Rule, Ruling, Subject, TallySecret};
use countersign::store::{Entry, MemoryTallies, NumberMemory, Standing};
use countersign::{Channel, PhoneNumber, Region, Timestamp};
use proptest::prelude::*;

const BEGIN: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
/// Expensive, so that few sends reach the stake.
const PRICE: f64 = 0.5;
/// Stored counts are rounded to steps of 2⁻¹⁸.
const ROUNDING: f64 = 1e-4;

/// A guard over memory, and a ledger of its own of what strangers of a region cost.
struct Desk {
    guard: Guard,
    secret: TallySecret,
    tallies: MemoryTallies,
    now: Timestamp,
    /// By number: sends by SMS that were charged and not answered, reported or vouched for.
    pending: HashMap<u64, u32>,
    receipts: HashMap<u64, Receipt>,
    lost: u32,
    people: u32,
    answers: u32,
}

impl Desk {
    fn new() -> Self {
        Self {
            guard: Guard::default().with_prices(Prices::from_fn(|_, _| PRICE)),
            secret: TallySecret::new([7; 16]),
            tallies: MemoryTallies::with_capacity(1 << 12, 1 << 12),
            now: BEGIN,
            pending: HashMap::new(),
            receipts: HashMap::new(),
            lost: 0,
            people: 0,
            answers: 0,
        }
    }

    fn subject(&self, number: u64, vouched: bool) -> Subject {
        // France: +33 6 and eight digits.
        let number: PhoneNumber = format!("+336{number:08}").parse().unwrap();
        assert_eq!(number.region(), Some(Region::FR));
        Subject::new(number, Channel::Sms).with_vouched(vouched)
    }

    fn memory(&self, subject: &Subject) -> (Entry, NumberMemory) {
        let key = self.guard.question(&self.secret, subject).memory_key();
        match self.tallies.read(&[key], self.now).unwrap().as_slice()[0] {
            Entry::Number(memory) => (Entry::Number(memory), memory),
            Entry::Sums(_) => panic!("a number"),
        }
    }

    fn send(&mut self, number: u64, vouched: bool) -> Ruling {
        let subject = self.subject(number, vouched);
        let question = self.guard.question(&self.secret, &subject);
        let read = self.tallies.read(question.keys(), self.now).unwrap();
        let ruling = question.decide(&self.guard, &read, self.now).unwrap();
        self.tallies.add(question.sent(&ruling).as_slice(), self.now).unwrap();
        if let Some(charge) = ruling.charge() {
            let receipt = Receipt::EMPTY.with(charge);
            self.receipts.insert(number, receipt);
            if charge.is_charged() && !vouched {
                *self.pending.entry(number).or_default() += 1;
                self.lost += 1;
            }
        }
        ruling
    }

    /// Answers the last send to a number, if there was one.
    fn answer(&mut self, number: u64) {
        let Some(receipt) = self.receipts.remove(&number) else { return };
        let subject = self.subject(number, receipt.has(Charge::Vouched));
        let (entry, memory) = self.memory(&subject);
        let question = self.guard.question(&self.secret, &subject);
        self.tallies.add(question.answered(receipt, &entry, self.now).as_slice(), self.now).unwrap();
        self.answers += 1;
        let pending = self.pending.remove(&number).unwrap_or(0);
        match memory.standing(self.now) {
            // All that this number had pending is answered for.
            Standing::New => {
                self.lost -= pending;
                self.people += 1;
            }
            Standing::Recent | Standing::Settled => self.lost -= pending.min(1),
        }
    }

    fn undelivered(&mut self, number: u64) {
        let Some(charge) = self.receipts.remove(&number).and_then(Receipt::last) else { return };
        let subject = self.subject(number, charge == Charge::Vouched);
        let (entry, _) = self.memory(&subject);
        let question = self.guard.question(&self.secret, &subject);
        let changes = question.undelivered(charge, &entry, self.now);
        self.tallies.add(changes.as_slice(), self.now).unwrap();
        let pending = self.pending.entry(number).or_default();
        let back = (*pending).min(1);
        *pending -= back;
        self.lost -= back;
    }

    /// What may be lost by now.
    fn bound(&self) -> f64 {
        let days = self.now.since(BEGIN).as_secs_f64() / 86_400.0;
        let stake = self.guard.stake();
        // An entry that expires forgets a thousandth.
        let forgotten = stake * days / 10.0 / 1024.0;
        stake * (1.0 + std::f64::consts::LN_2 * days)
            + 6.0 * PRICE * f64::from(self.people)
            + ROUNDING * f64::from(self.answers)
            + forgotten
    }

    fn assert_bounded(&self) {
        let lost = f64::from(self.lost) * PRICE;
        assert!(lost <= self.bound() + 1e-6, "{lost} of {} with {} people", self.bound(), self.people);
    }
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Send,
    Vouched,
    Answer,
    Undelivered,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![6 => Just(Act::Send), 1 => Just(Act::Vouched), 3 => Just(Act::Answer), 1 => Just(Act::Undelivered)]
}

/// Few numbers in many blocks, or many in few, so that each rule gets its turn.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![
        (0..40_u64).prop_map(|block| block * 1_010_101 % 90_000_000),
        (0..200_u64).prop_map(|number| 10_000_000 + number * 61),
        (0..12_u64, 0..3_u64).prop_map(|(million, number)| million * 1_000_000 + number * 3_000),
    ]
}

fn seconds() -> impl Strategy<Value = u64> {
    prop_oneof![6 => 0..60_u64, 3 => 60..7_200_u64, 1 => 7_200..400_000_u64]
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_region_loses_at_most_its_stake_and_what_was_earned(
        acts in prop::collection::vec((seconds(), number(), act()), 0..600),
    ) {
        let mut desk = Desk::new();
        for (gap, number, act) in acts {
            desk.now = desk.now + Duration::from_secs(gap);
            match act {
                Act::Send => { desk.send(number, false); }
                Act::Vouched => { desk.send(number, true); }
                Act::Answer => desk.answer(number),
                Act::Undelivered => desk.undelivered(number),
            }
            desk.assert_bounded();
        }
    }

    /// A clock that runs back decays nothing: it can only cost.
    #[test]
    fn clocks_that_jump_back_raise_no_loss(
        acts in prop::collection::vec((0..400_000_u64, 0..50_000_u64, number(), act()), 0..300),
    ) {
        let (mut desk, mut latest) = (Desk::new(), BEGIN);
        for (back, gap, number, act) in acts {
            latest = latest + Duration::from_secs(gap);
            desk.now = latest - Duration::from_secs(back);
            match act {
                Act::Send | Act::Vouched => { desk.send(number, false); }
                Act::Answer => desk.answer(number),
                Act::Undelivered => desk.undelivered(number),
            }
            desk.now = latest;
            desk.assert_bounded();
        }
    }

    /// Whoever answers gives no tally back more than was charged for the same number.
    #[test]
    fn an_answer_refunds_at_most_what_the_number_owes(
        others in 1..5_u32,
        sends in prop::collection::vec((0..40_000_u64, prop::bool::ANY), 1..12),
        wait in 0..400_000_u64,
    ) {
        let mut desk = Desk::new();
        let (other, own) = (20_000_001, 20_000_002);
        for _ in 0..others {
            desk.send(other, false);
        }
        let left = |desk: &Desk, number| {
            // What stands in a tally that only this number was charged to, as of now.
            let question = desk.guard.question(&desk.secret, &desk.subject(number, false));
            let Entry::Sums(sums) = desk.tallies.read(&question.keys()[1..2], desk.now).unwrap().as_slice()[0]
            else { panic!("a tally") };
            sums.decayed(desk.now).unanswered()
        };
        for (gap, undelivered) in sends {
            desk.now = desk.now + Duration::from_secs(gap);
            desk.send(own, false);
            if undelivered {
                desk.undelivered(own);
            }
        }
        desk.now = desk.now + Duration::from_secs(wait);
        desk.answer(own);
        let elapsed = desk.now.since(BEGIN).as_secs_f64() / 86_400.0;
        let others = if elapsed < 10.0 { f64::from(others) * (-elapsed).exp2() } else { 0.0 };
        prop_assert!((left(&desk, own) >= others - ROUNDING), "{} of {others}", left(&desk, own));
    }
}

/// Blocks of 10⁴, blocks of 10⁶ and the region each allow twice what was answered: the bound
/// is met almost.
#[test]
fn earned_trust_can_be_spent_three_times() {
    let mut desk = Desk::new();
    for person in 0..30 {
        desk.send(person * 300, false);
        desk.answer(person * 300);
    }
    let earned = desk.people;
    // From the widest to the narrowest, always other blocks: first all over the region.
    let mut place = 0;
    let mut spend = |desk: &mut Desk, from: u64, step: u64, most: u64| {
        let before = desk.lost;
        for _ in 0..most {
            place += 1;
            desk.send(from + place % most * step, false);
        }
        desk.lost - before
    };
    let region = spend(&mut desk, 1_000_000, 1_010_101, 80);
    let million = spend(&mut desk, 10_000, 10_107, 90);
    let block = spend(&mut desk, 7, 113, 85);
    desk.assert_bounded();
    let spent = [region, million, block].map(f64::from);
    assert!(spent[0] > 2.0 * f64::from(earned), "{spent:?}");
    assert!(
        f64::from(desk.lost) * PRICE > 0.8 * desk.bound(),
        "{spent:?}, {} of {}",
        desk.lost,
        desk.bound()
    );
}

#[test]
fn a_drip_through_random_blocks_costs_the_stake_and_what_decays() {
    let mut desk = Desk::new();
    // One number after the other, every 20 seconds for 5 days.
    for step in 0..21_600_u64 {
        desk.now = BEGIN + Duration::from_secs(20 * step);
        let _ = desk.send(step * 7_919_993 % 90_000_000, false);
        desk.assert_bounded();
    }
    let lost = f64::from(desk.lost) * PRICE;
    assert!(lost > 0.9 * desk.bound(), "{lost} of {}", desk.bound());
}

#[test]
fn earned_blocks_stay_open_in_a_closed_region() {
    let mut desk = Desk::new();
    for person in 0..3 {
        desk.send(50_000_000 + person * 211, false);
        desk.answer(50_000_000 + person * 211);
    }
    for number in 0..100 {
        desk.send(number * 811_007, false);
    }
    assert_eq!(desk.send(77_000_000, false).rule(), Some(Rule::Region));
    assert!(desk.send(50_001_000, false).is_allowed());
    assert!(desk.send(77_000_000, false).may_vouch());
    assert!(desk.send(77_000_000, true).is_allowed());
}

#[test]
fn a_pumped_network_is_refused_and_others_are_not() {
    let desk = Desk::new();
    let tags = |address: &str| {
        let key = HostKey::ip(address.parse().unwrap());
        desk.secret.tags(&[key], None, Channel::Email).unwrap()
    };
    let start = |user: u32, address: &str| {
        let recipient: countersign::EmailAddress = format!("user{user}@example.com").parse().unwrap();
        let subject = Subject::new(recipient, Channel::Email).with_tags(tags(address));
        let question = desk.guard.question(&desk.secret, &subject);
        let read = desk.tallies.read(question.keys(), BEGIN).unwrap();
        let ruling = question.decide(&desk.guard, &read, BEGIN).unwrap();
        desk.tallies.add(question.sent(&ruling).as_slice(), BEGIN).unwrap();
        ruling.rule()
    };
    let refused = (0..100).filter(|user| start(*user, "192.0.2.7").is_some()).count();
    assert_eq!(refused, 80);
    assert_eq!(start(100, "192.0.2.200"), Some(Rule::Ip));
    assert_eq!(start(100, "198.51.100.1"), None);
}
