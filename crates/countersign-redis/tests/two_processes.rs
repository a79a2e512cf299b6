//! Two processes on one server, one with each store: concurrent calls get no more verdicts than
//! attempts, and one success.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

use countersign::testing::BlockOn;
use countersign::{Keys, Verifier};
use countersign_engines::rivals::{CAP, CHANNEL, Tally, Task, limits, number, race};
use countersign_engines::{Redis, TIMEOUT, Tokio};
use countersign_redis::{BlockingRedisStore, RedisStore, Timeouts};

/// For tests that are not about timeouts: only a call that hangs takes longer.
const LONG_TIMEOUTS: Timeouts = Timeouts::new(TIMEOUT, TIMEOUT);

const MODES: [&str; 2] = ["blocking", "async"];

fn verifier<S>(store: S) -> Verifier<S> {
    Verifier::new(Keys::from_secret([7; 32]).unwrap(), store).with_limits(limits().unwrap())
}

#[test]
fn wrong_guesses_from_two_processes_stay_within_the_cap() {
    let redis = Redis::start().unwrap();
    let here = verifier(BlockingRedisStore::connect(redis.url(), LONG_TIMEOUTS).unwrap());
    let issued = here.start(number().unwrap(), CHANNEL).unwrap();
    let wrong = if issued.code().as_str() == "000000" { "000001" } else { "000000" };
    let tally = race(&redis.url(), &issued, wrong, 5_000, &MODES).unwrap();
    println!("two processes, 10,000 wrong guesses: {tally:?}");
    assert_eq!(tally, Tally { passed: 0, wrong: CAP, nothing: 10_000 - CAP, failed: 0 });
    assert_eq!(usize::from(here.status(number().unwrap()).unwrap().failures_in_a_row), CAP);
}

#[test]
fn correct_code_from_two_processes_succeeds_once() {
    let redis = Redis::start().unwrap();
    let here = verifier(BlockingRedisStore::connect(redis.url(), LONG_TIMEOUTS).unwrap());
    let issued = here.start(number().unwrap(), CHANNEL).unwrap();
    let tally = race(&redis.url(), &issued, issued.code().as_str(), 500, &MODES).unwrap();
    println!("two processes, 1,000 correct submissions: {tally:?}");
    assert_eq!(tally, Tally { passed: 1, wrong: 0, nothing: 999, failed: 0 });
}

#[test]
#[ignore = "started as a process by the tests above"]
fn rival() {
    let Some(task) = Task::from_environment() else { return };
    let number = number().unwrap();
    if task.mode == "blocking" {
        let verifier = verifier(BlockingRedisStore::connect(&*task.url, LONG_TIMEOUTS).unwrap());
        return task.run(|task| verifier.check(number, task.handle, &task.entry)).unwrap();
    }
    let tokio = Tokio::start().unwrap();
    let verifier = verifier(tokio.block_on(RedisStore::connect(&*task.url, LONG_TIMEOUTS)).unwrap());
    let check =
        |task: &Task| tokio.block_on(verifier.asynchronously().check(number, task.handle, &task.entry));
    task.run(check).unwrap();
}
