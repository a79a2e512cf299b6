//! Sixteen days, event by event.

use alloc::collections::{BTreeMap, BinaryHeap};
use core::cmp::Reverse;
use core::time::Duration;

use countersign::guard::{Guard, Prices, Receipt};
use countersign::{Channel, PhoneNumber, Policy, Region, Timestamp};

use crate::countries::{COUNTRIES, Country, pick, subscriber};
use crate::rng::Rng;
use crate::scenario::{Attack, Kind, Scenario};
use crate::service::Service;

const BEGIN: Timestamp = Timestamp::from_unix_seconds(20_000 * 86_400);
const DAY: f64 = 86_400_000.0;
const DAYS: f64 = 16.0;
const SCORED_FROM: f64 = 7.0;
const ATTACKED_FROM: f64 = 9.0;
const PEOPLE: usize = 20_000;

/// What came of a scenario.
#[derive(Default)]
pub(crate) struct Outcome {
    /// What the attack would cost without a guard, and what it did cost.
    pub(crate) planned: f64,
    pub(crate) lost: f64,
    /// Scored logins of honest people, refused at first ask, and never let in.
    pub(crate) logins: u32,
    pub(crate) refused: u32,
    pub(crate) locked_out: u32,
    /// The same within the outage alone.
    pub(crate) in_outage: (u32, u32),
    /// Refusals at first ask, by rule.
    pub(crate) rules: BTreeMap<&'static str, u32>,
}

struct Person {
    number: PhoneNumber,
    country: usize,
    ip: u32,
    is_known: bool,
}

/// An honest login, from the first ask until it is answered or given up.
struct Session {
    person: usize,
    began: u64,
    asks: u8,
    sends: u8,
    is_vouched: bool,
    receipt: Receipt,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Login,
    Ask(usize),
    Answer(usize, u8),
    Attack,
    SimAnswers(usize),
}

struct Run<'a> {
    scenario: &'a Scenario,
    rng: Rng,
    policy: Policy,
    countries: &'a [Country],
    service: Service,
    people: Vec<Person>,
    sessions: Vec<Session>,
    sims: Vec<(PhoneNumber, u32, Receipt)>,
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    order: u64,
    attacker: Attacker,
    outcome: Outcome,
}

/// What an attack pumps.
#[derive(Default)]
struct Attacker {
    country: usize,
    countries: Vec<usize>,
    blocks: Vec<(usize, u64)>,
    sims: Vec<PhoneNumber>,
    millions: Vec<u64>,
    runs: Vec<u64>,
    sent: u64,
}

/// Runs a scenario.
pub(crate) fn run(
    scenario: &Scenario,
    countries: &[Country],
    policy: &Policy,
    seed: u64,
    is_guarded: bool,
) -> Result<Outcome, String> {
    let prices: BTreeMap<Region, f64> =
        countries.iter().map(|country| (country.region, country.price)).collect();
    let price = move |region: Option<Region>, _| {
        region.and_then(|region| prices.get(&region).copied()).unwrap_or(Prices::UNLISTED)
    };
    let guard = Guard::default().with_prices(Prices::from_fn(price));
    let mut run = Run {
        scenario,
        rng: Rng::new(seed),
        policy: *policy,
        countries,
        service: Service::new(guard, is_guarded),
        people: Vec::new(),
        sessions: Vec::new(),
        sims: Vec::new(),
        events: BinaryHeap::new(),
        order: 0,
        attacker: Attacker::default(),
        outcome: Outcome::default(),
    };
    run.populate()?;
    run.prepare_attack();
    run.all()?;
    Ok(run.outcome)
}

impl Run<'_> {
    fn populate(&mut self) -> Result<(), String> {
        for _ in 0..PEOPLE {
            let person = self.person();
            if self.scenario.is_imported {
                self.people[person].is_known = true;
                self.service.import(self.people[person].number, BEGIN)?;
            }
        }
        Ok(())
    }

    /// A person with a number and an address.
    fn person(&mut self) -> usize {
        let country = pick(self.countries, &mut self.rng);
        let own = &self.countries[country];
        let number = own.number(&own.millions, &self.policy, &mut self.rng);
        let ip = if self.rng.chance(0.3) {
            // One of 40 networks of the country.
            (10 << 24) + ((country as u32) << 14) + ((self.rng.below(40) as u32) << 8)
        } else {
            self.residential()
        };
        self.people.push(Person { number, country, ip, is_known: false });
        self.people.len() - 1
    }

    fn residential(&mut self) -> u32 {
        (100 << 24) + (self.rng.next() as u32 & 0x3FFF_FFFF)
    }

    fn at(&mut self, time: u64, event: Event) {
        self.order += 1;
        self.events.push(Reverse((time, self.order, event)));
    }

    fn all(&mut self) -> Result<(), String> {
        self.at(0, Event::Login);
        if self.scenario.attack.is_some() {
            self.at((ATTACKED_FROM * DAY) as u64, Event::Attack);
        }
        while let Some(Reverse((time, _, event))) = self.events.pop() {
            if time as f64 > DAYS * DAY {
                break;
            }
            match event {
                Event::Login => self.login(time),
                Event::Ask(session) => self.ask(session, time)?,
                Event::Answer(session, send) => self.answer(session, send, time)?,
                Event::Attack => self.attack(time)?,
                Event::SimAnswers(sim) => {
                    let (number, ip, receipt) = self.sims[sim];
                    self.service.answer(number, ip, receipt, now(time))?;
                }
            }
        }
        Ok(())
    }

    fn login(&mut self, time: u64) {
        let day = time as f64 / DAY;
        let surge = self.scenario.surge.as_ref().filter(|surge| surge.days.contains(&day));
        let (times, new) = surge.map_or((1.0, self.scenario.new), |surge| (surge.times, surge.new));
        let gap = self.rng.gap(self.scenario.logins * times / 24.0);
        // A surge begins in time although logins are few before it.
        self.at(time + gap.min((DAY / 24.0) as u64), Event::Login);
        if gap as f64 > DAY / 24.0 {
            return;
        }
        let person = if self.rng.chance(new) { self.person() } else { self.rng.index(self.people.len()) };
        let session =
            Session { person, began: time, asks: 0, sends: 0, is_vouched: false, receipt: Receipt::EMPTY };
        self.sessions.push(session);
        self.at(time, Event::Ask(self.sessions.len() - 1));
    }

    fn is_scored(&self, session: usize) -> bool {
        self.sessions[session].began as f64 >= SCORED_FROM * DAY
    }

    fn is_in_outage(&self, time: u64) -> bool {
        self.scenario.outage.as_ref().is_some_and(|outage| outage.contains(&(time as f64 / DAY)))
    }

    /// Asks for a code: at first, after a refusal, or once more because none was answered.
    fn ask(&mut self, id: usize, time: u64) -> Result<(), String> {
        let Session { person, asks, sends, is_vouched, began, .. } = self.sessions[id];
        let (number, ip) = (self.people[person].number, self.people[person].ip);
        let ruling = self.service.send(number, ip, is_vouched, now(time))?;
        let refusal = ruling.as_ref().filter(|ruling| !ruling.is_allowed());
        let in_outage = self.is_in_outage(began);
        if sends == 0 && asks == 0 && self.is_scored(id) {
            self.outcome.logins += 1;
            self.outcome.refused += u32::from(refusal.is_some());
            self.outcome.in_outage.0 += u32::from(in_outage);
            self.outcome.in_outage.1 += u32::from(in_outage && refusal.is_some());
            if let Some(rule) = refusal.and_then(|ruling| ruling.rule()) {
                *self.outcome.rules.entry(rule.as_str()).or_default() += 1;
            }
        }
        if let Some(ruling) = refusal {
            self.sessions[id].asks += 1;
            match (sends, asks) {
                (0, 0) => {
                    self.sessions[id].is_vouched = ruling.may_vouch() && self.rng.chance(0.9);
                    self.at(time + 40_000, Event::Ask(id));
                }
                (0, 1 | 2) => self.at(time + 480_000, Event::Ask(id)),
                (0, _) => self.outcome.locked_out += u32::from(self.is_scored(id)),
                _ => {}
            }
            return Ok(());
        }
        let session = &mut self.sessions[id];
        if let Some(charge) = ruling.and_then(|ruling| ruling.charge()) {
            session.receipt = session.receipt.with(charge);
        }
        session.sends += 1;
        self.react(id, time);
        Ok(())
    }

    /// Whether and when the last send is answered, or another is asked for.
    fn react(&mut self, id: usize, time: u64) {
        let Session { person, sends, .. } = self.sessions[id];
        let person = &self.people[person];
        let mut answers = match (sends, person.is_known) {
            (1, true) => 0.94,
            (1, false) => self.countries[person.country].answers,
            _ => 0.45,
        };
        // A carrier of a quarter of the blocks delivers next to nothing.
        if (person.number.digits() / 1_000_000).is_multiple_of(4) && self.is_in_outage(time) {
            answers *= 0.04;
        }
        if self.rng.chance(answers) {
            let after = self.rng.lognormal(24_000.0, 0.7) as u64;
            self.at(time + after, Event::Answer(id, sends));
        } else if sends < 4 && self.rng.chance(0.6) {
            let after = self.rng.between(50_000.0, 150_000.0) as u64;
            self.at(time + after, Event::Ask(id));
        }
    }

    fn answer(&mut self, id: usize, send: u8, time: u64) -> Result<(), String> {
        let Session { person, sends, receipt, .. } = self.sessions[id];
        if send == sends {
            let person = &mut self.people[person];
            person.is_known = true;
            self.service.answer(person.number, person.ip, receipt, now(time))?;
        }
        Ok(())
    }

    fn prepare_attack(&mut self) {
        let Some(Attack { kind, .. }) = &self.scenario.attack else { return };
        let (policy, rng) = (&self.policy, &mut self.rng);
        // Not the first, which earns the most.
        let some = |count: usize, rng: &mut Rng| {
            let mut chosen = Vec::new();
            while chosen.len() < count {
                let country = 1 + rng.index(COUNTRIES - 1);
                if !chosen.contains(&country) {
                    chosen.push(country);
                }
            }
            chosen
        };
        let attacker = &mut self.attacker;
        attacker.country = some(1, rng)[0];
        let country = &self.countries[attacker.country];
        match *kind {
            Kind::Blocks { blocks, countries } => {
                for place in some(countries, rng) {
                    let found = self.countries[place].blocks(blocks.min(900), policy, rng);
                    attacker.blocks.extend(found.into_iter().map(|block| (place, block)));
                }
            }
            Kind::Runs(runs) => {
                let begin = |_| country.number(&country.millions, policy, rng).digits();
                attacker.runs = (0..runs).map(begin).collect();
            }
            Kind::Countries(count) => attacker.countries = some(count, rng),
            Kind::Abroad(count) => {
                attacker.countries = (COUNTRIES..self.countries.len()).take(count).collect();
            }
            Kind::Mimic => {
                attacker.millions = country.millions[..country.millions.len().div_ceil(4)].to_vec();
            }
            Kind::SelfVerified => {
                let blocks = country.blocks(2, policy, rng);
                for place in 0..60 {
                    let sim = of_block(blocks[place % 2], country.region, policy, rng);
                    attacker.sims.extend(sim);
                }
                attacker.blocks = blocks.into_iter().map(|block| (attacker.country, block)).collect();
            }
            Kind::Premium | Kind::Unallocated => {}
        }
    }

    fn attack(&mut self, time: u64) -> Result<(), String> {
        let Some(Attack { kind, per_hour, hours }) = &self.scenario.attack else { return Ok(()) };
        let gap = self.rng.gap(*per_hour);
        if ((time + gap) as f64) < ATTACKED_FROM * DAY + hours * 3_600_000.0 {
            self.at(time + gap, Event::Attack);
        }
        let is_sim = *kind == Kind::SelfVerified && self.rng.chance(0.3);
        let target = if is_sim {
            let place = self.rng.index(self.attacker.sims.len());
            Some((self.attacker.country, self.attacker.sims[place]))
        } else {
            self.target(*kind)
        };
        let Some((country, number)) = target else { return Ok(()) };
        let price = self.countries[country].price;
        self.outcome.planned += price;
        if !self.policy.decide(number, Channel::Sms).is_allowed() {
            return Ok(());
        }
        let ip = self.residential();
        let ruling = self.service.send(number, ip, false, now(time))?;
        if ruling.as_ref().is_none_or(|ruling| ruling.is_allowed()) {
            self.outcome.lost += price;
            if is_sim {
                let charge = ruling.and_then(|ruling| ruling.charge());
                let receipt = charge.map_or(Receipt::EMPTY, |charge| Receipt::EMPTY.with(charge));
                self.sims.push((number, ip, receipt));
                self.at(time + 20_000, Event::SimAnswers(self.sims.len() - 1));
            }
        }
        Ok(())
    }

    /// The number to pump next, and its country.
    fn target(&mut self, kind: Kind) -> Option<(usize, PhoneNumber)> {
        let (attacker, policy, rng) = (&mut self.attacker, &self.policy, &mut self.rng);
        attacker.sent += 1;
        match kind {
            Kind::Blocks { .. } | Kind::SelfVerified => {
                let (place, block) = attacker.blocks[rng.index(attacker.blocks.len())];
                of_block(block, self.countries[place].region, policy, rng).map(|number| (place, number))
            }
            Kind::Runs(runs) => {
                let begin = attacker.runs[(attacker.sent % runs) as usize];
                let digits = begin + attacker.sent / runs;
                Some((attacker.country, format!("+{digits}").parse().ok()?))
            }
            Kind::Countries(_) | Kind::Abroad(_) => {
                let place = attacker.countries[rng.index(attacker.countries.len())];
                let country = &self.countries[place];
                Some((place, country.number(&country.millions, policy, rng)))
            }
            Kind::Mimic => {
                let country = &self.countries[attacker.country];
                Some((attacker.country, country.number(&attacker.millions, policy, rng)))
            }
            Kind::Premium => {
                Some((attacker.country, format!("+3389{:07}", rng.below(10_000_000)).parse().ok()?))
            }
            Kind::Unallocated => Some((
                attacker.country,
                format!("+1{:010}", 1_000_000_000 + rng.below(900_000_000)).parse().ok()?,
            )),
        }
    }
}

fn of_block(block: u64, region: Region, policy: &Policy, rng: &mut Rng) -> Option<PhoneNumber> {
    (0..1_000).find_map(|_| subscriber(block * 10_000 + rng.below(10_000), region, policy))
}

fn now(time: u64) -> Timestamp {
    BEGIN + Duration::from_millis(time)
}
