//! The verifier over the in-memory store: everything that a host calls, with the system's generator.

#![allow(clippy::unwrap_used, reason = "a bench that cannot continue stops")]

use core::error::Error;
use core::time::Duration;

use countersign::rng::SystemRng;
use countersign::totp::{TotpSecret, TotpSettings};
use countersign::{
    Account, Challenge, Channel, Error as Failure, Issued, Keys, Limits, MemoryStore, PhoneNumber, Refusal,
    Timestamp, Verifier,
};
use criterion::{BatchSize, Criterion};

/// The number of people who log in, in turns, so that calls do not always meet the same record.
const PEOPLE: usize = 1_000;
/// The batch size: at most one call per person.
const IN_TURNS: BatchSize = BatchSize::NumIterations(PEOPLE as u64);

const START: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

struct Person {
    number: PhoneNumber,
    account: Account,
    secret: TotpSecret,
}

/// People with an authenticator each, and a verifier with limits under which they can log in all
/// day.
struct World {
    verifier: Verifier<MemoryStore>,
    people: Vec<Person>,
}

impl World {
    fn new() -> Result<Self, Box<dyn Error>> {
        let limits = Limits::default().with_cooldown(Duration::ZERO)?.with_send_quotas(&[])?;
        let limits = limits.with_tries_per_code(100)?.with_failures_before_lock(100)?;
        let verifier = Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new()).with_limits(limits);
        let person = |person: usize| -> Result<Person, Box<dyn Error>> {
            let number = format!("+1202555{person:04}").parse()?;
            let account = Account::new(format!("user-{person}"))?;
            let secret = TotpSecret::generate(&mut SystemRng)?;
            let mut rng = SystemRng;
            let at = verifier.at(START, &mut rng);
            at.account(&account).import_totp(secret.clone(), TotpSettings::DEFAULT)?;
            Ok(Person { number, account, secret })
        };
        let people = (0..PEOPLE).map(person).collect::<Result<_, _>>()?;
        Ok(Self { verifier, people })
    }

    /// Returns the code of a turn: each person's own, one after the other. A person's next turn is
    /// a window later, because codes of neighbouring steps are sometimes equal.
    fn turn(&self, turn: usize) -> Turn<'_> {
        let person = &self.people[turn % PEOPLE];
        let now = START + Duration::from_secs(90 * (1 + turn / PEOPLE) as u64);
        let settings = TotpSettings::DEFAULT;
        let code = settings.code(&person.secret, settings.step(now)).as_str().to_owned();
        Turn { person, now, code }
    }
}

struct Turn<'a> {
    person: &'a Person,
    now: Timestamp,
    code: String,
}

/// Checks codes of authenticators, each time another person's.
pub(crate) fn totp(criterion: &mut Criterion) -> Result<(), Box<dyn Error>> {
    let world = World::new()?;
    let check = |turn: &Turn<'_>, entry: &str| {
        world.verifier.at(turn.now, &mut SystemRng).account(&turn.person.account).check_totp(entry)
    };
    let wrong = |code: &str| if code == "123456" { "654321" } else { "123456" };
    let first = world.turn(0);
    let refused = check(&first, wrong(&first.code)).unwrap_err();
    assert!(matches!(refused, Failure::Refused(Refusal::WrongCode { tries_left: 99, .. })));
    assert_eq!(check(&first, &first.code)?.drift(), 0);

    let mut turns = (1..).map(|turn| world.turn(turn));
    let mut group = criterion.benchmark_group("totp");
    group.bench_function("memory_store_right", |bencher| {
        let mut next = || turns.next().unwrap();
        bencher.iter_batched(&mut next, |turn| check(&turn, &turn.code).unwrap(), IN_TURNS);
    });
    group.bench_function("memory_store_wrong", |bencher| {
        let mut unlocked = || {
            let turn = turns.next().unwrap();
            world.verifier.at(turn.now, &mut SystemRng).account(&turn.person.account).unlock().unwrap();
            turn
        };
        // Once in a hundred thousand times, it is the code of a neighbouring step.
        bencher.iter_batched(&mut unlocked, |turn| check(&turn, wrong(&turn.code)), IN_TURNS);
    });
    group.finish();
    Ok(())
}

/// Issues and checks passcodes, each time another person's: alone, and for the person's account.
pub(crate) fn passcodes(criterion: &mut Criterion) -> Result<(), Box<dyn Error>> {
    let world = World::new()?;
    let challenge = |person: &Person, is_joined: bool| {
        let challenge = Challenge::new(person.number);
        if is_joined { challenge.with_account(&person.account) } else { challenge }
    };
    let start = |person: &Person, is_joined: bool| -> Result<Issued, Failure> {
        world.verifier.at(START, &mut SystemRng).start(challenge(person, is_joined), Channel::Sms)
    };
    let check = |person: &Person, is_joined: bool, issued: &Issued| {
        let (handle, code) = (issued.handle(), issued.code().as_str());
        world.verifier.at(START, &mut SystemRng).check(challenge(person, is_joined), handle, code)
    };
    let first = &world.people[0];
    let issued = start(first, true)?;
    assert!(check(first, false, &issued).is_err(), "a passcode of an account");
    assert_eq!(check(first, true, &issued)?.recipient(), &first.number.into());

    let mut next = world.people.iter().cycle();
    let mut group = criterion.benchmark_group("passcode");
    for (name, is_joined) in [("start_alone", false), ("start_of_account", true)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| start(next.next().unwrap(), is_joined).unwrap());
        });
    }
    for (name, is_joined) in [("check_alone", false), ("check_of_account", true)] {
        group.bench_function(name, |bencher| {
            let started = || {
                let person = next.next().unwrap();
                (person, start(person, is_joined).unwrap())
            };
            let check = |(person, issued): (&Person, Issued)| check(person, is_joined, &issued).unwrap();
            bencher.iter_batched(started, check, IN_TURNS);
        });
    }
    group.finish();
    Ok(())
}
