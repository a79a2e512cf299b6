//! Sequences of calls that can be run in two ways: blocking, and step by step.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use countersign::kernel::Operation;
use countersign::verifier::Moment;
use countersign::{
    Challenge, Channel, Error, Handle, Issued, Purpose, Timestamp, Verified, Verifier, execute,
};
use countersign_tests::desk::{keys, number, wrong};
use countersign_tests::rng::Seeded;
use proptest::prelude::*;

use super::binding::{Answer, Ask, Remote};
use super::unreliable::Unreliable;

/// One call, or time that passes.
#[derive(Clone, Copy, Debug)]
pub enum Op {
    Start,
    Resend,
    Right,
    Wrong,
    WithoutHandle,
    ForAnotherPurpose,
    Cancel,
    Undelivered,
    Status,
    Unlock,
    Forget,
    Later(u64),
}

/// The faults of the store.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Faults {
    None,
    Random,
}

/// How a call is carried out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Blocking,
    Steps,
}

/// Two verifiers of one service: one has a store, the other none, and reaches one through messages.
pub struct Scene {
    blocking: Verifier<Unreliable>,
    in_steps: Arc<Verifier<()>>,
    remote: Remote,
    now: Timestamp,
    rng: Seeded,
    newest: Option<Issued>,
}

/// A step-by-step moment without a store.
pub type Steps<'a> =
    Verifier<&'a (), execute::InSteps<execute::At<'a, Seeded>>, &'a countersign::kernel::Service>;

/// Makes a call, in either mode.
macro_rules! call {
    ($scene:ident, $mode:ident, $($call:tt)*) => {
        match $mode {
            Mode::Blocking => {
                let moment: Moment<'_, Unreliable, Seeded> = $scene.blocking.at($scene.now, &mut $scene.rng);
                moment.$($call)*
            }
            Mode::Steps => {
                let operation = $scene.steps(|at| at.$($call)*);
                $scene.finish(operation)
            }
        }
    };
}

impl Scene {
    pub fn new(seed: u64, faults: Faults) -> Self {
        let store = || Unreliable::new((faults == Faults::Random).then_some(Seeded(seed)));
        Self {
            blocking: Verifier::new(keys(), store()).with_instance(1),
            in_steps: Arc::new(Verifier::new(keys(), ()).with_instance(1)),
            remote: Remote::serve(store()),
            now: Timestamp::from_unix_seconds(1_800_000_000),
            rng: Seeded(seed),
            newest: None,
        }
    }

    pub fn verifier(&self) -> &Verifier<()> {
        &self.in_steps
    }

    /// Begins a call as an operation.
    pub fn steps<T>(&mut self, call: impl FnOnce(&Steps<'_>) -> Result<Operation<T>, Error>) -> Operation<T> {
        call(&self.in_steps.at(self.now, &mut self.rng).in_steps()).unwrap()
    }

    /// Makes one round trip.
    pub fn turn<T: Send + 'static>(&self, operation: &mut Operation<T>) -> ControlFlow<Result<T, Error>> {
        let told = self.remote.ask(Ask::from(operation.request()));
        told.give(|reply| operation.answer(&*self.in_steps, reply))
    }

    /// Carries a request out, and withholds the reply from the operation.
    pub fn withhold_reply(&self, ask: Ask) -> Answer {
        self.remote.ask(ask)
    }

    /// Carries an operation to its end. It moves to another thread with each reply.
    pub fn finish<T: Send + 'static>(&self, mut operation: Operation<T>) -> Result<T, Error> {
        loop {
            let told = self.remote.ask(Ask::from(operation.request()));
            let verifier = Arc::clone(&self.in_steps);
            let elsewhere = thread::spawn(move || {
                let step = told.give(|reply| operation.answer(&*verifier, reply));
                (operation, step)
            });
            let (back, step) = elsewhere.join().unwrap();
            if let ControlFlow::Break(result) = step {
                return result;
            }
            operation = back;
        }
    }

    pub fn start(&mut self) -> Issued {
        let operation = self.steps(|at| at.start(number(), Channel::Sms));
        self.finish(operation).unwrap()
    }

    pub fn check(&mut self, issued: &Issued, entry: &str) -> Operation<Verified> {
        self.steps(|at| at.check(number(), issued.handle(), entry))
    }

    pub fn later(&mut self, millis: u64) {
        self.now = self.now + Duration::from_millis(millis);
    }

    /// Returns the answer as text, including codes and handles.
    pub fn play(&mut self, op: Op, mode: Mode) -> String {
        let this = self;
        let (handle, code) = match &this.newest {
            Some(newest) => (newest.handle(), newest.code().as_str().to_owned()),
            None => (Handle::from_bytes([1; 16]), "000000".to_owned()),
        };
        let other = || Challenge::new(number()).with_purpose(Purpose::new("other").unwrap());
        let started = match op {
            Op::Start => call!(this, mode, start(number(), Channel::Sms)),
            Op::Resend => call!(this, mode, resend(number(), handle)),
            Op::Right => return format!("{:?}", call!(this, mode, check(number(), handle, &code))),
            Op::Wrong => {
                return format!("{:?}", call!(this, mode, check(number(), handle, &wrong(&code, 0))));
            }
            Op::WithoutHandle => {
                return format!("{:?}", call!(this, mode, check_without_handle(number(), &wrong(&code, 1))));
            }
            Op::ForAnotherPurpose => {
                return format!("{:?}", call!(this, mode, check(other(), handle, &code)));
            }
            Op::Cancel => return format!("{:?}", call!(this, mode, cancel(number(), handle))),
            Op::Undelivered => return format!("{:?}", call!(this, mode, undelivered(number(), handle))),
            Op::Status => return format!("{:?}", call!(this, mode, status(number()))),
            Op::Unlock => return format!("{:?}", call!(this, mode, unlock(number()))),
            Op::Forget => return format!("{:?}", call!(this, mode, forget(number()))),
            Op::Later(millis) => {
                this.later(millis);
                return String::new();
            }
        };
        let shown = |issued: &Issued| {
            format!("Issued {} {} {:?}", issued.code().as_str(), issued.handle(), issued.expires_at())
        };
        let said = format!("{:?}", started.as_ref().map(shown));
        this.newest = started.ok().or(this.newest.take());
        said
    }
}

pub fn ops() -> impl Strategy<Value = Op> {
    let others = [
        Op::WithoutHandle,
        Op::ForAnotherPurpose,
        Op::Cancel,
        Op::Undelivered,
        Op::Status,
        Op::Unlock,
        Op::Forget,
    ];
    prop_oneof![
        3 => Just(Op::Start),
        2 => Just(Op::Resend),
        3 => Just(Op::Right),
        3 => Just(Op::Wrong),
        6 => prop::sample::select(others.to_vec()),
        4 => (0..100_000u64).prop_map(Op::Later),
    ]
}
