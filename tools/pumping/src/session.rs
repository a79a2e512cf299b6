//! An honest login, from the first ask until the code is answered or the person gives up.

use countersign::guard::Receipt;

use crate::queue::Event;
use crate::run::{DAY, Run, now, receipt};

/// The share of known people who answer their first code, and of all who answer a later one.
const KNOWN_ANSWERS: f64 = 0.94;
const RESENT_ANSWERS: f64 = 0.45;

/// The median time until a code is answered, in milliseconds, and σ of its lognormal distribution.
const ANSWERED_AFTER: f64 = 24_000.0;
const SIGMA: f64 = 0.7;

/// The share of people who ask for another code if one does not come, when, and how many they get.
const RESENDING: f64 = 0.6;
const RESENT_AFTER: [f64; 2] = [50_000.0, 150_000.0];
const SENDS: u8 = 4;

/// When refused people ask again: once, then twice more. In milliseconds.
const FIRST_RETRY: u64 = 40_000;
const LATER_RETRIES: u64 = 480_000;

/// The share of refused people who pass the host's check by the first retry.
const VOUCHED: f64 = 0.9;

/// The share of codes that an operator with an outage delivers.
const DELIVERED_IN_OUTAGE: f64 = 0.04;

pub(crate) struct Session {
    person: usize,
    began: u64,
    /// Refusals since the last send.
    refusals: u8,
    sends: u8,
    is_vouched: bool,
    receipt: Receipt,
}

impl Run<'_> {
    /// Lets somebody log in and schedules the next login.
    pub(crate) fn login(&mut self, time: u64) {
        // At most an hour ahead, so that a surge begins in time even if logins are rare before it.
        const AHEAD: u64 = 3_600_000;
        let day = time as f64 / DAY;
        let surge = self.scenario.surge.as_ref().filter(|surge| surge.days.contains(&day));
        let (times, new) = surge.map_or((1.0, self.scenario.new), |surge| (surge.times, surge.new));
        let gap = self.rng.gap(self.scenario.logins_per_day * times / 24.0);
        self.queue.at(time + gap.min(AHEAD), Event::Login);
        if gap > AHEAD {
            return;
        }
        let known = if self.rng.chance(new) { None } else { self.people.known(&mut self.rng) };
        let person = known.unwrap_or_else(|| self.people.add(&self.countries, self.policy, &mut self.rng));
        self.sessions.push(Session {
            person,
            began: time,
            refusals: 0,
            sends: 0,
            is_vouched: false,
            receipt: Receipt::EMPTY,
        });
        self.queue.at(time, Event::Ask(self.sessions.len() - 1));
    }

    /// Asks for a code: at first, after a refusal, or because the last code did not come.
    pub(crate) fn ask(&mut self, id: usize, time: u64) -> Result<(), String> {
        let Session { person, refusals, sends, is_vouched, began, .. } = self.sessions[id];
        let person = self.people.person(person);
        if let Some(journal) = &mut self.journal {
            journal.send(person.number, person.ip, is_vouched, now(time));
        }
        let ruling = self.service.send(person.number, person.ip, is_vouched, now(time))?;
        let refusal = ruling.as_ref().filter(|ruling| !ruling.is_allowed());
        let day = began as f64 / DAY;
        if sends == 0 && refusals == 0 {
            self.outcome.asks(day, self.scenario, refusal);
        }
        let session = &mut self.sessions[id];
        if let Some(ruling) = refusal {
            session.refusals += 1;
            match refusals {
                0 => {
                    session.is_vouched |= ruling.may_vouch() && self.rng.chance(VOUCHED);
                    self.queue.at(time + FIRST_RETRY, Event::Ask(id));
                }
                1 | 2 => self.queue.at(time + LATER_RETRIES, Event::Ask(id)),
                _ => self.outcome.locks_out(day, ruling),
            }
            return Ok(());
        }
        session.receipt = receipt(session.receipt, ruling.and_then(|ruling| ruling.charge()));
        session.refusals = 0;
        session.sends += 1;
        self.react(id, time);
        Ok(())
    }

    /// Decides whether and when the last code is answered, or another is asked for.
    fn react(&mut self, id: usize, time: u64) {
        let Session { person, sends, .. } = self.sessions[id];
        let person = self.people.person(person);
        let mut answers = match (sends, person.is_known) {
            (1, true) => KNOWN_ANSWERS,
            (1, false) => self.countries[person.country].answers,
            _ => RESENT_ANSWERS,
        };
        let outage = self.scenario.outage.as_ref();
        let is_in_outage = outage.is_some_and(|outage| outage.contains(&(time as f64 / DAY)));
        // One operator has every fourth block of a million.
        if is_in_outage && (person.number.digits() / 1_000_000).is_multiple_of(4) {
            answers *= DELIVERED_IN_OUTAGE;
        }
        if self.rng.chance(answers) {
            let after = self.rng.lognormal(ANSWERED_AFTER, SIGMA) as u64;
            self.queue.at(time + after, Event::Answer(id));
        } else if sends < SENDS && self.rng.chance(RESENDING) {
            let after = self.rng.between(RESENT_AFTER[0], RESENT_AFTER[1]) as u64;
            self.queue.at(time + after, Event::Ask(id));
        }
    }

    /// Types in the code that was sent last: nobody who answers asks for another.
    pub(crate) fn answer(&mut self, id: usize, time: u64) -> Result<(), String> {
        let Session { person, receipt, .. } = self.sessions[id];
        self.people.verify(person);
        let person = self.people.person(person);
        let (number, ip) = (person.number, person.ip);
        self.verified(number, ip, receipt, time)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use crate::journal::tests::recorded;

    #[test]
    fn answers_and_resends_are_as_described() {
        // Without a guard, and without an attack, from the first day on.
        let events = recorded("quiet", 4_000.0, false);
        // Of each number, the times of its sends since its last answer, and whether it was imported.
        let mut sends: HashMap<&str, (Vec<u64>, bool)> = HashMap::new();
        // First codes sent and answered, of imported people, and the same of later codes.
        let (mut first, mut later) = ([0.0, 0.0], [0.0, 0.0]);
        let (mut delays, mut most) = (Vec::new(), 0);
        for [time, number, _, _, _, event] in &events {
            let time: u64 = time.parse().unwrap();
            let (sends, is_imported) = sends.entry(number).or_default();
            match event.as_str() {
                "import" => *is_imported = true,
                "send" => {
                    // A gap that no resend has begins another login.
                    if sends.last().is_some_and(|last| !(50_000..=150_000).contains(&(time - last))) {
                        sends.clear();
                    }
                    sends.push(time);
                    most = most.max(sends.len());
                    if sends.len() > 1 {
                        later[0] += 1.0;
                    } else if *is_imported {
                        first[0] += 1.0;
                    }
                }
                _ => {
                    delays.extend(sends.last().map(|last| time - last));
                    if sends.len() > 1 {
                        later[1] += 1.0;
                    } else if *is_imported {
                        first[1] += 1.0;
                    }
                    sends.clear();
                }
            }
        }
        assert_eq!(most, 4);
        delays.sort_unstable();
        let median = delays[delays.len() / 2];
        assert!((23_000..25_000).contains(&median), "{median}");
        assert!((first[1] / first[0] - 0.94_f64).abs() < 0.01, "{first:?}");
        assert!((later[1] / later[0] - 0.45_f64).abs() < 0.04, "{later:?}");
    }
}
