//! The walk from the number to the caps on spend.

use alloc::vec::Vec;
use core::time::Duration;

use super::charge::Charge;
use super::fingerprint::Fingerprint;
use super::level::Level;
use super::overrides::Treatment;
use super::question::{Question, Seen};
use super::rule::Rule;
use super::ruling::{Alarm, Finding, Ruling};
use super::scope::Scope;
use super::settings::Guard;
use crate::store::{Entries, Entry, EntryError, KEPT_FOR, NumberMemory, Standing, Sums, half_lives};
use crate::time::Timestamp;

/// The unanswered sends that any number gets, decayed.
const UNANSWERED_PER_NUMBER: f64 = 5.0;

/// The sends that any number gets in 24 hours.
const SENDS_PER_NUMBER: u8 = 10;

/// A known number has fewer unanswered sends since its last verification.
const UNANSWERED_OF_KNOWN: u8 = 2;

/// A known number has fewer sends in 24 hours.
const SENDS_OF_KNOWN: f64 = 3.0;

/// The unanswered sends that one answered send allows.
const EARNED: f64 = 2.0;

/// The share of all regions' answered sends that is added to the purse.
const PURSE_SHARE: f64 = 0.03;

/// The purse, in stakes.
const PURSE_STAKES: f64 = 1.5;

/// Parts of a cap at which an alarm is raised.
const ALARMS: [f64; 2] = [0.5, 0.9];

/// How a tally is asked: the send is refused where `u + weight > base + earned · a`.
struct Bound {
    weight: f64,
    base: f64,
    earned: f64,
}

impl Question {
    /// Whether the send is allowed, from the entries of [`keys`](Self::keys) in their order.
    ///
    /// # Errors
    ///
    /// If the entries are not those of the keys.
    pub fn decide(&self, guard: &Guard, entries: &Entries, now: Timestamp) -> Result<Ruling, EntryError> {
        let seen = self.seen(entries, now)?;
        let mut walk = Walk { question: self, guard, seen: &seen, matched: Vec::new() };
        let charge = walk.run();
        let matched = walk.matched;
        let charge = match (matched.is_empty(), guard.is_monitor()) {
            (true, _) => Some(charge),
            (false, true) => Some(Charge::Watched),
            (false, false) => None,
        };
        let alarms = if matched.is_empty() { self.alarms(guard, &seen) } else { Vec::new() };
        let is_vouched = self.subject.is_vouched;
        Ok(Ruling { matched, charge, alarms, fingerprint: Fingerprint::default(), is_vouched })
    }

    /// The ruling on a send to a known recipient, from its memory alone. None if the tallies have
    /// to be asked: it is a stranger or over a cap of its own, or the guard caps spend.
    #[must_use]
    pub fn decide_known(&self, guard: &Guard, memory: &Entry, now: Timestamp) -> Option<Ruling> {
        let Entry::Number(memory) = memory else { return None };
        let memory = memory.as_of(now);
        let seen = Seen::of(memory, now);
        let mut walk = Walk { question: self, guard, seen: &seen, matched: Vec::new() };
        if self.subject.number().is_some() {
            walk.number();
        }
        let is_allowed = walk.matched.is_empty() && self.is_known(&memory, now);
        (is_allowed && Self::caps(guard).next().is_none()).then_some(Ruling {
            matched: Vec::new(),
            charge: Some(Charge::Known),
            alarms: Vec::new(),
            fingerprint: Fingerprint::default(),
            is_vouched: self.subject.is_vouched,
        })
    }

    /// Whether the recipient is known: neither blocks nor keys refuse it, and its sends charge
    /// nothing.
    fn is_known(&self, memory: &NumberMemory, now: Timestamp) -> bool {
        (self.subject.is_known || memory.standing(now) == Standing::Settled)
            && memory.unanswered() < UNANSWERED_OF_KNOWN
            && memory.sends_in_24h(now) < SENDS_OF_KNOWN
    }

    /// The caps on spend, by their levels.
    fn caps(guard: &Guard) -> impl Iterator<Item = (Level, Rule, f64)> {
        let caps = guard.caps();
        let caps = [
            (Level::SpendRegion, Rule::SpendRegion, caps.region),
            (Level::SpendTenant, Rule::SpendTenant, caps.tenant),
            (Level::SpendAll, Rule::SpendAll, caps.all),
        ];
        caps.into_iter().filter_map(|(level, rule, cap)| Some((level, rule, cap?)))
    }

    fn alarms(&self, guard: &Guard, seen: &Seen) -> Vec<Alarm> {
        let mut alarms = Vec::new();
        for (level, _, cap) in Self::caps(guard) {
            let Some(place) = self.place(level) else { continue };
            let before = seen.sums[place].decayed(seen.now).unanswered();
            for part in ALARMS {
                if before < part * cap && part * cap <= before + self.price {
                    alarms.push(Alarm { scope: self.scope(level), part, cap });
                }
            }
        }
        alarms
    }
}

struct Walk<'a> {
    question: &'a Question,
    guard: &'a Guard,
    seen: &'a Seen,
    matched: Vec<Finding>,
}

impl Walk<'_> {
    /// Collects what speaks against the send; what it is to be charged if nothing does.
    fn run(&mut self) -> Charge {
        let (question, seen) = (self.question, self.seen);
        if question.subject.number().is_some() {
            self.number();
        }
        let charge = if question.is_known(&seen.memory, seen.now) {
            Charge::Known
        } else {
            let charge = self.stranger();
            self.host_keys();
            charge
        };
        self.spend(charge);
        charge
    }

    /// The caps of one number.
    fn number(&mut self) {
        let (memory, now) = (&self.seen.memory, self.seen.now);
        let scope = Scope::Recipient(self.question.subject.number());
        let found = |rule, unanswered, allowance, retry_at| Finding {
            rule,
            scope,
            unanswered,
            answered: 0.0,
            allowance,
            retry_at: Some(retry_at),
        };
        let outstanding = memory.outstanding();
        if outstanding + 1.0 > UNANSWERED_PER_NUMBER {
            // Counts are kept in steps, to the nearest.
            let room = UNANSWERED_PER_NUMBER - 1.0 + 1.0 / 8192.0;
            let retry_at = memory.at() + half_lives(outstanding / room);
            self.matched.push(found(Rule::NumberUnanswered, outstanding, UNANSWERED_PER_NUMBER, retry_at));
        }
        let sends = memory.sends_in_24h(now);
        if sends + 1.0 > f64::from(SENDS_PER_NUMBER) {
            let retry_at = memory.fewer_sends_at(SENDS_PER_NUMBER - 1, now);
            self.matched.push(found(Rule::NumberSends, sends, f64::from(SENDS_PER_NUMBER), retry_at));
        }
    }

    /// Blocks, region and purse, or what decides about the vouched.
    fn stranger(&mut self) -> Charge {
        let (guard, question) = (self.guard, self.question);
        let Some(number) = question.subject.number() else { return Charge::Stranger };
        let mut factor = 1.0;
        if let Some(rule) = guard.override_for(number, question.region, self.seen.now) {
            match rule.treatment() {
                Treatment::Allow => return Charge::Stranger,
                Treatment::Refuse => {
                    self.matched.push(Finding {
                        rule: Rule::Override,
                        scope: Scope::Region(question.region),
                        unanswered: 0.0,
                        answered: 0.0,
                        allowance: 0.0,
                        retry_at: (rule.until() < Timestamp::MAX).then_some(rule.until()),
                    });
                    return Charge::Stranger;
                }
                Treatment::Scale(scale) => factor = scale,
            }
        }
        let bases = guard.bases();
        let [block_100, block_1000, block_10000, block_1000000] =
            [bases.block_100, bases.block_1000, bases.block_10000, bases.block_1000000]
                .map(|base| base * factor);
        self.block(Level::Block100, Rule::Block100, block_100, Some((Rule::Pace100, 100.0)));
        self.block(Level::Block1k, Rule::Block1000, block_1000, Some((Rule::Pace1000, 100.0)));
        if question.subject.is_vouched {
            self.ask(Level::Vouched, Rule::Vouched, EARNED, guard.vouched_base() * factor);
            return Charge::Vouched;
        }
        self.block(Level::Block10k, Rule::Block10000, block_10000, Some((Rule::Pace10000, 120.0)));
        if self.has_earned(Level::Block10k) {
            return Charge::Stranger;
        }
        self.block(Level::Block1M, Rule::Block1000000, block_1000000, None);
        if self.has_earned(Level::Block1M) {
            return Charge::Stranger;
        }
        self.ask(Level::Region, Rule::Region, EARNED, guard.stake() * factor);
        if self.has_earned(Level::Region) {
            return Charge::Stranger;
        }
        self.ask(Level::Purse, Rule::Purse, PURSE_SHARE, PURSE_STAKES * guard.stake());
        Charge::Purse
    }

    fn host_keys(&mut self) {
        let bases = self.guard.bases();
        for (place, tag) in (0..).zip(self.question.subject.tags.as_slice()) {
            let rule = match tag {
                tag if tag.is_ip() => Rule::Ip,
                tag if tag.is_account() => Rule::Account,
                _ => Rule::Key,
            };
            self.ask(Level::Host(place), rule, EARNED, tag.base(&bases));
        }
    }

    /// The caps on spend: strangers stop at the cap, everybody at twice.
    fn spend(&mut self, charge: Charge) {
        let times = if charge == Charge::Known { 2.0 } else { 1.0 };
        for (level, rule, cap) in Question::caps(self.guard) {
            self.ask(level, rule, 0.0, times * cap);
        }
    }

    /// A block, and how fast it may grow.
    fn block(&mut self, level: Level, rule: Rule, base: f64, pace: Option<(Rule, f64)>) {
        self.ask(level, rule, EARNED, base);
        if let Some((rule, most)) = pace {
            // u + a + 1 > most, which is a bound with the weight of one send and a debit for what
            // was answered.
            self.ask(level, rule, -1.0, most);
        }
    }

    /// Notes a finding if the tally refuses the send.
    fn ask(&mut self, level: Level, rule: Rule, earned: f64, base: f64) {
        let Some((kept, sums)) = self.sums(level) else { return };
        let bound = Bound { weight: self.question.weight(level), base, earned };
        if bound.refuses(&sums) {
            // For a pace, what was answered counts against it.
            let allowance = base + earned.max(0.0) * sums.answered();
            self.matched.push(Finding {
                rule,
                scope: self.question.scope(level),
                unanswered: sums.unanswered(),
                answered: sums.answered(),
                allowance,
                retry_at: bound.retry_at(&kept, &sums),
            });
        }
    }

    /// Whether answered codes alone pay for the send: u + w ≤ 2·a.
    fn has_earned(&self, level: Level) -> bool {
        let bound = Bound { weight: self.question.weight(level), base: 0.0, earned: EARNED };
        self.sums(level).is_some_and(|(_, sums)| !bound.refuses(&sums))
    }

    /// The sums of a tally as they were last changed, and as of now.
    fn sums(&self, level: Level) -> Option<(Sums, Sums)> {
        let kept = self.seen.sums[self.question.place(level)?];
        Some((kept, kept.decayed(self.seen.now)))
    }
}

impl Bound {
    fn refuses(&self, sums: &Sums) -> bool {
        sums.unanswered() + self.weight > self.base + self.earned * sums.answered()
    }

    /// When the sums will have decayed enough: (u − earned · a) · 2^(−t/24 h) ≤ base −
    /// weight. What is never small enough by then expires, and what is refused by an empty
    /// tally is refused for ever.
    fn retry_at(&self, kept: &Sums, sums: &Sums) -> Option<Timestamp> {
        let (excess, room) = (sums.unanswered() - self.earned * sums.answered(), self.base - self.weight);
        if room < 0.0 {
            return None;
        }
        let decayed = if room > 0.0 { half_lives(excess / room) } else { Duration::MAX };
        Some((sums.at() + decayed).min(kept.at() + KEPT_FOR))
    }
}
