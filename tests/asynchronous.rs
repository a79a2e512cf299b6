//! Asynchronous calls: the same answers as blocking ones, whatever the store does, and the effects
//! of dropping a call.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use countersign::store::{
    AsyncStore, Keep, Loaded, MemoryStore, RecordKey, Revision, Store, StoreError, StoreErrorKind, Swap,
};
use countersign::{Challenge, Channel, Error, Issued, Keys, PhoneNumber, Refusal, Timestamp, Verifier};
use countersign_tests::rng::Seeded;
use proptest::prelude::*;
use rand_core::TryRng;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

fn number() -> PhoneNumber {
    "+12025550162".parse().unwrap()
}

fn verifier<S>(store: S) -> Verifier<S> {
    Verifier::new(Keys::from_secret([7; 32]).unwrap(), store)
}

/// Returns a code that differs in its first digit.
fn wrong(code: &str) -> String {
    let first = (code.as_bytes()[0] - b'0' + 1) % 10;
    format!("{first}{}", &code[1..])
}

/// Is pending once before and once after each call, as a network would be.
struct Distant<S>(S);

impl<S: Store + Sync> AsyncStore for Distant<S> {
    async fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        wait().await;
        let loaded = self.0.load(key);
        wait().await;
        loaded
    }

    async fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        wait().await;
        let swap = self.0.compare_and_swap(key, expected, record, keep);
        wait().await;
        swap
    }
}

/// The same store can also be called in blocking fashion.
impl<S: Store> Store for Distant<S> {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        self.0.load(key)
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

/// Loses replies, conflicts and fails, as its generator decides.
struct Unreliable {
    store: MemoryStore,
    rng: Mutex<Seeded>,
}

impl Unreliable {
    fn new(seed: u64) -> Self {
        Self { store: MemoryStore::new(), rng: Mutex::new(Seeded(seed)) }
    }

    fn dice(&self) -> u64 {
        let Ok(number) = self.rng.lock().unwrap().try_next_u64();
        number % 10
    }
}

impl Store for Unreliable {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        match self.dice() {
            0 => Err(StoreError::new(StoreErrorKind::Unavailable)),
            _ => Store::load(&self.store, key),
        }
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        let swap = || Store::compare_and_swap(&self.store, key, expected, record, keep);
        match self.dice() {
            0 => Err(StoreError::new(StoreErrorKind::Unavailable)),
            1 => Ok(Swap::Conflict),
            2 => Ok(Swap::Unknown),
            3 => swap().map(|_| Swap::Unknown),
            _ => swap(),
        }
    }
}

/// Is pending once.
async fn wait() {
    let mut waited = false;
    poll_fn(|_| if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}

/// Polls a future up to this many times, and drops it if it has not completed.
fn poll<T>(call: impl Future<Output = T>, times: usize) -> Option<T> {
    let mut call = pin!(call);
    let mut context = Context::from_waker(Waker::noop());
    (0..times).find_map(|_| match call.as_mut().poll(&mut context) {
        Poll::Ready(outcome) => Some(outcome),
        Poll::Pending => None,
    })
}

/// Polls a future to completion.
fn finish<T>(call: impl Future<Output = T>) -> T {
    poll(call, 10_000).unwrap()
}

/// Requires a future that a service can spawn.
fn spawnable<F: Future + Send>(call: F) -> F {
    call
}

/// One call, or time that passes.
#[derive(Clone, Copy, Debug)]
enum Op {
    Start,
    Resend,
    Right,
    Wrong,
    WithoutHandle,
    Cancel,
    Undelivered,
    Status,
    Unlock,
    Forget,
    Later(u64),
}

/// A verifier, its clock and generator, and the newest code.
struct Scene {
    verifier: Verifier<Distant<Unreliable>>,
    now: Timestamp,
    rng: Seeded,
    newest: Option<Issued>,
}

/// Makes a call, asynchronous or blocking.
macro_rules! call {
    ($scene:ident, $awaited:ident, $($call:tt)*) => {{
        let moment = $scene.verifier.at($scene.now, &mut $scene.rng);
        if $awaited { finish(moment.asynchronously().$($call)*) } else { moment.$($call)* }
    }};
}

impl Scene {
    fn new(seed: u64) -> Self {
        Self { verifier: verifier(Distant(Unreliable::new(seed))), now: NOW, rng: Seeded(seed), newest: None }
    }

    /// Returns the answer as text, including codes and handles.
    fn play(&mut self, op: Op, awaited: bool) -> String {
        let this = self;
        let issued = |issued: &Issued| {
            format!("{} {:?} {:?}", issued.code().as_str(), issued.handle().as_bytes(), issued.expires_at())
        };
        let (handle, code) = match &this.newest {
            Some(newest) => (newest.handle(), newest.code().as_str().to_owned()),
            None => (countersign::Handle::from_bytes([1; 16]), "000000".to_owned()),
        };
        let started = match op {
            Op::Start => call!(this, awaited, start(number(), Channel::Sms)),
            Op::Resend => call!(this, awaited, resend(number(), handle)),
            Op::Right => return format!("{:?}", call!(this, awaited, check(number(), handle, &code))),
            Op::Wrong => {
                return format!("{:?}", call!(this, awaited, check(number(), handle, &wrong(&code))));
            }
            Op::WithoutHandle => {
                return format!("{:?}", call!(this, awaited, check_without_handle(number(), &code)));
            }
            Op::Cancel => return format!("{:?}", call!(this, awaited, cancel(number(), handle))),
            Op::Undelivered => return format!("{:?}", call!(this, awaited, undelivered(number(), handle))),
            Op::Status => return format!("{:?}", call!(this, awaited, status(number()))),
            Op::Unlock => return format!("{:?}", call!(this, awaited, unlock(number()))),
            Op::Forget => return format!("{:?}", call!(this, awaited, forget(number()))),
            Op::Later(millis) => {
                this.now = this.now + Duration::from_millis(millis);
                return String::new();
            }
        };
        let said = format!("{:?}", started.as_ref().map(issued));
        this.newest = started.ok().or(this.newest.take());
        said
    }
}

fn ops() -> impl Strategy<Value = Op> {
    let others = [Op::WithoutHandle, Op::Cancel, Op::Undelivered, Op::Status, Op::Unlock, Op::Forget];
    prop_oneof![
        3 => Just(Op::Start),
        2 => Just(Op::Resend),
        3 => Just(Op::Right),
        3 => Just(Op::Wrong),
        6 => prop::sample::select(others.to_vec()),
        4 => (0..100_000u64).prop_map(Op::Later),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    /// The same calls with the same generator, over stores with the same faults, give the same
    /// answers word for word.
    #[test]
    fn asynchronous_and_blocking_calls_answer_alike(seed in any::<u64>(), ops in prop::collection::vec(ops(), 1..40)) {
        let (mut blocking, mut awaited) = (Scene::new(seed), Scene::new(seed));
        for op in ops {
            prop_assert_eq!(blocking.play(op, false), awaited.play(op, true), "{:?}", op);
        }
    }
}

/// Wherever a check is dropped, the record is as before or as after it, a code passes once, and an
/// attempt is counted once.
#[test]
fn dropped_check_counts_fully_or_not_at_all() {
    let mut seen = (0, 0);
    for polls in 0..6 {
        let verifier = verifier(Distant(MemoryStore::new()));
        let mut rng = Seeded(polls as u64);
        let issued = verifier.at(NOW, &mut rng).start(number(), Channel::Sms).unwrap();
        let (handle, code) = (issued.handle(), issued.code().as_str());

        let dropped = verifier.at(NOW, &mut rng).asynchronously();
        let ended = poll(dropped.check(number(), handle, &wrong(code)), polls);
        let failures = verifier.at(NOW, &mut rng).status(number()).unwrap().failures_in_a_row;
        assert!(failures == u16::from(ended.is_some()) || failures == 1 && ended.is_none());

        let dropped = verifier.at(NOW, &mut rng).asynchronously();
        let ended = poll(dropped.check(number(), handle, code), polls);
        let again = verifier.at(NOW, &mut rng).check(number(), handle, code);
        match (ended, again) {
            // Nothing was written: the code is still valid.
            (None, Ok(_)) => seen.0 += 1,
            // The check was written.
            (None, Err(error)) => {
                assert_eq!(error.refusal(), Some(Refusal::AlreadyUsed));
                seen.1 += 1;
            }
            (Some(ended), again) => {
                assert!(ended.is_ok());
                assert_eq!(again.unwrap_err().refusal(), Some(Refusal::AlreadyUsed));
            }
        }
    }
    assert_eq!(seen, (4, 1), "dropped before the write, and between the write and its answer");
}

/// A dropped start leaves the older code, or a newer one that nobody knows; never both. A send that
/// was written counts.
#[test]
fn dropped_start_leaves_one_code() {
    for polls in 0..5 {
        let verifier = verifier(Distant(MemoryStore::new()));
        let mut rng = Seeded(polls as u64);
        let older = verifier.at(NOW, &mut rng).start(number(), Channel::Sms).unwrap();
        let later = NOW + Duration::from_secs(30);
        let dropped = verifier.at(later, &mut rng).asynchronously();
        let challenge = Challenge::new(number());
        assert!(poll(dropped.start(&challenge, Channel::Sms), polls).is_none());

        let cooling = verifier.at(later, &mut rng).status(number()).unwrap().cooldown_until.is_some();
        let checked = verifier.at(later, &mut rng).check(number(), older.handle(), older.code().as_str());
        assert_eq!(checked.is_err(), cooling, "the old code is replaced if and only if a send was counted");
        if let Err(error) = checked {
            assert_eq!(error.refusal(), Some(Refusal::UnknownHandle));
        }
    }
}

/// With the system's time, on another thread, and for the test number too.
#[test]
fn calls_can_be_spawned() {
    let verifier = verifier(Distant(MemoryStore::new())).with_sandbox_for_tests();
    let issued = finish(spawnable(verifier.asynchronously().start(number(), Channel::Sms))).unwrap();
    let (handle, code) = (issued.handle(), issued.code().as_str());
    let verified = finish(spawnable(verifier.asynchronously().check(number(), handle, code))).unwrap();
    let token = verifier.device_token(&verified).unwrap();
    assert!(verifier.known_device(number(), &token).is_some());
    finish(spawnable(verifier.asynchronously().forget(number()))).unwrap();

    let tests: PhoneNumber = "+10000000000".parse().unwrap();
    let issued = finish(spawnable(verifier.asynchronously().start(tests, Channel::Sms))).unwrap();
    assert!(
        finish(verifier.asynchronously().check(tests, issued.handle(), "000000")).unwrap().is_from_tests()
    );
}

#[test]
fn unavailable_store_gives_an_error_and_no_verdict() {
    struct Down;

    impl AsyncStore for Down {
        async fn load(&self, _: &RecordKey) -> Result<Loaded, StoreError> {
            Err(StoreError::new(StoreErrorKind::Unavailable))
        }

        async fn compare_and_swap(
            &self,
            _: &RecordKey,
            _: Revision,
            _: &[u8],
            _: Keep,
        ) -> Result<Swap, StoreError> {
            Err(StoreError::new(StoreErrorKind::Unavailable))
        }
    }

    let verifier = verifier(Down);
    let started = finish(verifier.asynchronously().start(number(), Channel::Sms));
    assert!(matches!(started, Err(Error::Store(error)) if error.kind() == StoreErrorKind::Unavailable));
}
