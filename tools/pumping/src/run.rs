//! A run of a scenario, event by event.

use alloc::collections::BTreeMap;
use core::ops::Range;
use core::time::Duration;

use countersign::guard::{Charge, Guard, Prices, Receipt};
use countersign::region::RegionSet;
use countersign::{Channel, PhoneNumber, Policy, Region, Timestamp};

use crate::countries::{Country, countries, with_prices};
use crate::journal::Journal;
use crate::outcome::Outcome;
use crate::people::{People, residential};
use crate::queue::{Event, Queue};
use crate::ring::{Ring, is_allowed};
use crate::rng::Rng;
use crate::scenario::{DAYS, EVENTFUL_FROM, Scenario};
use crate::service::Service;
use crate::session::Session;

/// The time of day 0.
const BEGIN: Timestamp = Timestamp::from_unix_seconds(20_000 * 86_400);

pub(crate) const DAY: f64 = 86_400_000.0;

/// How long a SIM takes to answer, in milliseconds.
const SIM_ANSWERS_AFTER: u64 = 20_000;

/// What all runs share.
pub(crate) struct World {
    pub(crate) policy: Policy,
    pub(crate) countries: Vec<Country>,
}

impl World {
    /// Builds the world.
    ///
    /// # Errors
    ///
    /// If the policy allows too few countries.
    pub(crate) fn new() -> Result<Self, String> {
        // SMS to all regions that can be allowed.
        let every = RegionSet::ALL.difference(Policy::unsupported(Channel::Sms));
        let policy =
            Policy::default().allow(Channel::Sms, every.iter()).map_err(|error| error.to_string())?;
        Ok(Self { policy, countries: countries(&policy)? })
    }

    /// The world, built once for all tests, and the prices of seed 1.
    #[cfg(test)]
    pub(crate) fn for_tests() -> (&'static Self, Vec<Country>) {
        static WORLD: std::sync::OnceLock<World> = std::sync::OnceLock::new();
        let world = WORLD.get_or_init(|| Self::new().unwrap());
        (world, with_prices(&world.countries, 1))
    }
}

pub(crate) struct Run<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) policy: &'a Policy,
    pub(crate) countries: Vec<Country>,
    /// For honest people.
    pub(crate) rng: Rng,
    pub(crate) service: Service,
    pub(crate) people: People,
    pub(crate) sessions: Vec<Session>,
    pub(crate) queue: Queue,
    pub(crate) outcome: Outcome,
    pub(crate) journal: Option<Journal>,
    ring: Option<Ring>,
    /// What SIMs were sent and have yet to answer.
    to_sims: Vec<(PhoneNumber, u32, Receipt)>,
}

impl<'a> Run<'a> {
    pub(crate) fn new(world: &'a World, scenario: &'a Scenario, seed: u64, is_guarded: bool) -> Self {
        let countries = with_prices(&world.countries, seed);
        let prices: BTreeMap<Region, f64> =
            countries.iter().map(|country| (country.region, country.price)).collect();
        let price = move |region: Option<Region>, _| {
            region.and_then(|region| prices.get(&region).copied()).unwrap_or(Prices::UNLISTED)
        };
        let guard = Guard::default().with_prices(Prices::from_fn(price));
        let ring = scenario.attack.as_ref().map(|attack| {
            let rng = Rng::named(seed, scenario.name);
            Ring::new(attack, &countries, &world.policy, rng)
        });
        Self {
            scenario,
            policy: &world.policy,
            countries,
            rng: Rng::named(seed, "people"),
            service: Service::new(guard, is_guarded),
            people: People::default(),
            sessions: Vec::new(),
            queue: Queue::default(),
            outcome: Outcome::default(),
            journal: None,
            ring,
            to_sims: Vec::new(),
        }
    }

    /// Runs all days.
    pub(crate) fn run(mut self) -> Result<Outcome, String> {
        self.days(0.0..DAYS)?;
        Ok(self.outcome)
    }

    /// Runs some days and returns their events.
    pub(crate) fn record(mut self, days: Range<f64>) -> Result<Journal, String> {
        self.journal = Some(Journal::default());
        self.days(days)?;
        self.journal.ok_or_else(|| "no journal".into())
    }

    fn days(&mut self, days: Range<f64>) -> Result<(), String> {
        let begin = (days.start * DAY) as u64;
        for _ in 0..self.scenario.imported {
            let place = self.people.add(&self.countries, self.policy, &mut self.rng);
            self.people.verify(place);
            let number = self.people.person(place).number;
            self.service.import(number, now(begin))?;
            if let Some(journal) = &mut self.journal {
                journal.import(number, now(begin));
            }
        }
        self.queue.at(begin, Event::Login);
        if self.ring.is_some() {
            self.queue.at((EVENTFUL_FROM * DAY) as u64, Event::Attack);
        }
        while let Some((time, event)) = self.queue.next() {
            if time as f64 >= days.end * DAY {
                break;
            }
            match event {
                Event::Login => self.login(time),
                Event::Ask(session) => self.ask(session, time)?,
                Event::Answer(session) => self.answer(session, time)?,
                Event::Attack => self.attack(time)?,
                Event::SimAnswers(sim) => {
                    let (number, ip, receipt) = self.to_sims[sim];
                    self.verified(number, ip, receipt, time)?;
                }
            }
        }
        Ok(())
    }

    /// Makes one of the ring's requests and schedules the next.
    fn attack(&mut self, time: u64) -> Result<(), String> {
        let (Some(ring), Some(attack)) = (&mut self.ring, &self.scenario.attack) else { return Ok(()) };
        let next = time + ring.gap();
        if (next as f64) < EVENTFUL_FROM * DAY + attack.hours * 3_600_000.0 {
            self.queue.at(next, Event::Attack);
        }
        let Some(((country, number), is_sim)) = ring.next(&self.countries, self.policy) else {
            return Ok(());
        };
        let ip = residential(ring.rng());
        let price = self.countries[country].price;
        self.outcome.planned += price;
        if let Some(journal) = &mut self.journal {
            journal.send(number, ip, false, now(time));
        }
        if !is_allowed(self.policy, number) {
            return Ok(());
        }
        let ruling = self.service.send(number, ip, false, now(time))?;
        if ruling.as_ref().is_none_or(|ruling| ruling.is_allowed()) {
            self.outcome.lost += price;
            self.outcome.lost_by.add(time as f64 / DAY, price);
            if is_sim {
                let charge = ruling.and_then(|ruling| ruling.charge());
                self.to_sims.push((number, ip, receipt(Receipt::EMPTY, charge)));
                self.queue.at(time + SIM_ANSWERS_AFTER, Event::SimAnswers(self.to_sims.len() - 1));
            }
        }
        Ok(())
    }

    /// Counts the right code for what was sent.
    pub(crate) fn verified(
        &mut self,
        number: PhoneNumber,
        ip: u32,
        receipt: Receipt,
        time: u64,
    ) -> Result<(), String> {
        if let Some(journal) = &mut self.journal {
            journal.verify(number, ip, now(time));
        }
        self.service.answer(number, ip, receipt, now(time))
    }
}

/// Notes the charge of a send. Without a guard there is none.
pub(crate) fn receipt(receipt: Receipt, charge: Option<Charge>) -> Receipt {
    charge.map_or(receipt, |charge| receipt.with(charge))
}

/// The time so many milliseconds after the beginning of day 0.
pub(crate) fn now(time: u64) -> Timestamp {
    BEGIN + Duration::from_millis(time)
}
