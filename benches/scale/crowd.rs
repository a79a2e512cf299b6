//! Many live recipients in one store, and calls for them from several threads.

use core::error::Error;
use core::ops::Range;
use core::time::Duration;
use std::thread::{self, ScopedJoinHandle};

use countersign::number::ParseError;
use countersign::{Channel, Keys, Limits, MemoryStore, PhoneNumber, Timestamp, Verifier};
use indicatif::ProgressBar;
use rand_core::TryCryptoRng;

use crate::machine::Stopwatch;

/// The minimum duration of a measuring round, which consists of whole laps.
const ROUND: Duration = Duration::from_millis(200);

/// The number of people in a lap, for all threads together. All of them are started and then all
/// checked, so that others evict a record from the processor's nearer caches in between, if there
/// are enough.
const LAP: usize = 250_000;

/// The distance between people who are called one after the other, coprime to every number of
/// recipients, so that records are not visited in the order of their creation.
const STRIDE: usize = 7_368_787;

/// People who have, or had, a running challenge.
pub(crate) struct Crowd {
    store: MemoryStore,
    keys: Keys,
    people: usize,
    /// Where the next walk begins. As long as there are enough people, nobody is met twice, because
    /// a recently written record is found faster.
    next: usize,
}

/// Calls per second, of all threads together, in the fastest round: other work on the machine can
/// only slow a round down.
#[derive(Clone, Copy, Default)]
pub(crate) struct Rates {
    pub(crate) starts: f64,
    pub(crate) checks: f64,
}

pub(crate) type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

impl Crowd {
    pub(crate) fn new() -> Outcome<Self> {
        let store = MemoryStore::with_capacity(usize::MAX);
        Ok(Self { store, keys: Keys::from_secret([7; 32])?, people: 0, next: 0 })
    }

    /// Starts challenges for more people, on two threads.
    pub(crate) fn grow_to(&mut self, people: usize, progress: &ProgressBar) -> Outcome<()> {
        const REPORT: usize = 10_000;
        progress.set_position(self.people as u64);
        let verifier = self.verifier()?;
        let fill = |range: Range<usize>| -> Outcome<()> {
            let mut rng = super::userspace()?;
            for person in range {
                let _ = verifier.at(Timestamp::now(), &mut rng).start(number(person)?, Channel::Sms)?;
                if person % REPORT == 0 {
                    progress.inc(REPORT as u64);
                }
            }
            Ok(())
        };
        let middle = usize::midpoint(self.people, people);
        let (first, second) = (self.people..middle, middle..people);
        thread::scope(|scope| {
            let second = scope.spawn(|| fill(second));
            fill(first).and(joined(second))
        })?;
        self.people = people;
        if self.store.len() == people {
            Ok(())
        } else {
            Err("the first recipients expired, 12 minutes after their start: use fewer, with --most".into())
        }
    }

    /// Measures calls from several threads, each with its own generator and its own people.
    pub(crate) fn measure<R: TryCryptoRng>(
        &mut self,
        threads: usize,
        rounds: usize,
        generator: fn() -> Outcome<R>,
    ) -> Outcome<Rates> {
        let verifier = &self.verifier()?;
        let walk = |thread| Walk { people: self.people, next: self.next + thread, step: threads };
        let mut walks: Vec<Walk> = (0..threads).map(walk).collect();
        let mut fastest = Rates::default();
        for _ in 0..rounds {
            let of_threads = thread::scope(|scope| {
                let lap = LAP.min(self.people) / threads;
                let running =
                    walks.iter_mut().map(|walk| scope.spawn(move || walk.round(lap, verifier, generator)));
                let running: Vec<_> = running.collect();
                running.into_iter().map(joined).collect::<Outcome<Vec<Rates>>>()
            })?;
            let together = |of: fn(&Rates) -> f64| of_threads.iter().map(of).sum::<f64>();
            fastest.starts = fastest.starts.max(together(|rates| rates.starts));
            fastest.checks = fastest.checks.max(together(|rates| rates.checks));
        }
        self.next = walks.iter().map(|walk| walk.next).max().unwrap_or(0);
        Ok(fastest)
    }

    /// Creates a verifier with limits under which everybody can log in again at once.
    fn verifier(&self) -> Outcome<Verifier<&MemoryStore>> {
        let limits = Limits::default().with_cooldown(Duration::ZERO)?.with_send_quotas(&[])?;
        Ok(Verifier::new(self.keys.clone(), &self.store).with_limits(limits))
    }
}

fn joined<T>(thread: ScopedJoinHandle<'_, Outcome<T>>) -> Outcome<T> {
    thread.join().map_err(|_| "a thread panicked")?
}

/// A thread's walk through the people, one out of every `step`; the others belong to other threads.
struct Walk {
    people: usize,
    next: usize,
    step: usize,
}

impl Walk {
    fn round<R: TryCryptoRng>(
        &mut self,
        lap: usize,
        verifier: &Verifier<&MemoryStore>,
        generator: fn() -> Outcome<R>,
    ) -> Outcome<Rates> {
        let mut rng = generator()?;
        let (mut calls, mut starting, mut checking) = (0, Duration::ZERO, Duration::ZERO);
        while starting + checking < ROUND {
            let people = self.take(lap)?;
            let mut issued = Vec::with_capacity(people.len());

            let watch = Stopwatch::start();
            for &person in &people {
                issued.push(verifier.at(Timestamp::now(), &mut rng).start(person, Channel::Sms)?);
            }
            starting += watch.elapsed();

            let watch = Stopwatch::start();
            for (&person, issued) in people.iter().zip(&issued) {
                let (handle, code) = (issued.handle(), issued.code().as_str());
                let _verified = verifier.at(Timestamp::now(), &mut rng).check(person, handle, code)?;
            }
            checking += watch.elapsed();
            calls += people.len();
        }
        let rate = |took: Duration| calls as f64 / took.as_secs_f64();
        Ok(Rates { starts: rate(starting), checks: rate(checking) })
    }

    /// Returns the next people, without repetition.
    fn take(&mut self, lap: usize) -> Result<Vec<PhoneNumber>, ParseError> {
        let places = (self.next..).step_by(self.step).take(lap);
        self.next += lap * self.step;
        places.map(|place| number(place * STRIDE % self.people)).collect()
    }
}

/// Returns a number in Washington, New York or Los Angeles.
fn number(person: usize) -> Result<PhoneNumber, ParseError> {
    const TO_A_CITY: usize = 5_000_000;
    let area = ["202", "212", "213"][person / TO_A_CITY];
    format!("+1{area}{}", 2_000_000 + person % TO_A_CITY).parse()
}
