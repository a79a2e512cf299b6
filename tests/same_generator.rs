//! Generators in the same state, as after a fork, in a resumed virtual machine, or seeded alike for
//! each request: each call still distinguishes its own writes from those of others.

#[cfg(feature = "totp")]
mod nonces;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use countersign::store::{Keep, Loaded, RecordKey, Revision, Store, StoreError, Swap};
use countersign::verifier::Moment;
use countersign::{Channel, Error, Issued, Limits, MemoryStore, Refusal, Timestamp, Verifier};
use countersign_tests::desk::{keys, number, wrong};
use countersign_tests::rng::Seeded;

const CROWD: usize = 64;
const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

/// A store in which the first loads of all calls wait for each other, so that all see the same
/// revision.
struct AllAtOnce {
    store: Arc<MemoryStore>,
    loads: AtomicUsize,
    all_have_loaded: Barrier,
}

impl Store for AllAtOnce {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        let loaded = self.store.load(key);
        if self.loads.fetch_add(1, Ordering::SeqCst) < CROWD {
            self.all_have_loaded.wait();
        }
        loaded
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        self.store.compare_and_swap(key, expected, record, keep)
    }
}

/// How the verifiers of the calls were created.
#[derive(Clone, Copy, Debug)]
enum Verifiers {
    One,
    Clones,
    MadeTwice,
    MadeByEach,
}

use Verifiers::{Clones, MadeByEach, MadeTwice, One};

fn limits() -> Limits {
    Limits::default()
        .with_tries_per_code(100)
        .and_then(|limits| limits.with_failures_before_lock(100))
        .unwrap()
}

fn verifier<S>(store: S) -> Verifier<S> {
    Verifier::new(keys(), store).with_limits(limits())
}

/// Makes the call on all threads with generators in the same state, and returns the results.
/// Contended calls are left out.
fn at_once<T: Send>(
    how: Verifiers,
    store: &Arc<MemoryStore>,
    call: impl Fn(&mut Moment<'_, Arc<AllAtOnce>, Seeded>) -> Result<T, Error> + Sync,
) -> Vec<Result<T, Refusal>> {
    let (loads, all_have_loaded) = (AtomicUsize::new(0), Barrier::new(CROWD));
    let store = Arc::new(AllAtOnce { store: Arc::clone(store), loads, all_have_loaded });
    let made = [verifier(Arc::clone(&store)), verifier(Arc::clone(&store))];
    let one = |place: usize| {
        let (mut rng, own);
        rng = Seeded(7);
        let verifier = match how {
            One => &made[0],
            MadeTwice => &made[place % 2],
            Clones => {
                own = made[0].clone();
                &own
            }
            MadeByEach => {
                own = verifier(Arc::clone(&store));
                &own
            }
        };
        call(&mut verifier.at(NOW, &mut rng))
    };
    let told = thread::scope(|scope| {
        let one = &one;
        let threads: Vec<_> = (0..CROWD).map(|place| scope.spawn(move || one(place))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    let told = told.into_iter().filter_map(|result| match result {
        Ok(answer) => Some(Ok(answer)),
        Err(Error::Refused(refusal)) => Some(Err(refusal)),
        Err(Error::Contended) => None,
        Err(error) => panic!("{error}"),
    });
    told.collect()
}

fn started() -> (Arc<MemoryStore>, Issued) {
    let store = Arc::new(MemoryStore::new());
    let issued = verifier(&store).at(NOW, &mut Seeded(1)).start(number(), Channel::Sms).unwrap();
    (store, issued)
}

#[test]
fn each_wrong_verdict_is_a_separate_failure() {
    for how in [One, Clones, MadeTwice, MadeByEach] {
        let (store, issued) = started();
        let entry = wrong(issued.code().as_str(), 0);
        let told = at_once(how, &store, |at| at.check(number(), issued.handle(), &entry));
        let tries: BTreeSet<u8> = told
            .iter()
            .map(|told| match told {
                Err(Refusal::WrongCode { tries_left, .. }) => *tries_left,
                other => panic!("{how:?}: {:?}", other.as_ref().err()),
            })
            .collect();
        assert_eq!(tries.len(), told.len(), "{how:?}: each verdict uses a separate attempt");
        let status = verifier(&store).at(NOW, &mut Seeded(2)).status(number()).unwrap();
        assert_eq!(usize::from(status.failures_in_a_row), told.len(), "{how:?}");
        assert!(told.len() >= 32, "{how:?}: only {} of {CROWD} calls got a verdict", told.len());
    }
}

#[test]
fn a_code_is_accepted_once() {
    for how in [One, Clones, MadeTwice, MadeByEach] {
        let (store, issued) = started();
        let told = at_once(how, &store, |at| at.check(number(), issued.handle(), issued.code().as_str()));
        assert_eq!(told.iter().filter(|told| told.is_ok()).count(), 1, "{how:?}");
        let others = told.iter().filter_map(|told| told.as_ref().err());
        assert!(others.into_iter().all(|refusal| *refusal == Refusal::AlreadyUsed), "{how:?}");
    }
}

#[test]
fn only_one_start_issues_a_code() {
    for how in [One, Clones, MadeTwice, MadeByEach] {
        let told = at_once(how, &Arc::new(MemoryStore::new()), |at| at.start(number(), Channel::Sms));
        assert_eq!(told.iter().filter(|told| told.is_ok()).count(), 1, "{how:?}");
    }
}
