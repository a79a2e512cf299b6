//! What strangers of a region cost, by a ledger of its own, whatever calls are made in whichever
//! order: over lanes, devices and tenants that share their tallies.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use countersign::guard::{Charge, Guard, Prices};
use countersign::store::Guarded;
use countersign::{
    Challenge, Channel, DeviceToken, Error, Handle, Issued, Limits, PhoneNumber, Timestamp, Verifier,
};
use countersign_tests::desk::keys;
use countersign_tests::rng::Seeded;
use countersign_tests::tallied::Tallied;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::cases::cases;

/// Expensive, so that few sends reach the stake.
const PRICE: f64 = 0.5;
/// Stored counts are rounded to 2^-18.
const ROUNDING: f64 = 1e-3;
const BEGIN: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

/// Where a challenge runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Place {
    Common,
    Device,
    OtherTenant,
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Start,
    Vouched,
    Resend,
    Answer,
    Undelivered,
    Cancel,
    Forget,
}

struct Running {
    handle: Handle,
    code: String,
    /// The last send, if it was charged and not vouched for.
    last: Option<u32>,
    is_to_stranger: bool,
}

#[derive(Default)]
struct Person {
    /// Charged sends since the last answer.
    pending: Vec<u32>,
    is_verified: bool,
    token: Option<DeviceToken>,
    running: HashMap<Place, Running>,
}

struct Ledger {
    verifiers: [Verifier<Guarded<&'static Tallied>>; 2],
    rng: Seeded,
    now: Timestamp,
    people: HashMap<PhoneNumber, Person>,
    lost: BTreeSet<u32>,
    sends: u32,
    answers: u32,
    earned: u32,
}

impl Ledger {
    fn new(is_local: bool) -> Self {
        let store: &Tallied = Box::leak(Box::new(Tallied::new(is_local)));
        let limits = Limits::default().with_cooldown(Duration::ZERO).unwrap().with_send_quotas(&[]).unwrap();
        let guard = || Guard::default().with_prices(Prices::from_fn(|_, _| PRICE)).with_shared_tallies(true);
        let verifier = |tenant| {
            let verifier = Verifier::new(keys(), store).with_instance(1).with_limits(limits);
            verifier.with_guard(guard()).with_tenant(tenant)
        };
        Self {
            verifiers: ["", "other"].map(verifier),
            rng: Seeded(1),
            now: BEGIN,
            people: HashMap::new(),
            lost: BTreeSet::new(),
            sends: 0,
            answers: 0,
            earned: 0,
        }
    }

    fn act(&mut self, number: PhoneNumber, place: Place, act: Act) {
        let Self { verifiers, rng, now, people, .. } = self;
        let person = people.entry(number).or_default();
        let verifier = verifiers[usize::from(place == Place::OtherTenant)].at(*now, rng);
        let challenge = Challenge::new(number);
        match act {
            Act::Start | Act::Vouched => {
                let token = person.token.clone().filter(|_| place == Place::Device);
                let challenge = challenge.with_device(token);
                let challenge =
                    if matches!(act, Act::Vouched) { challenge.with_vouched() } else { challenge };
                let sent = verifier.start(challenge, Channel::Sms);
                self.sent(number, place, sent, true);
            }
            Act::Resend => {
                let Some(running) = person.running.get(&place) else { return };
                let sent = verifier.resend(challenge, running.handle);
                self.sent(number, place, sent, false);
            }
            Act::Answer => {
                let Some(running) = person.running.get(&place) else { return };
                let Ok(verified) = verifier.check(challenge, running.handle, &running.code) else { return };
                if place != Place::OtherTenant {
                    person.token = Some(verifier.device_token(&verified).unwrap());
                }
                let answered = running.last;
                self.answers += 1;
                if person.is_verified {
                    self.lost.retain(|send| Some(*send) != answered);
                } else {
                    self.earned += u32::from(running.is_to_stranger);
                    self.lost.retain(|send| !person.pending.contains(send));
                }
                person.is_verified = true;
                person.pending.clear();
            }
            Act::Undelivered => {
                let Some(running) = person.running.get(&place) else { return };
                if verifier.undelivered(challenge, running.handle).is_ok() {
                    let reported = running.last;
                    self.lost.retain(|send| Some(*send) != reported);
                }
            }
            Act::Cancel => {
                let Some(running) = person.running.get(&place) else { return };
                let _ = verifier.cancel(challenge, running.handle);
            }
            Act::Forget => verifier.forget(challenge).unwrap(),
        }
    }

    fn sent(&mut self, number: PhoneNumber, place: Place, sent: Result<Issued, Error>, is_new: bool) {
        let Ok(issued) = sent else { return };
        let charge = issued.ruling().unwrap().charge().unwrap();
        self.sends += 1;
        let is_counted = matches!(charge, Charge::Stranger | Charge::Purse);
        let last = is_counted.then_some(self.sends);
        let person = self.people.entry(number).or_default();
        self.lost.extend(last);
        person.pending.extend(last);
        let was = person.running.get(&place).is_some_and(|one| !is_new && one.is_to_stranger);
        let running = Running {
            handle: issued.handle(),
            code: issued.code().as_str().to_owned(),
            last,
            is_to_stranger: was || charge != Charge::Known,
        };
        person.running.insert(place, running);
    }

    fn assert_bounded(&self) {
        let days = self.now.since(BEGIN).as_secs_f64() / 86_400.0;
        let stake = Guard::default().stake();
        let bound = stake * (1.0 + std::f64::consts::LN_2 * days)
            + 6.0 * PRICE * f64::from(self.earned)
            + ROUNDING * f64::from(self.answers + self.sends)
            // An entry that expires forgets a thousandth.
            + stake * days / 10.0 / 1024.0;
        let lost = PRICE * self.lost.len() as f64;
        assert!(lost <= bound + 1e-6, "{lost} of {bound}, {} people who answered", self.earned);
    }
}

fn place() -> impl Strategy<Value = Place> {
    prop_oneof![3 => Just(Place::Common), 1 => Just(Place::Device), 1 => Just(Place::OtherTenant)]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => Just(Act::Start),
        1 => Just(Act::Vouched),
        2 => Just(Act::Resend),
        3 => Just(Act::Answer),
        2 => Just(Act::Undelivered),
        1 => Just(Act::Cancel),
        1 => Just(Act::Forget),
    ]
}

/// Few numbers in many blocks, or many in few.
fn number() -> impl Strategy<Value = PhoneNumber> {
    let parts = prop_oneof![
        (0..60_u32, Just(0), 0..2_u32),
        (0..2_u32, 0..4_u32, 0..60_u32),
        (0..8_u32, 0..3_u32, 0..3_u32),
    ];
    parts.prop_map(|(exchange, thousand, last)| {
        let area = ["212", "917", "646", "718"][exchange as usize % 4];
        format!("+1{area}{:03}{:04}", 220 + exchange, 100 + 1000 * thousand + last).parse().unwrap()
    })
}

fn seconds() -> impl Strategy<Value = u64> {
    prop_oneof![6 => 0..60_u64, 3 => 60..7_200_u64, 1 => 7_200..200_000_u64]
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn strangers_of_a_region_cost_no_more_than_its_stake_and_what_was_earned(
        acts in vec((seconds(), number(), place(), act()), 0..500),
        is_local: bool,
    ) {
        let mut ledger = Ledger::new(is_local);
        for (gap, number, place, act) in acts {
            ledger.now = ledger.now + Duration::from_secs(gap);
            ledger.act(number, place, act);
            ledger.assert_bounded();
        }
    }
}
