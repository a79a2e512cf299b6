//! How long failures are remembered: beyond the end of the lock that they caused, even if the
//! engine drops each record as soon as it may.

use std::sync::Arc;
use std::time::Duration;

use countersign::{Channel, Error, Limits, Refusal};
use countersign_tests::desk::{DAY, Desk, HOUR, MINUTE, SECOND, number};
use countersign_tests::engine::Engine;
use countersign_tests::rng::Seeded;
use proptest::prelude::*;

use crate::cases::cases;

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn limits(failures: u8, lock: u64, memory: u64) -> Limits {
    Limits::default()
        .with_cooldown(Duration::ZERO)
        .and_then(|limits| limits.with_send_quotas(&[]))
        .and_then(|limits| limits.with_failures_before_lock(failures))
        .and_then(|limits| limits.with_lock(millis(lock)))
        .and_then(|limits| limits.with_failure_memory(millis(memory)))
        .unwrap()
}

struct Host {
    desk: Desk<Arc<Engine>>,
    engine: Arc<Engine>,
}

impl Host {
    fn new(limits: Limits) -> Self {
        let engine = Arc::new(Engine::default());
        let desk = Desk::new(Arc::clone(&engine)).with(|verifier| verifier.with_limits(limits));
        engine.set_time(desk.now);
        Self { desk, engine }
    }

    fn wait_until(&mut self, time: u64) {
        self.desk.now = time;
        self.engine.set_time(time);
    }

    /// Guesses whenever possible, up to `most` times. Returns the number of guesses before the
    /// record was closed.
    fn guess_until_closed(&mut self, most: u32, mut pause: impl FnMut() -> u64) -> Option<u32> {
        let mut guesses = 0;
        while guesses < most {
            match self.desk.at().start(number(), Channel::Sms) {
                Ok(issued) => {
                    let refused = self.desk.fail(&issued);
                    assert!(matches!(refused, Refusal::WrongCode { .. }), "{refused}");
                    guesses += 1;
                }
                Err(Error::Refused(Refusal::Closed)) => return Some(guesses),
                Err(Error::Refused(Refusal::Locked { until })) => {
                    let pause = pause();
                    self.wait_until(until.unix_millis() + pause);
                }
                Err(error) => panic!("{error}"),
            }
        }
        None
    }
}

/// A hundred failures close a record, however they are spread, if no two of them are further apart
/// than the lock and the failure memory.
#[test]
fn a_hundred_failures_across_locks_close_the_record() {
    for (failures, lock, memory) in [(10, HOUR, DAY), (10, DAY, DAY), (10, 7 * DAY, DAY), (1, 7 * DAY, DAY)] {
        let mut host = Host::new(limits(failures, lock, memory));
        assert_eq!(host.guess_until_closed(300, || 0), Some(100), "{failures}, {lock} ms, {memory} ms");
    }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn failures_are_remembered_after_the_lock_ends(
        failures in 1..=20u8,
        lock in 5 * MINUTE..=7 * DAY,
        memory in DAY..=3 * DAY,
        pauses in any::<u64>(),
    ) {
        let mut random = Seeded(pauses);
        let mut host = Host::new(limits(failures, lock, memory));
        let pause = || { let Ok(number) = rand_core::TryRng::try_next_u64(&mut random); number % memory };
        prop_assert_eq!(host.guess_until_closed(300, pause), Some(100));
    }

    /// Not a millisecond earlier, and not much later.
    #[test]
    fn failures_are_forgotten_after_lock_and_failure_memory(
        failures in 1..=20u8,
        guesses in 1..=60u32,
        lock in 5 * MINUTE..=7 * DAY,
        memory in DAY..=3 * DAY,
    ) {
        let mut host = Host::new(limits(failures, lock, memory));
        host.guess_until_closed(guesses, || 0);
        let locked = match host.desk.at().start(number(), Channel::Sms) {
            Err(Error::Refused(Refusal::Locked { until })) => until.unix_millis(),
            _ => 0,
        };
        let end = locked.max(host.desk.now) + memory;
        host.wait_until(end - 1);
        prop_assert_eq!(u32::from(host.desk.failures()), guesses);
        host.wait_until(end + 30 * SECOND);
        prop_assert_eq!(host.desk.failures(), 0);
    }
}

/// A host that remembers failures for ever, with one failure.
fn for_ever() -> Host {
    let mut host = Host::new(Limits::default().with_failure_memory_forever());
    let issued = host.desk.at().start(number(), Channel::Sms).unwrap();
    host.desk.fail(&issued);
    host
}

#[test]
fn failures_can_be_remembered_for_ever() {
    let mut host = for_ever();
    for years in [1, 10, 1000] {
        host.wait_until(host.desk.now + years * 365 * DAY);
        assert_eq!(host.desk.failures(), 1);
    }
}

#[test]
fn success_clears_failures_remembered_for_ever() {
    let mut host = for_ever();
    host.wait_until(host.desk.now + DAY);
    let issued = host.desk.at().start(number(), Channel::Sms).unwrap();
    assert!(host.desk.at().check(number(), issued.handle(), issued.code().as_str()).is_ok());
    assert_eq!(host.desk.failures(), 0);
    host.wait_until(host.desk.now + 40 * DAY);
    assert_eq!(host.engine.len(), 0, "the record expires normally");
}

#[test]
fn operators_clear_failures_remembered_for_ever() {
    let mut host = for_ever();
    host.desk.at().unlock(number()).unwrap();
    assert_eq!(host.desk.failures(), 0);
    let mut host = for_ever();
    host.desk.at().forget(number()).unwrap();
    assert_eq!(host.desk.failures(), 0);
}
