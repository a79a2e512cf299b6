//! The model: which steps there are from a state, and where they lead.

use core::time::Duration;
use std::sync::Arc;

use countersign::store::{Store, Swap};
use countersign::{Keys, Limits, PhoneNumber, Timestamp, Verifier};
use stateright::Model;

use crate::SetupError;
use crate::call::{Call, Entry, Outcome, Passcode};
use crate::replay::{Reply, Request, Script};
use crate::rng::Seeded;
use crate::scenario::{Law, Scenario};
use crate::shelf::{Shelf, Skew};
use crate::state::{Client, InFlight, Seen, State};

/// A scenario, set up.
#[derive(Clone)]
pub struct Race {
    /// Who races whom.
    pub scenario: Scenario,
    /// The code that everybody knows at the beginning, if one was sent.
    pub sent: Option<Passcode>,
    keys: Keys,
    limits: Limits,
    number: PhoneNumber,
    first: State,
}

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// What the client waits for is done, and the reply arrives.
    Serve(usize),
    /// The reply to the client's swap is lost; the write is in flight.
    LoseReply(usize),
    /// This one of the writes in flight lands.
    Land(usize),
    /// The client is no more; what it waited for to be written is in flight.
    Crash(usize),
}

const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

impl Race {
    /// Sets a scenario up.
    ///
    /// # Errors
    ///
    /// If its limits are out of range, or a call before it finds the service out of order.
    pub fn new(scenario: Scenario) -> Result<Self, SetupError> {
        let first = State {
            store: Shelf::default(),
            clients: Vec::new(),
            in_flight: Vec::new(),
            lost: 0,
            crashes: 0,
            seen: Seen::default(),
            told_wrong: 0,
            counted: 0,
        };
        let keys = Keys::from_secret([7; 32])?;
        let limits = scenario.limits()?;
        let mut race = Self { scenario, sent: None, keys, limits, number: "+12025550162".parse()?, first };
        race.set_up()?;
        Ok(race)
    }

    fn set_up(&mut self) -> Result<(), SetupError> {
        let store = Shelf::default().alone();
        let outcomes = self.run(&store, &self.scenario.before, 0, || false);
        if let Some(Outcome::Failed(why)) = outcomes.last() {
            return Err(format!("{}: {why}", self.scenario.name).into());
        }
        self.sent = outcomes.iter().rev().find_map(Outcome::passcode).cloned();
        self.first.told_wrong = outcomes.iter().map(|outcome| u16::from(outcome.is_failure())).sum();
        self.first.counted = self.first.told_wrong;
        self.first.store = store.into_inner();
        self.first.seen = self.seen(&self.first.store);
        let clients = 0..self.scenario.clients.len();
        self.first.clients = clients.map(|client| Arc::new(self.replayed(client, Vec::new()))).collect();
        Ok(())
    }

    /// A client that has had these replies.
    fn replayed(&self, client: usize, replies: Vec<Reply>) -> Client {
        let script = Script::new(&replies);
        let calls = &self.scenario.clients[client];
        let outcomes = self.run(&script, calls, client as u64 + 1, || script.has_ended());
        let pending = script.into_request();
        Client { replies, crashed: false, outcomes, pending }
    }

    /// The real calls of whoever has this seat, from the beginning, until the store has no more answers. The clock and the generator are
    /// the seat's own, and always the same.
    fn run<S: Store>(&self, store: &S, calls: &[Call], seat: u64, ended: impl Fn() -> bool) -> Vec<Outcome> {
        let verifier = self.verifier(store);
        let (now, mut rng) = (NOW + Duration::from_millis(seat), Seeded(seat << 32));
        let (mut outcomes, mut known) = (Vec::with_capacity(calls.len()), self.sent.clone());
        for call in calls {
            let outcome = call.make(&mut verifier.at(now, &mut rng), self.number, known.as_ref());
            let Some(outcome) = outcome.filter(|_| !ended()) else { break };
            known = outcome.passcode().cloned().or(known);
            outcomes.push(outcome);
        }
        outcomes
    }

    fn verifier<S: Store>(&self, store: S) -> Verifier<S> {
        Verifier::new(self.keys.clone(), store).limits(self.limits)
    }

    /// Whether a check with this passcode would pass in this state, if nobody disturbed it.
    #[must_use]
    pub fn opens(&self, state: &State, passcode: &Passcode) -> bool {
        let verifier = self.verifier(state.store.clone().alone());
        let mut rng = Seeded(u64::MAX);
        Call::Check(Entry::Right)
            .make(&mut verifier.at(NOW, &mut rng), self.number, Some(passcode))
            .is_some_and(|outcome| outcome.is_success())
    }

    /// What an operator sees of what is stored.
    fn seen(&self, store: &Shelf) -> Seen {
        let status = self.verifier(store.clone().alone()).at(NOW, &mut Seeded(0)).status(self.number);
        status.map_or(Seen::default(), |status| Seen {
            failures: status.failures_in_a_row,
            locked: status.lock.is_some(),
            challenge: status.challenge.is_some(),
            used: status.challenge.is_some_and(|challenge| challenge.used),
        })
    }

    /// What the client waits for is done, and the reply arrives.
    fn serve(&self, state: &mut State, client: usize) -> Option<()> {
        let reply = match state.clients[client].pending.clone()? {
            Request::Load(key) => Reply::Loaded(state.store.load(&key).cloned()),
            Request::Swap(write) => Reply::Swapped(match self.scenario.skew {
                Skew::AppliedTooSoon => {
                    self.leave_in_flight(state, client);
                    Swap::Applied
                }
                Skew::StaleWrites => {
                    state.store.put(&write);
                    self.written(state)
                }
                skew => match state.store.swap(&write) {
                    Swap::Applied => self.written(state),
                    Swap::Conflict if skew == Skew::ConflictSaidApplied => Swap::Applied,
                    lost => lost,
                },
            }),
        };
        self.answer(state, client, reply);
        Some(())
    }

    fn lose_reply(&self, state: &mut State, client: usize) {
        state.lost += 1;
        self.leave_in_flight(state, client);
        let said = if self.scenario.skew == Skew::LostSaidApplied { Swap::Applied } else { Swap::Unknown };
        self.answer(state, client, Reply::Swapped(said));
    }

    fn crash(&self, state: &mut State, client: usize) {
        state.crashes += 1;
        self.leave_in_flight(state, client);
        let Client { replies, outcomes, .. } = Client::clone(&state.clients[client]);
        state.clients[client] = Arc::new(Client { replies, outcomes, crashed: true, pending: None });
    }

    fn land(&self, state: &mut State, place: usize) {
        let InFlight { write, .. } = state.in_flight.remove(place);
        if state.store.swap(&write) == Swap::Applied {
            self.written(state);
        }
    }

    /// The client goes on, with one more reply.
    fn answer(&self, state: &mut State, client: usize, reply: Reply) {
        let replies = state.clients[client].replies.iter().cloned().chain([reply]).collect();
        let before = state.clients[client].outcomes.len();
        let after = self.replayed(client, replies);
        let told = after.outcomes.iter().skip(before);
        state.told_wrong += told.map(|outcome| u16::from(outcome.is_failure())).sum::<u16>();
        state.clients[client] = Arc::new(after);
    }

    fn leave_in_flight(&self, state: &mut State, client: usize) {
        if let Some(Request::Swap(write)) = &state.clients[client].pending {
            state.in_flight.push(InFlight { client, write: write.clone() });
        }
    }

    /// A write is in the store.
    fn written(&self, state: &mut State) -> Swap {
        let before = core::mem::replace(&mut state.seen, self.seen(&state.store));
        state.counted += state.seen.failures.saturating_sub(before.failures);
        Swap::Applied
    }
}

impl Model for Race {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![self.first.clone()]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let faults = self.scenario.faults;
        for (client, at) in state.clients.iter().enumerate() {
            let Some(pending) = &at.pending else { continue };
            actions.push(Action::Serve(client));
            if matches!(pending, Request::Swap(_)) && state.lost < faults.lost {
                actions.push(Action::LoseReply(client));
            }
            if state.crashes < faults.crashes {
                actions.push(Action::Crash(client));
            }
        }
        actions.extend((0..state.in_flight.len()).map(Action::Land));
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        match action {
            Action::Serve(client) => self.serve(&mut next, client)?,
            Action::LoseReply(client) => self.lose_reply(&mut next, client),
            Action::Land(place) => self.land(&mut next, place),
            Action::Crash(client) => self.crash(&mut next, client),
        }
        next.tidy();
        Some(next)
    }

    fn properties(&self) -> Vec<Law> {
        self.scenario.laws.clone()
    }
}
