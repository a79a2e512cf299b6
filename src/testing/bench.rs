//! The environment of each check: the store, unused keys, and a clock that differs from the
//! engine's.

use alloc::format;
use alloc::string::{String, ToString};
use core::error::Error;
use core::fmt::Display;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::io;

use rand_core::TryRng;

use super::{Engine, Stopwatch};
use crate::Timestamp;
use crate::rng::SystemRng;
use crate::store::{Keep, Loaded, RecordKey, Revision, Store, StoreError, Swap, Tallies};

/// How far the kit's clock is behind the engine's. A store that treats the end of a retention as a
/// time of the engine's clock drops the record at once.
const BEHIND: Duration = Duration::from_secs(60 * 60);

/// The number of concurrent threads.
pub(super) const THREADS: usize = 8;

/// A store's tallies, and those of the impatient store.
#[derive(Clone, Copy)]
pub(super) struct BothTallies<'a> {
    pub(super) patient: &'a (dyn Tallies + Sync),
    pub(super) impatient: &'a (dyn Tallies + Sync),
}

pub(super) struct Bench<'a> {
    pub(super) store: &'a (dyn Store + Sync),
    pub(super) engine: Option<&'a dyn Engine>,
    pub(super) longest_wait: Duration,
    /// The store to call while the server is disturbed.
    pub(super) impatient: &'a (dyn Store + Sync),
    impatient_wait: Duration,
    pub(super) tallies: Option<BothTallies<'a>>,
    stopwatch: Stopwatch,
    salt: [u8; 8],
    keys: AtomicU64,
}

/// A description of what was seen instead of the promised behaviour.
pub(super) struct Seen(pub(super) String);

pub(super) type Checked = Result<(), Seen>;

impl<'a> Bench<'a> {
    pub(super) fn new(
        store: &'a (dyn Store + Sync),
        engine: Option<&'a dyn Engine>,
        longest_wait: Duration,
        impatient: Option<(&'a (dyn Store + Sync), Duration)>,
        tallies: Option<BothTallies<'a>>,
    ) -> Result<Self, Seen> {
        let mut salt = [0; 8];
        SystemRng.try_fill_bytes(&mut salt).map_err(|error| Seen(format!("no random numbers: {error}")))?;
        let (impatient, impatient_wait) = impatient.unwrap_or((store, longest_wait));
        let (stopwatch, keys) = (Stopwatch::start(), AtomicU64::new(0));
        Ok(Self { store, engine, longest_wait, impatient, impatient_wait, tallies, stopwatch, salt, keys })
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::now() - BEHIND
    }

    /// Returns a retention of this length, from now.
    pub(super) fn keep(&self, time: Duration) -> Keep {
        let now = self.now();
        Keep::new(now, now + time)
    }

    pub(super) fn an_hour(&self) -> Keep {
        self.keep(Duration::from_secs(3600))
    }

    /// Returns a key that only this run uses, however often the kit runs on one engine.
    pub(super) fn key(&self) -> RecordKey {
        self.key_that_ends_in(self.keys.fetch_add(1, Ordering::Relaxed).to_be_bytes())
    }

    /// Returns a number that only this run uses, and only once. Its bits are spread as a hash's
    /// are.
    pub(super) fn unused(&self) -> u64 {
        let number = self.keys.fetch_add(1, Ordering::Relaxed);
        let mixed = (u64::from_be_bytes(self.salt) ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed ^ mixed >> 31).wrapping_mul(0xBF58_476D_1CE4_E5B9)
    }

    pub(super) fn key_that_ends_in(&self, end: [u8; 8]) -> RecordKey {
        RecordKey::from_bytes(pair(end, self.salt))
    }

    pub(super) fn load(&self, key: &RecordKey) -> Result<Loaded, Seen> {
        Ok(self.store.load(key)?)
    }

    pub(super) fn revision(&self, key: &RecordKey) -> Result<Revision, Seen> {
        Ok(self.load(key)?.revision())
    }

    /// Swaps in a record for an hour, and expects this answer.
    pub(super) fn swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        answer: Swap,
        when: &str,
    ) -> Checked {
        self.swap_for(self.an_hour(), key, expected, record, answer, when)
    }

    pub(super) fn swap_for(
        &self,
        keep: Keep,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        answer: Swap,
        when: &str,
    ) -> Checked {
        let given = self.store.compare_and_swap(key, expected, record, keep)?;
        ensure(given == answer, || format!("{when}: expected {answer:?}, the store answered {given:?}"))
    }

    /// Creates a record where there was none, and returns its revision.
    pub(super) fn put(&self, key: &RecordKey, record: &[u8]) -> Result<Revision, Seen> {
        self.swap(key, Revision::ABSENT, record, Swap::Applied, "a new record")?;
        self.revision(key)
    }

    /// Returns the time of the stopwatch.
    pub(super) fn elapsed(&self) -> Duration {
        self.stopwatch.elapsed()
    }

    /// Returns how long a store may take to recover.
    pub(super) fn patience(&self) -> Duration {
        2 * self.longest_wait.max(self.impatient_wait)
    }

    /// Retries until the call succeeds, for as long as a store may take to recover.
    pub(super) fn patiently<T>(&self, mut call: impl FnMut() -> Result<T, StoreError>) -> Result<T, Seen> {
        let begun = self.elapsed();
        loop {
            match call() {
                Ok(answer) => return Ok(answer),
                Err(error) if self.elapsed() - begun > self.patience() => {
                    return Err(Seen(format!(
                        "the server has been back for {:?}, and the store still fails: {}",
                        self.elapsed() - begun,
                        with_causes(&error)
                    )));
                }
                Err(_) => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    /// Returns the engine, for checks that need one.
    pub(super) fn engine(&self) -> Result<&'a dyn Engine, Seen> {
        self.engine.ok_or_else(|| Seen("no engine was given".into()))
    }

    /// Waits until both stores answer again.
    pub(super) fn back(&self) -> Checked {
        let key = self.key();
        self.patiently(|| self.store.load(&key))?;
        self.patiently(|| self.impatient.load(&key)).map(drop)
    }

    /// Returns the result of one call of the impatient store, which must not take longer than its
    /// longest wait.
    pub(super) fn within<T>(&self, what: &str, call: impl FnOnce() -> T) -> Result<T, Seen> {
        let begun = self.elapsed();
        let answer = call();
        let took = self.elapsed() - begun;
        ensure(took <= self.impatient_wait, || {
            format!("{what} took {took:?}; no call may take longer than {:?}", self.impatient_wait)
        })?;
        Ok(answer)
    }
}

/// Returns an error with this description unless the condition holds.
pub(super) fn ensure(as_it_should_be: bool, seen: impl FnOnce() -> String) -> Checked {
    if as_it_should_be { Ok(()) } else { Err(Seen(seen())) }
}

/// Joins both halves of a key.
pub(super) fn pair(first: [u8; 8], second: [u8; 8]) -> [u8; 16] {
    let mut both = [0; 16];
    both[..8].copy_from_slice(&first);
    both[8..].copy_from_slice(&second);
    both
}

fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut said = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        said = format!("{said}: {cause}");
        next = cause.source();
    }
    said
}

fn failed(what: &str, error: impl Display) -> Seen {
    Seen(format!("{what}: {error}"))
}

impl From<StoreError> for Seen {
    fn from(error: StoreError) -> Self {
        failed("the store failed", with_causes(&error))
    }
}

impl From<crate::Error> for Seen {
    fn from(error: crate::Error) -> Self {
        failed("a call of the verifier failed", with_causes(&error))
    }
}

impl From<crate::store::EntryError> for Seen {
    fn from(error: crate::store::EntryError) -> Self {
        failed("an entry could not be created", error)
    }
}

impl From<io::Error> for Seen {
    fn from(error: io::Error) -> Self {
        failed("a hook of the engine failed", error)
    }
}

impl From<crate::keys::KeyError> for Seen {
    fn from(error: crate::keys::KeyError) -> Self {
        failed("keys could not be created", error)
    }
}
