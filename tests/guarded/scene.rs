//! A guarded verifier with a clock and a generator set by the test.

use std::sync::Arc;
use std::time::Duration;

use countersign::guard::{Guard, Rule, Ruling};
use countersign::store::Guarded;
use countersign::verifier::Moment;
use countersign::{Challenge, Channel, Error, Issued, Limits, PhoneNumber, Timestamp, Verifier};
use countersign_tests::desk::keys;
use countersign_tests::rng::Seeded;
use countersign_tests::tallied::Tallied;

pub const HOUR: Duration = Duration::from_secs(3_600);
pub const DAY: Duration = Duration::from_secs(86_400);

pub struct Scene {
    pub store: &'static Tallied,
    pub verifier: Verifier<Guarded<&'static Tallied>>,
    pub now: Timestamp,
    rng: Seeded,
}

/// The number of New York with these last digits.
pub fn number(last: u32) -> PhoneNumber {
    format!("+1212555{last:04}").parse().unwrap()
}

/// Returns a number of a block of 10⁴ that no other test uses, one for each `place`.
pub fn spread(place: u32) -> PhoneNumber {
    format!("+1917{:03}0100", 220 + place).parse().unwrap()
}

impl Scene {
    /// A verifier without limits of its own, so that only the guard refuses.
    pub fn new(guard: Guard) -> Self {
        Self::over(guard, false)
    }

    /// The same over a store that answers reads from memory.
    pub fn local(guard: Guard) -> Self {
        Self::over(guard, true)
    }

    fn over(guard: Guard, is_local: bool) -> Self {
        let store: &Tallied = Box::leak(Box::new(Tallied::new(is_local)));
        let limits = Limits::default().with_cooldown(Duration::ZERO).unwrap().with_send_quotas(&[]).unwrap();
        let verifier = Verifier::new(keys(), store).with_instance(1).with_limits(limits).with_guard(guard);
        Self { store, verifier, now: Timestamp::from_unix_seconds(1_800_000_000), rng: Seeded(1) }
    }

    pub fn with(
        self,
        change: impl FnOnce(Verifier<Guarded<&'static Tallied>>) -> Verifier<Guarded<&'static Tallied>>,
    ) -> Self {
        Self { verifier: change(self.verifier), ..self }
    }

    pub fn at(&mut self) -> Moment<'_, Guarded<&'static Tallied>, Seeded> {
        self.verifier.at(self.now, &mut self.rng)
    }

    pub fn later(&mut self, by: Duration) {
        self.now = self.now + by;
    }

    pub fn send<'p>(&mut self, challenge: impl Into<Challenge<'p>>) -> Result<Issued, Error> {
        self.at().start(challenge, Channel::Sms)
    }

    #[track_caller]
    pub fn sent<'p>(&mut self, challenge: impl Into<Challenge<'p>>) -> Issued {
        self.send(challenge).unwrap_or_else(|error| panic!("refused: {error}"))
    }

    #[track_caller]
    pub fn answer<'p>(&mut self, challenge: impl Into<Challenge<'p>>, issued: &Issued) {
        let _ = self.at().check(challenge, issued.handle(), issued.code().as_str()).unwrap();
    }

    /// Sends a code to a number and enters it.
    #[track_caller]
    pub fn log_in(&mut self, number: PhoneNumber) {
        let issued = self.sent(number);
        self.answer(number, &issued);
    }

    /// Returns the ruling by which a send is refused.
    #[track_caller]
    pub fn refused<'p>(&mut self, challenge: impl Into<Challenge<'p>>) -> Arc<Ruling> {
        ruling(self.send(challenge))
    }

    #[track_caller]
    pub fn rule<'p>(&mut self, challenge: impl Into<Challenge<'p>>) -> Rule {
        self.refused(challenge).rule().unwrap()
    }

    /// Sends to the first numbers of a block of 10² until it is closed. Returns the next number.
    #[track_caller]
    pub fn close_a_block(&mut self) -> PhoneNumber {
        (0..5).for_each(|last| drop(self.sent(number(last))));
        assert_eq!(self.rule(number(5)), Rule::Block100);
        number(5)
    }
}

#[track_caller]
pub fn ruling<T>(result: Result<T, Error>) -> Arc<Ruling> {
    match result {
        Err(Error::Guarded(ruling)) => ruling,
        Err(error) => panic!("expected a refusal by the guard: {error}"),
        Ok(_) => panic!("expected a refusal by the guard"),
    }
}
