//! Many concurrent calls: whatever the interleaving, no more verdicts than attempts, and one
//! success.

use std::sync::{Barrier, LazyLock, Mutex};
use std::thread;

use countersign::store::{Keep, Loaded, RecordKey, Revision, Store, StoreError, Swap};
use countersign::{
    Channel, Error, Handle, Issued, Limits, MemoryStore, Refusal, Timestamp, Verified, Verifier,
};
use countersign_tests::desk::{keys, number, wrong};
use countersign_tests::rng::Seeded;

/// The number of concurrent calls. The long form is `COUNTERSIGN_THREADS=10000 cargo test --release
/// --test laws parallel:: -- --test-threads=1`.
static THREADS: LazyLock<u64> =
    LazyLock::new(|| std::env::var("COUNTERSIGN_THREADS").map_or(200, |threads| threads.parse().unwrap()));
const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

/// A store that lets other threads run between a load and a swap.
struct Crowded(MemoryStore);

impl Store for Crowded {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        let loaded = self.0.load(key);
        thread::yield_now();
        loaded
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        self.0.compare_and_swap(key, expected, record, keep)
    }
}

fn verifier() -> Verifier<Crowded> {
    Verifier::new(keys(), Crowded(MemoryStore::new()))
}

fn start(verifier: &Verifier<Crowded>) -> Issued {
    verifier.at(NOW, &mut Seeded(1)).start(number(), Channel::Sms).unwrap()
}

/// Makes the call on all threads at once, and returns the results. Contended calls are repeated, so
/// that no verdict is lost.
fn at_once<T: Send>(call: impl Fn(u64, &mut Seeded) -> Result<T, Error> + Sync) -> Vec<Result<T, Error>> {
    let barrier = Barrier::new(*THREADS as usize);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..*THREADS)
            .map(|thread| {
                let (call, barrier) = (&call, &barrier);
                let small = thread::Builder::new().stack_size(256 << 10);
                let run = move || {
                    let mut rng = Seeded(thread << 32);
                    barrier.wait();
                    loop {
                        match call(thread, &mut rng) {
                            Err(Error::Contended) => thread::yield_now(),
                            result => return result,
                        }
                    }
                };
                small.spawn_scoped(scope, run).unwrap()
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn check(
    verifier: &Verifier<Crowded>,
    rng: &mut Seeded,
    handle: Handle,
    entry: &str,
) -> Result<Verified, Error> {
    verifier.at(NOW, rng).check(number(), handle, entry)
}

fn count<T>(results: &[Result<T, Error>], what: impl Fn(&Refusal) -> bool) -> usize {
    results
        .iter()
        .filter(|result| result.as_ref().err().and_then(Error::refusal).is_some_and(|no| what(&no)))
        .count()
}

#[test]
fn concurrent_wrong_guesses_get_no_more_verdicts_than_attempts() {
    let verifier = verifier();
    let issued = start(&verifier);
    let results = at_once(|thread, rng| {
        check(&verifier, rng, issued.handle(), &wrong(issued.code().as_str(), thread as usize % 6))
    });
    assert_eq!(count(&results, |no| matches!(no, Refusal::WrongCode { .. })), 5);
    assert_eq!(count(&results, |no| *no == Refusal::NoTriesLeft), *THREADS as usize - 5);
    let status = verifier.at(NOW, &mut Seeded(0)).status(number()).unwrap();
    assert_eq!((status.failures_in_a_row, status.challenge.unwrap().tries_left), (5, 0));
}

#[test]
fn concurrent_wrong_guesses_lock_after_ten() {
    let verifier = verifier().with_limits(Limits::default().with_tries_per_code(100).unwrap());
    let issued = start(&verifier);
    let results = at_once(|_, rng| check(&verifier, rng, issued.handle(), &wrong(issued.code().as_str(), 0)));
    assert_eq!(count(&results, |no| matches!(no, Refusal::WrongCode { .. })), 10);
    assert_eq!(count(&results, |no| matches!(no, Refusal::Locked { .. })), *THREADS as usize - 10);
}

#[test]
fn concurrent_correct_codes_succeed_once() {
    let verifier = verifier();
    let issued = start(&verifier);
    let results = at_once(|_, rng| check(&verifier, rng, issued.handle(), issued.code().as_str()));
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(count(&results, |no| *no == Refusal::AlreadyUsed), *THREADS as usize - 1);
}

/// Every other code is correct: at most one check passes, and there are no more wrong verdicts than
/// attempts.
#[test]
fn concurrent_correct_and_wrong_codes_keep_the_attempt_limit() {
    let verifier = verifier();
    let issued = start(&verifier);
    let results = at_once(|thread, rng| {
        let code = issued.code().as_str();
        let entry = if thread % 2 == 0 { code.to_owned() } else { wrong(code, 0) };
        check(&verifier, rng, issued.handle(), &entry)
    });
    let (passed, wrong) = (
        results.iter().filter(|result| result.is_ok()).count(),
        count(&results, |no| matches!(no, Refusal::WrongCode { .. })),
    );
    assert!(passed == 1 && wrong <= 4 || passed == 0 && wrong == 5, "{passed} passed, {wrong} wrong");
}

/// One thread resends while all others submit the earlier code. Either one of them is first and the
/// resend is refused, or none of them passes.
#[test]
fn concurrent_resend_supersedes_or_is_refused() {
    for round in 0..8 {
        let verifier = verifier();
        let issued = start(&verifier);
        let later = NOW + core::time::Duration::from_secs(30);
        let resender = *THREADS * round / 8;
        let newer = Mutex::new(None);
        let results = at_once(|thread, rng| {
            if thread == resender {
                *newer.lock().unwrap() = Some(verifier.at(later, rng).resend(number(), issued.handle())?);
                return Ok(None);
            }
            verifier.at(later, rng).check(number(), issued.handle(), issued.code().as_str()).map(Some)
        });
        let passed = results.iter().filter(|result| matches!(result, Ok(Some(_)))).count();
        let superseded = count(&results, |no| matches!(no, Refusal::Superseded { .. }));
        match newer.into_inner().unwrap() {
            None => {
                assert_eq!((passed, superseded), (1, 0));
                let resent = results[resender as usize].as_ref().unwrap_err();
                assert_eq!(resent.refusal(), Some(Refusal::AlreadyUsed));
            }
            Some(newer) => {
                assert_eq!((passed, superseded), (0, 5), "the attempts of the newer code");
                let code = newer.code().as_str();
                let late = verifier.at(later, &mut Seeded(1 << 16)).check(number(), newer.handle(), code);
                assert_eq!(late.unwrap_err().refusal(), Some(Refusal::NoTriesLeft));
            }
        }
    }
}

/// A double click, many times over: one message.
#[test]
fn concurrent_starts_issue_one_code() {
    let verifier = verifier();
    let results = at_once(|_, rng| verifier.at(NOW, rng).start(number(), Channel::Sms));
    let issued: Vec<_> = results.iter().flatten().collect();
    assert_eq!(issued.len(), 1);
    assert_eq!(count(&results, |no| matches!(no, Refusal::CoolingDown { .. })), *THREADS as usize - 1);
    assert!(check(&verifier, &mut Seeded(1 << 16), issued[0].handle(), issued[0].code().as_str()).is_ok());
}
