//! The front over the store in memory: the whole of what a host calls, with the system's clock and its generator, asked each time or by the block.

#![allow(clippy::unwrap_used, reason = "a bench that can't go on stops")]

use core::error::Error;
use core::time::Duration;

use countersign::rng::{BufferedRng, SystemRng};
use countersign::{
    Channel, Error as Failure, Issued, Keys, Limits, MemoryStore, PhoneNumber, Refusal, Timestamp, Verified,
    Verifier,
};
use criterion::{BatchSize, Criterion};

/// So many people log in, in turns, so that it is not the same record again and again.
const PEOPLE: usize = 1_000;
/// Not more at a time, so that nobody starts anew before the code is checked.
const IN_TURNS: BatchSize = BatchSize::NumIterations(PEOPLE as u64);

/// A code is issued; from the second turn on it replaces the one before it.
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

/// A code is checked, each time another person's.
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
    /// Unlocked first, or the failures of the turns before would close the record.
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

/// With limits under which the same few people can log in all day.
fn verifier() -> Result<Verifier<MemoryStore>, Box<dyn Error>> {
    let limits = Limits::default().with_cooldown(Duration::ZERO)?.with_send_quotas(&[])?;
    let limits = limits.with_tries_per_code(100)?.with_failures_before_lock(100)?;
    Ok(Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new()).with_limits(limits))
}

fn people() -> Result<Vec<PhoneNumber>, countersign::number::ParseError> {
    (0..PEOPLE).map(|person| format!("+1202555{person:04}").parse()).collect()
}
