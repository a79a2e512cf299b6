//! The async front: the same answers as the blocking one, whatever the store does; and calls that are dropped on their way.

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

/// A code that differs in its first digit.
fn wrong(code: &str) -> String {
    let first = (code.as_bytes()[0] - b'0' + 1) % 10;
    format!("{first}{}", &code[1..])
}

/// Keeps the caller waiting once before and once after each of its calls, as a network does.
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

/// A distant store can be waited for as well.
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

/// Loses replies, conflicts and fails, as its generator says.
struct Troubled {
    store: MemoryStore,
    rng: Mutex<Seeded>,
}

impl Troubled {
    fn new(seed: u64) -> Self {
        Self { store: MemoryStore::new(), rng: Mutex::new(Seeded(seed)) }
    }

    fn dice(&self) -> u64 {
        let Ok(number) = self.rng.lock().unwrap().try_next_u64();
        number % 10
    }
}

impl Store for Troubled {
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

/// Pending once.
async fn wait() {
    let mut waited = false;
    poll_fn(|_| if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}

/// Polls a future up to so often, and drops it where it has not ended by then.
fn poll<T>(call: impl Future<Output = T>, times: usize) -> Option<T> {
    let mut call = pin!(call);
    let mut context = Context::from_waker(Waker::noop());
    (0..times).find_map(|_| match call.as_mut().poll(&mut context) {
        Poll::Ready(outcome) => Some(outcome),
        Poll::Pending => None,
    })
}

/// To its end.
fn finish<T>(call: impl Future<Output = T>) -> T {
    poll(call, 10_000).unwrap()
}

/// A future that a service can spawn.
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

/// A verifier, its clock and its generator, and the newest code.
struct Scene {
    verifier: Verifier<Distant<Troubled>>,
    now: Timestamp,
    rng: Seeded,
    newest: Option<Issued>,
}

/// The call of one front or the other.
macro_rules! call {
    ($scene:ident, $awaited:ident, $($call:tt)*) => {{
        let moment = $scene.verifier.at($scene.now, &mut $scene.rng);
        if $awaited { finish(moment.asynchronously().$($call)*) } else { moment.$($call)* }
    }};
}

impl Scene {
    fn new(seed: u64) -> Self {
        Self { verifier: verifier(Distant(Troubled::new(seed))), now: NOW, rng: Seeded(seed), newest: None }
    }

    /// What was answered, codes and handles included.
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

    /// The same calls with the same generator, over stores with the same trouble: word for word the same answers.
    #[test]
    fn both_fronts_give_the_same_answers(seed in any::<u64>(), ops in prop::collection::vec(ops(), 1..40)) {
        let (mut blocking, mut awaited) = (Scene::new(seed), Scene::new(seed));
        for op in ops {
            prop_assert_eq!(blocking.play(op, false), awaited.play(op, true), "{:?}", op);
        }
    }
}

/// At whichever point a check is dropped: the record is as before or as after, a code passes once, and a try is a try.
#[test]
fn a_check_that_is_dropped_counts_whole_or_not_at_all() {
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
            // It was not written: the code is as good as before.
            (None, Ok(_)) => seen.0 += 1,
            // It was written.
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

/// A start that is dropped leaves the older code or a newer one that nobody knows; never two, and a send is a send.
#[test]
fn a_start_that_is_dropped_leaves_one_code() {
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
        assert_eq!(checked.is_err(), cooling, "replaced by a send that counts, or neither");
        if let Err(error) = checked {
            assert_eq!(error.refusal(), Some(Refusal::UnknownHandle));
        }
    }
}

/// At the system's time, on another thread, with the test number too.
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
fn a_store_that_does_not_answer_is_an_error_and_no_verdict() {
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
