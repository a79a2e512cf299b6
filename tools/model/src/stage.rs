//! Runs the real calls, with the clock, the generator and the lane of their client.

use core::time::Duration;

use countersign::store::Store;
use countersign::{Channel, Keys, Limits, Timestamp, Verifier};
use countersign_tests::rng::Seeded;

use crate::SetupError;
use crate::account::{Account, Guess, Name};
use crate::call::{Call, Entry, Lane, Outcome, Passcode, Recipient};
use crate::holder::Holder;
use crate::scenario::{Scenario, Seat};
use crate::shelf::{Defect, Shelf};
use crate::state::{Budgeted, Seen};

/// The service and its recipient.
#[derive(Clone)]
pub(crate) struct Stage {
    keys: Keys,
    limits: Limits,
    recipient: Recipient,
    account: Account,
    /// The account with real factors, if the scenario has one, and the store with its records.
    holder: Option<(Holder, Shelf)>,
    defect: Defect,
}

/// The time, the lane and the name of a call.
#[derive(Clone, Copy)]
struct Turn {
    clock: Timestamp,
    lane: Lane,
    name: Name,
}

const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

/// The device verified the recipient long before, so that its token is valid by every clock.
const LONG_AGO: Timestamp = Timestamp::from_unix_seconds(1_800_000_000 - 30 * 24 * 60 * 60);

impl Stage {
    pub(crate) fn new(scenario: &Scenario) -> Result<Self, SetupError> {
        let (keys, number) = (Keys::from_secret([7; 32])?, "+12025550162".parse()?);
        let verifier = Verifier::new(keys.clone(), Shelf::default().alone());
        let mut rng = Seeded(0xDE71CE);
        let at = verifier.at(LONG_AGO, &mut rng);
        let issued = at.start(number, Channel::Sms)?;
        let verified = at.check(number, issued.handle(), issued.code().as_str())?;
        let token = at.device_token(&verified)?;
        let device = at.known_device(number, &token).ok_or("the device is not known")?.id;
        let recipient = Recipient { number, token, device };
        let account = Account::new(keys.clone(), scenario.failures, scenario.tries);
        let (limits, defect) = (scenario.limits()?, scenario.defect);
        let mut stage = Self { keys, limits, recipient, account, holder: None, defect };
        if scenario.has_factors() {
            stage.holder = Some(stage.enrol()?);
        }
        Ok(stage)
    }

    fn enrol(&self) -> Result<(Holder, Shelf), SetupError> {
        let (store, mut rng) = (Shelf::default().alone(), Seeded(0xACC));
        let holder = Holder::new(&self.verifier(&store).at(NOW, &mut rng))?;
        Ok((holder, store.into_inner()))
    }

    /// Returns the contents of the store at the beginning.
    pub(crate) fn shelf(&self) -> Shelf {
        self.holder.as_ref().map(|(_, shelf)| shelf.clone()).unwrap_or_default()
    }

    /// Runs the real calls of a client from the beginning, until the store has no more answers.
    /// Clock and generator belong to the client, and are always the same.
    pub(crate) fn run<S: Store>(
        &self,
        store: &S,
        seat: &Seat,
        number: u64,
        mut known: Option<Passcode>,
        ended: impl Fn() -> bool,
    ) -> Vec<Outcome> {
        let verifier = self.verifier(store);
        let (clock, mut rng) = (Self::clock(seat, number), Seeded(number << 32));
        let mut outcomes = Vec::with_capacity(seat.calls.len());
        for (place, call) in seat.calls.iter().enumerate() {
            let turn = Turn { clock, lane: seat.lane, name: Name::new(number as usize, place) };
            let outcome = self.make(*call, &verifier, turn, &mut rng, known.as_ref()).filter(|_| !ended());
            let Some(outcome) = outcome else { break };
            known = outcome.passcode().cloned().or(known);
            outcomes.push(outcome);
        }
        outcomes
    }

    fn make<S: Store>(
        &self,
        call: Call,
        verifier: &Verifier<S>,
        Turn { clock, lane, name }: Turn,
        rng: &mut Seeded,
        known: Option<&Passcode>,
    ) -> Option<Outcome> {
        let guess = |is_right| Guess::new(self.account.clone(), name, is_right, clock, self.defect);
        let holder = self.holder.as_ref().map(|(holder, _)| holder);
        call.make(&verifier.at(clock, rng), clock, lane, &self.recipient, known, holder, guess)
    }

    /// Returns whether an undisturbed check with this passcode would pass, by its issuer's clock.
    pub(crate) fn opens(&self, store: &Shelf, passcode: &Passcode) -> bool {
        let verifier = self.verifier(store.clone().alone());
        let turn = Turn { clock: passcode.issued_at(), lane: passcode.lane(), name: Name::default() };
        self.make(Call::Check(Entry::Right), &verifier, turn, &mut Seeded(u64::MAX), Some(passcode))
            .is_some_and(|outcome| outcome.is_success())
    }

    /// Returns the contents of the store after an operator has unlocked that lane.
    pub(crate) fn unlocked(&self, store: &Shelf, lane: Lane) -> Shelf {
        let alone = store.clone().alone();
        let verifier = self.verifier(&alone);
        let turn = Turn { clock: NOW, lane, name: Name::default() };
        self.make(Call::Unlock, &verifier, turn, &mut Seeded(u64::MAX), None);
        drop(verifier);
        alone.into_inner()
    }

    /// Returns the status of the stored record.
    pub(crate) fn seen(&self, store: &Shelf, lane: Lane) -> Seen {
        let verifier = self.verifier(store.clone().alone());
        let mut rng = Seeded(0);
        verifier.at(NOW, &mut rng).status(self.recipient.of_operator(lane)).map_or(
            Seen::default(),
            |status| Seen {
                failures: status.failures_in_a_row,
                locked: status.lock.is_some(),
                challenge: status.challenge.is_some(),
                used: status.challenge.is_some_and(|challenge| challenge.used),
            },
        )
    }

    /// Returns the failure budget of the account with real factors.
    pub(crate) fn budgeted(&self, store: &Shelf) -> Budgeted {
        let Some((holder, _)) = &self.holder else { return Budgeted::default() };
        let mut rng = Seeded(0);
        holder.seen(&self.verifier(store.clone().alone()).at(NOW, &mut rng)).unwrap_or_default()
    }

    pub(crate) const fn account(&self) -> &Account {
        &self.account
    }

    /// Returns the time of this client's clock.
    pub(crate) fn clock(seat: &Seat, number: u64) -> Timestamp {
        let millis = NOW.unix_millis().saturating_add_signed(seat.ahead);
        Timestamp::from_unix_millis(millis) + Duration::from_millis(number)
    }

    fn verifier<S>(&self, store: S) -> Verifier<S> {
        Verifier::new(self.keys.clone(), store).with_limits(self.limits).with_instance(0)
    }
}
