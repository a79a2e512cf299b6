//! Many calls at once, one request at a time, in an order that a generator decides. Replies are
//! lost, writes arrive late, the store fails, and callers crash.

use std::ops::ControlFlow;

use countersign::kernel::{Operation, Reply, Request};
use countersign::store::{Keep, Loaded, RecordKey, Revision, Store, StoreErrorKind, Swap};
use countersign::{Error, Verifier};
use countersign_tests::rng::Seeded;
use rand_core::TryRng;

use super::scene::Scene;

/// An operation with any output.
trait Steps {
    fn request(&self) -> Request<'_>;
    fn answer(&mut self, verifier: &Verifier<()>, reply: Reply<'_>) -> ControlFlow<Result<(), Error>>;
}

impl<T> Steps for Operation<T> {
    fn request(&self) -> Request<'_> {
        self.request()
    }

    fn answer(&mut self, verifier: &Verifier<()>, reply: Reply<'_>) -> ControlFlow<Result<(), Error>> {
        match self.answer(verifier, reply) {
            ControlFlow::Break(result) => ControlFlow::Break(result.map(drop)),
            ControlFlow::Continue(()) => ControlFlow::Continue(()),
        }
    }
}

/// How often each fault occurs, per thousand requests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    pub crashes: u64,
    /// The reply to a swap is lost. The write was applied, was not, or arrives later.
    pub lost: u64,
    /// The store answers with an error, and nothing is written.
    pub errors: u64,
}

impl Faults {
    pub const MANY: Self = Self { crashes: 10, lost: 120, errors: 10 };
}

/// One call.
struct Run<L> {
    label: L,
    server: usize,
    operation: Box<dyn Steps>,
    /// The records that were read for the current request, in the order of its keys.
    read: Vec<Loaded>,
}

/// The end of a call.
#[derive(Debug)]
pub enum End {
    Answered(Result<(), Error>),
    Crashed,
}

impl End {
    /// Returns whether the caller was told the verdict of a comparison.
    pub fn is_verdict(&self) -> bool {
        use countersign::Refusal::{Superseded, WrongCode};
        let Self::Answered(result) = self else { return false };
        matches!(result, Ok(()) | Err(Error::Refused(WrongCode { .. } | Superseded { .. })))
    }

    /// Returns whether the caller was refused without a comparison.
    pub fn is_refusal(&self) -> bool {
        !self.is_verdict() && matches!(self, Self::Answered(Err(Error::Refused(_))))
    }

    pub fn is_success(&self) -> bool {
        matches!(self, Self::Answered(Ok(())))
    }
}

type Write = (RecordKey, Revision, Vec<u8>, Keep);

/// The calls under way. Each has a label, which is returned with its end.
pub struct Crowd<L> {
    rng: Seeded,
    faults: Faults,
    runs: Vec<Run<L>>,
    late: Vec<Write>,
}

impl<L> Crowd<L> {
    pub fn new(seed: u64, faults: Faults) -> Self {
        Self { rng: Seeded(seed), faults, runs: Vec::new(), late: Vec::new() }
    }

    /// Lets a call join in.
    pub fn join<T: 'static>(&mut self, label: L, server: usize, operation: Operation<T>) {
        self.runs.push(Run { label, server, operation: Box::new(operation), read: Vec::new() });
    }

    pub fn len(&self) -> usize {
        self.runs.len()
    }

    /// Returns a number below `end`.
    pub fn dice(&mut self, end: u64) -> u64 {
        let Ok(number) = self.rng.try_next_u64();
        number % end
    }

    /// Carries out one request of one of the calls. Returns the call if it ended.
    pub fn step(&mut self, scene: &Scene) -> Option<(L, End)> {
        if !self.late.is_empty() && self.dice(20) == 0 {
            let place = self.dice(self.late.len() as u64) as usize;
            let (key, expected, record, keep) = self.late.swap_remove(place);
            scene.store.compare_and_swap(&key, expected, &record, keep).unwrap();
        }
        let place = self.dice(self.runs.len() as u64) as usize;
        let end = self.turn(scene, place)?;
        Some((self.runs.swap_remove(place).label, end))
    }

    fn turn(&mut self, scene: &Scene, place: usize) -> Option<End> {
        let (dice, fate) = (self.dice(1000), self.dice(3));
        let Faults { crashes, lost, errors } = self.faults;
        let Run { server, operation, read, .. } = &mut self.runs[place];
        let verifier = &scene.servers[*server].verifier;
        let is_crash = dice < crashes;
        let is_error = !is_crash && dice < crashes + errors;
        let is_lost = !is_crash && !is_error && dice < crashes + errors + lost;
        let turn = match operation.request() {
            Request::Read(_) if is_crash => return Some(End::Crashed),
            Request::Read(_) if is_error => {
                read.clear();
                operation.answer(verifier, Reply::Read(Err(StoreErrorKind::Unavailable.into())))
            }
            Request::Read(keys) => {
                // One record at a time: an engine need not read them at one moment.
                read.push(scene.store.load(&keys[read.len()]).unwrap());
                if read.len() < keys.len() {
                    return None;
                }
                let read = std::mem::take(read);
                operation.answer(verifier, Reply::Read(Ok(&read)))
            }
            Request::Swap { key, expected, record, keep } => {
                let apply = || scene.store.compare_and_swap(key, expected, record, keep).unwrap();
                if is_error {
                    operation.answer(verifier, Reply::Swapped(Err(StoreErrorKind::Unavailable.into())))
                } else if is_crash || is_lost {
                    match fate {
                        0 => drop(apply()),
                        1 => self.late.push((*key, expected, record.to_vec(), keep)),
                        _ => {}
                    }
                    if is_crash {
                        return Some(End::Crashed);
                    }
                    operation.answer(verifier, Reply::Swapped(Ok(Swap::Unknown)))
                } else {
                    let swap = apply();
                    operation.answer(verifier, Reply::Swapped(Ok(swap)))
                }
            }
            other => panic!("unknown request: {other:?}"),
        };
        turn.break_value().map(End::Answered)
    }

    /// Carries all calls to their ends.
    pub fn run(mut self, scene: &Scene) -> Vec<(L, End)> {
        let mut ends = Vec::new();
        while !self.runs.is_empty() {
            ends.extend(self.step(scene));
        }
        ends
    }
}
