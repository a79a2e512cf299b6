//! The verifier over the in-memory store: everything that a host calls, with the system's clock and
//! its generator, called each time or buffered.

#![allow(clippy::unwrap_used, reason = "a bench that cannot continue stops")]

use core::error::Error;
use core::time::Duration;

use countersign::rng::{BufferedRng, SystemRng};
use countersign::{
    Channel, Error as Failure, Issued, Keys, Limits, MemoryStore, PhoneNumber, Refusal, Timestamp, Verified,
    Verifier,
};
use criterion::{BatchSize, Criterion};

/// The number of people who log in, in turns, so that calls do not always meet the same record.
const PEOPLE: usize = 1_000;
/// The batch size: at most one call per person, so that nobody starts again before the code is
/// checked.
const IN_TURNS: BatchSize = BatchSize::NumIterations(PEOPLE as u64);

/// Issues codes. From the second turn on, each replaces the previous one.
pub(crate) fn start(criterion: &mut Criterion) -> Result<(), Box<dyn Error>> {
    let (verifier, people) = (verifier()?, people()?);
    assert_eq!(people.iter().filter(|&&person| verifier.start(person, Channel::Sms).is_ok()).count(), PEOPLE);

    let mut next = people.iter().copied().cycle();
    let mut group = criterion.benchmark_group("start");
    group.bench_function("memory_store", |bencher| {
        bencher.iter(|| verifier.start(next.next().unwrap(), Channel::Sms).unwrap());
    });
    let mut rng = BufferedRng::new(SystemRng);
    group.bench_function("memory_store_buffered_rng", |bencher| {
        bencher.iter(|| {
            verifier.at(Timestamp::now(), &mut rng).start(next.next().unwrap(), Channel::Sms).unwrap()
        });
    });
    group.finish();
    Ok(())
}

/// Checks codes, each time another person's.
pub(crate) fn check(criterion: &mut Criterion) -> Result<(), Box<dyn Error>> {
    let (verifier, people) = (verifier()?, people()?);
    let login = Login::start(&verifier, people[0])?;
    let refused = login.check_wrong(&verifier).unwrap_err();
    assert!(matches!(refused, Failure::Refused(Refusal::WrongCode { tries_left: 99, .. })));
    assert_eq!(login.check_right(&verifier)?.recipient(), &login.person.into());

    let mut next = people.iter().copied().cycle();
    let mut started = || Login::start(&verifier, next.next().unwrap()).unwrap();
    let mut group = criterion.benchmark_group("check");
    group.bench_function("memory_store_wrong", |bencher| {
        bencher.iter_batched(&mut started, |login| login.check_wrong(&verifier).unwrap_err(), IN_TURNS);
    });
    group.bench_function("memory_store_right", |bencher| {
        bencher.iter_batched(&mut started, |login| login.check_right(&verifier).unwrap(), IN_TURNS);
    });
    let mut rng = BufferedRng::new(SystemRng);
    group.bench_function("memory_store_right_buffered_rng", |bencher| {
        let check = |login: Login| {
            let (handle, code) = (login.issued.handle(), login.issued.code().as_str());
            verifier.at(Timestamp::now(), &mut rng).check(login.person, handle, code).unwrap()
        };
        bencher.iter_batched(&mut started, check, IN_TURNS);
    });
    group.finish();
    Ok(())
}

struct Login {
    person: PhoneNumber,
    issued: Issued,
}

impl Login {
    /// Starts after an unlock: otherwise the failures of earlier turns would close the record.
    fn start(verifier: &Verifier<MemoryStore>, person: PhoneNumber) -> Result<Self, Failure> {
        verifier.unlock(person)?;
        Ok(Self { person, issued: verifier.start(person, Channel::Sms)? })
    }

    fn check_right(&self, verifier: &Verifier<MemoryStore>) -> Result<Verified, Failure> {
        verifier.check(self.person, self.issued.handle(), self.issued.code().as_str())
    }

    fn check_wrong(&self, verifier: &Verifier<MemoryStore>) -> Result<Verified, Failure> {
        let wrong = if self.issued.code().as_str() == "123456" { "654321" } else { "123456" };
        verifier.check(self.person, self.issued.handle(), wrong)
    }
}

/// Creates a verifier with limits under which the same few people can log in all day.
fn verifier() -> Result<Verifier<MemoryStore>, Box<dyn Error>> {
    let limits = Limits::default().with_cooldown(Duration::ZERO)?.with_send_quotas(&[])?;
    let limits = limits.with_tries_per_code(100)?.with_failures_before_lock(100)?;
    Ok(Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new()).with_limits(limits))
}

fn people() -> Result<Vec<PhoneNumber>, countersign::number::ParseError> {
    (0..PEOPLE).map(|person| format!("+1202555{person:04}").parse()).collect()
}
