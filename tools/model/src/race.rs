//! The model: the possible steps from a state, and their results.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use countersign::Timestamp;
use countersign::store::Swap;
use stateright::{Model, Property};

use crate::SetupError;
use crate::account::{Account, Budget, Factor};
use crate::call::{Call, Lane, Outcome, Passcode};
use crate::replay::{Reply, Request, Script};
use crate::scenario::{Scenario, Seat};
use crate::shelf::{Defect, Shelf, Write};
use crate::stage::Stage;
use crate::state::{Budgeted, Client, InFlight, Seen, State};

/// A property of every state, or an event that must occur in one.
pub type Law = Property<Race>;

/// A scenario, ready to be searched.
#[derive(Clone)]
pub struct Race {
    /// The clients and their environment.
    pub scenario: Scenario,
    /// The laws that must hold, and the events that must occur.
    pub laws: Vec<Law>,
    /// The code that everybody in the common lane knows at the beginning, if one was sent.
    pub sent: Option<Passcode>,
    stage: Stage,
    first: State,
    /// Clients by their replies, in scenarios whose calls take long to run again.
    replayed: Arc<Mutex<Replayed>>,
}

type Replayed = HashMap<(usize, Vec<Reply>), Arc<Client>>;

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The client's request is served, and the reply arrives.
    Serve(usize),
    /// The reply to the client's swap is lost; the write is in flight.
    LoseReply(usize),
    /// One of the writes in flight lands.
    Land(usize),
    /// The client crashes. Its pending write is in flight.
    Crash(usize),
}

impl Race {
    /// Sets a scenario up.
    ///
    /// # Errors
    ///
    /// If its limits are out of range, or a call during setup fails.
    pub fn new(scenario: Scenario, laws: Vec<Law>) -> Result<Self, SetupError> {
        let first = State {
            store: Shelf::default(),
            clients: Vec::new(),
            in_flight: Vec::new(),
            lost: 0,
            crashes: 0,
            seen: Seen::default(),
            of_device: Seen::default(),
            told_wrong: 0,
            counted: 0,
            budget: Budget::default(),
            factor: Factor::default(),
            account: Budgeted::default(),
            has_unlocked: false,
        };
        let stage = Stage::new(&scenario)?;
        let mut race = Self { scenario, laws, sent: None, stage, first, replayed: Arc::default() };
        race.set_up()?;
        Ok(race)
    }

    fn set_up(&mut self) -> Result<(), SetupError> {
        let store = self.stage.shelf().alone();
        let before = Seat { calls: self.scenario.before.clone(), ..Seat::default() };
        let outcomes = self.stage.run(&store, &before, 0, None, || false);
        if let Some(Outcome::Failed(why)) = outcomes.last() {
            return Err(format!("{}: {why}", self.scenario.name).into());
        }
        self.sent = outcomes.iter().rev().find_map(Outcome::passcode).cloned();
        self.first.told_wrong = outcomes.iter().map(|outcome| u16::from(outcome.is_failure())).sum();
        self.first.counted = self.first.told_wrong;
        self.first.store = store.into_inner();
        self.first.seen = self.stage.seen(&self.first.store, Lane::Common);
        (self.first.budget, self.first.factor) = self.stage.account().seen(&self.first.store);
        self.first.account = self.stage.budgeted(&self.first.store);
        let clients = 0..self.scenario.clients.len();
        self.first.clients = clients.map(|client| self.replayed(client, Vec::new())).collect();
        Ok(())
    }

    /// Returns a client that has received these replies.
    fn replayed(&self, client: usize, replies: Vec<Reply>) -> Arc<Client> {
        if !self.scenario.has_factors() {
            return Arc::new(self.replay(client, replies));
        }
        let known = || self.replayed.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (client, replies);
        if let Some(replayed) = known().get(&key) {
            return Arc::clone(replayed);
        }
        let replayed = Arc::new(self.replay(client, key.1.clone()));
        known().insert(key, Arc::clone(&replayed));
        replayed
    }

    fn replay(&self, client: usize, replies: Vec<Reply>) -> Client {
        let script = Script::new(&replies, self.scenario.reads);
        let seat = &self.scenario.clients[client];
        let known = self.sent.clone().filter(|sent| sent.lane() == seat.lane);
        let outcomes = self.stage.run(&script, seat, client as u64 + 1, known, || script.has_ended());
        let (swapped, pending) = script.into_requests();
        Client { replies, crashed: false, outcomes, swapped, pending }
    }

    /// Returns the account's records and their keys.
    pub(crate) const fn account(&self) -> &Account {
        self.stage.account()
    }

    /// Returns the time of this client's clock.
    #[must_use]
    pub fn clock(&self, client: usize) -> Timestamp {
        Stage::clock(&self.scenario.clients[client], client as u64 + 1)
    }

    /// Returns whether an undisturbed check with this passcode would pass in this state, by its
    /// issuer's clock.
    #[must_use]
    pub fn opens(&self, state: &State, passcode: &Passcode) -> bool {
        self.stage.opens(&state.store, passcode)
    }

    /// Returns whether it would pass after an operator has unlocked its lane.
    #[must_use]
    pub fn opens_unlocked(&self, state: &State, passcode: &Passcode) -> bool {
        self.stage.opens(&self.stage.unlocked(&state.store, passcode.lane()), passcode)
    }

    /// Serves the client's request and delivers the reply.
    fn serve(&self, state: &mut State, client: usize) -> Option<()> {
        let reply = match state.clients[client].pending.clone()? {
            Request::Load(key) => Reply::Loaded(key, state.store.load(&key).cloned()),
            Request::LoadAll(keys) => {
                Reply::LoadedAll(keys.into_iter().map(|key| (key, state.store.load(&key).cloned())).collect())
            }
            Request::Swap(write) => Reply::Swapped(match self.scenario.defect {
                Defect::AppliedTooSoon => {
                    self.leave_in_flight(state, client);
                    Swap::Applied
                }
                Defect::StaleWrites => {
                    state.store.put(&write);
                    self.written(state)
                }
                Defect::ForgetsAtOnce if self.is_forgetting(state, client) => {
                    state.store.swap(&Write { record: [].into(), ..write });
                    self.written(state)
                }
                Defect::NeverSettles if state.clients[client].has_charged(&write.key) => Swap::Applied,
                defect => match state.store.swap(&write) {
                    Swap::Applied => self.written(state),
                    Swap::Conflict if defect == Defect::ConflictSaidApplied => Swap::Applied,
                    lost => lost,
                },
            }),
        };
        self.answer(state, client, reply);
        Some(())
    }

    fn is_forgetting(&self, state: &State, client: usize) -> bool {
        let call = self.scenario.clients[client].calls.get(state.clients[client].outcomes.len());
        call == Some(&Call::Forget)
    }

    fn lose_reply(&self, state: &mut State, client: usize) {
        state.lost += 1;
        self.leave_in_flight(state, client);
        let said =
            if self.scenario.defect == Defect::LostSaidApplied { Swap::Applied } else { Swap::Unknown };
        self.answer(state, client, Reply::Swapped(said));
    }

    fn crash(&self, state: &mut State, client: usize) {
        state.crashes += 1;
        self.leave_in_flight(state, client);
        let crashed = Client { crashed: true, pending: None, ..Client::clone(&state.clients[client]) };
        state.clients[client] = Arc::new(crashed);
    }

    fn land(&self, state: &mut State, place: usize) {
        let InFlight { write, .. } = state.in_flight.remove(place);
        if state.store.swap(&write) == Swap::Applied {
            self.written(state);
        }
    }

    /// Continues the client with one more reply.
    fn answer(&self, state: &mut State, client: usize, reply: Reply) {
        let replies = state.clients[client].replies.iter().cloned().chain([reply]).collect();
        let before = state.clients[client].outcomes.len();
        let after = self.replayed(client, replies);
        let told = after.outcomes.iter().skip(before);
        state.told_wrong += told.map(|outcome| u16::from(outcome.is_failure())).sum::<u16>();
        state.clients[client] = after;
    }

    fn leave_in_flight(&self, state: &mut State, client: usize) {
        if let Some(Request::Swap(write)) = &state.clients[client].pending {
            state.in_flight.push(InFlight { client, write: write.clone() });
        }
    }

    /// Updates the state after a write was applied.
    fn written(&self, state: &mut State) -> Swap {
        if self.scenario.has_factors() {
            let (before, now) = (state.account, self.stage.budgeted(&state.store));
            state.counted += now.failures.saturating_sub(before.failures);
            state.has_unlocked |= before.locked && !now.locked;
            state.account = now;
        }
        if self.scenario.has_guesses() {
            (state.budget, state.factor) = self.stage.account().seen(&state.store);
        }
        for lane in [Lane::Common, Lane::Device] {
            if lane == Lane::Device && self.scenario.clients.iter().all(|seat| seat.lane != lane) {
                break;
            }
            let (before, now) = (state.seen_in(lane), self.stage.seen(&state.store, lane));
            state.counted += now.failures.saturating_sub(before.failures);
            match lane {
                Lane::Common => state.seen = now,
                Lane::Device => state.of_device = now,
            }
        }
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
        self.laws.clone()
    }
}
