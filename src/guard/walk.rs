//! The decision: rules in their order, from the recipient's own caps to the caps on spend.

use alloc::vec::Vec;
use core::time::Duration;

use super::charge::Charge;
use super::fingerprint::Fingerprint;
use super::level::Level;
use super::overrides::Treatment;
use super::question::{Question, Seen, Tally};
use super::rule::Rule;
use super::ruling::{Alarm, Finding, Ruling};
use super::scope::Scope;
use super::settings::Guard;
use crate::store::{Entries, Entry, EntryError, KEPT_FOR, NumberMemory, Standing, Sums, half_lives};
use crate::time::Timestamp;

/// The most unanswered sends to one number, decayed.
const UNANSWERED_PER_NUMBER: f64 = 5.0;

/// The most sends to one number in 24 hours.
const SENDS_PER_NUMBER: u8 = 10;

/// A known number has fewer unanswered sends since its last verification.
const UNANSWERED_OF_KNOWN: u8 = 2;

/// A known number has fewer sends in 24 hours.
const SENDS_OF_KNOWN: f64 = 3.0;

/// How many unanswered sends one answered send allows.
const EARNED: f64 = 2.0;

/// The share of all regions' answered sends that is added to the purse.
const PURSE_SHARE: f64 = 0.03;

/// The size of the purse, in stakes.
const PURSE_STAKES: f64 = 1.5;

/// The parts of a cap at which an alarm is raised. A send that reaches both raises the larger.
const ALARMS: [f64; 2] = [0.5, 0.9];

/// How often other rules can refuse a send once those that matched would allow it: two blocks and
/// the region stop to shield from larger tallies, and an override ends.
const SHIELDS_AND_OVERRIDE: usize = 5;

/// The bound of a tally: a send is refused if `u + weight > base + earned · a`.
struct Bound {
    weight: f64,
    base: f64,
    earned: f64,
}

impl Question {
    /// Decides on a send by the entries of [`keys`](Self::keys), which are in the order of the
    /// keys.
    ///
    /// # Errors
    ///
    /// If the number or the kinds of the entries do not match the keys.
    pub fn decide(&self, guard: &Guard, entries: &Entries, now: Timestamp) -> Result<Ruling, EntryError> {
        let seen = self.seen(entries, now)?;
        let mut walk = Walk { question: self, guard, seen, matched: Vec::new() };
        let charge = walk.run();
        let matched = walk.matched;
        let charge = match (matched.is_empty(), guard.is_monitor()) {
            (true, _) => Some(charge),
            (false, true) => Some(Charge::Watched),
            (false, false) => None,
        };
        let alarms = if matched.is_empty() { self.alarms(guard, &seen) } else { Vec::new() };
        let is_vouched = self.subject.is_vouched;
        let not_before = self.not_before(guard, seen, &matched);
        Ok(Ruling { matched, charge, alarms, not_before, fingerprint: Fingerprint::default(), is_vouched })
    }

    /// Returns the first time found at which no rule refuses the send, or `None` if one always
    /// will. By the time at which the rules that matched allow the send, a block may have stopped
    /// to shield from larger tallies, and an override may have ended.
    fn not_before(&self, guard: &Guard, seen: Seen<'_>, matched: &[Finding]) -> Option<Timestamp> {
        let mut not_before = Timestamp::EPOCH;
        let mut walk = Walk { question: self, guard, seen, matched: Vec::from(matched) };
        for _ in 0..SHIELDS_AND_OVERRIDE {
            for finding in &walk.matched {
                not_before = not_before.max(finding.retry_at?);
            }
            if walk.matched.is_empty() {
                break;
            }
            walk.matched.clear();
            walk.seen = seen.at(not_before);
            walk.run();
        }
        Some(not_before)
    }

    /// Allows a send to a known recipient by its memory alone. Returns `None` if the tallies are
    /// needed: the recipient is a stranger or over a cap of its own, or the guard caps spend.
    #[must_use]
    pub fn decide_known(&self, guard: &Guard, memory: &Entry, now: Timestamp) -> Option<Ruling> {
        let Entry::Number(memory) = memory else { return None };
        let memory = memory.as_of(now);
        let mut walk = Walk { question: self, guard, seen: Seen::of(memory, now), matched: Vec::new() };
        if self.subject.number().is_some() {
            walk.number();
        }
        let is_allowed = walk.matched.is_empty() && self.is_known(&memory, now);
        (is_allowed && Self::caps(guard).next().is_none()).then_some(Ruling {
            matched: Vec::new(),
            charge: Some(Charge::Known),
            alarms: Vec::new(),
            not_before: Some(Timestamp::EPOCH),
            fingerprint: Fingerprint::default(),
            is_vouched: self.subject.is_vouched,
        })
    }

    /// Returns whether the recipient is known: blocks and host keys do not apply, and its sends
    /// charge nothing.
    fn is_known(&self, memory: &NumberMemory, now: Timestamp) -> bool {
        (self.subject.is_known || memory.standing(now) == Standing::Settled)
            && memory.unanswered() < UNANSWERED_OF_KNOWN
            && memory.sends_in_24h(now) < SENDS_OF_KNOWN
    }

    /// Returns the caps on spend that are set.
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
            let Some(Tally { sums, .. }) = seen.tally(level) else { continue };
            let before = sums.unanswered();
            let is_reached = |part: &f64| before < part * cap && part * cap <= before + self.price;
            let reached = ALARMS.into_iter().rfind(is_reached);
            alarms.extend(reached.map(|part| Alarm { scope: self.scope(level), part, cap }));
        }
        alarms
    }
}

struct Walk<'a> {
    question: &'a Question,
    guard: &'a Guard,
    seen: Seen<'a>,
    matched: Vec<Finding>,
}

impl Walk<'_> {
    /// Collects the rules that refuse the send. Returns its charge, should none do so.
    fn run(&mut self) -> Charge {
        if self.question.subject.number().is_some() {
            self.number();
        }
        let charge = if self.question.is_known(&self.seen.memory, self.seen.now) {
            Charge::Known
        } else {
            let charge = self.stranger();
            self.host_keys();
            charge
        };
        self.spend(charge);
        charge
    }

    /// Checks the caps of one number.
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
            // Counts are kept in steps of 2^-18, to the nearest, also the one that was read.
            let half = 0.5 / 262_144.0;
            let room = UNANSWERED_PER_NUMBER - 1.0 + half;
            let retry_at = memory.at() + half_lives((outstanding + half) / room);
            self.matched.push(found(Rule::NumberUnanswered, outstanding, UNANSWERED_PER_NUMBER, retry_at));
        }
        let sends = memory.sends_in_24h(now);
        if sends + 1.0 > f64::from(SENDS_PER_NUMBER) {
            let retry_at = memory.fewer_sends_at(SENDS_PER_NUMBER - 1, now);
            self.matched.push(found(Rule::NumberSends, sends, f64::from(SENDS_PER_NUMBER), retry_at));
        }
    }

    /// Checks blocks, region and purse, or for vouched strangers the tallies that apply to them.
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
            self.tally(Level::Vouched, Rule::Vouched, EARNED, guard.vouched_base() * factor);
            return Charge::Vouched;
        }
        let pace = Some((Rule::Pace10000, 120.0));
        if self.block(Level::Block10k, Rule::Block10000, block_10000, pace)
            || self.block(Level::Block1M, Rule::Block1000000, block_1000000, None)
            || self.tally(Level::Region, Rule::Region, EARNED, guard.stake() * factor)
        {
            return Charge::Stranger;
        }
        self.tally(Level::Purse, Rule::Purse, PURSE_SHARE, PURSE_STAKES * guard.stake());
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
            self.tally(Level::Host(place), rule, EARNED, tag.base(&bases));
        }
    }

    /// Checks the caps on spend. Strangers stop at the cap, everybody at twice the cap.
    fn spend(&mut self, charge: Charge) {
        let times = if charge == Charge::Known { 2.0 } else { 1.0 };
        for (level, rule, cap) in Question::caps(self.guard) {
            self.tally(level, rule, 0.0, times * cap);
        }
    }

    /// Checks the bound of a block and its pace. Returns whether the block has earned the send.
    fn block(&mut self, level: Level, rule: Rule, base: f64, pace: Option<(Rule, f64)>) -> bool {
        let Some(tally) = self.seen.tally(level) else { return false };
        self.ask(level, &tally, rule, EARNED, base);
        if let Some((rule, most)) = pace {
            // u + a + 1 > most is a bound whose answered sends count against it.
            self.ask(level, &tally, rule, -1.0, most);
        }
        self.has_earned(level, &tally)
    }

    /// Checks the bound of another tally. Returns whether the tally has earned the send.
    fn tally(&mut self, level: Level, rule: Rule, earned: f64, base: f64) -> bool {
        let Some(tally) = self.seen.tally(level) else { return false };
        self.ask(level, &tally, rule, earned, base);
        self.has_earned(level, &tally)
    }

    /// Adds a finding if the tally refuses the send.
    fn ask(&mut self, level: Level, tally: &Tally, rule: Rule, earned: f64, base: f64) {
        let bound = Bound { weight: self.question.weight(level), base, earned };
        let sums = &tally.sums;
        if bound.refuses(sums) {
            // A pace counts answered sends too.
            let allowance = base + earned.max(0.0) * sums.answered();
            self.matched.push(Finding {
                rule,
                scope: self.question.scope(level),
                unanswered: sums.unanswered(),
                answered: sums.answered(),
                allowance,
                retry_at: bound.retry_at(tally),
            });
        }
    }

    /// Returns whether answered codes alone pay for the send: u + w ≤ 2·a.
    fn has_earned(&self, level: Level, tally: &Tally) -> bool {
        let bound = Bound { weight: self.question.weight(level), base: 0.0, earned: EARNED };
        !bound.refuses(&tally.sums)
    }
}

impl Bound {
    fn refuses(&self, sums: &Sums) -> bool {
        sums.unanswered() + self.weight > self.base + self.earned * sums.answered()
    }

    /// Returns when the sums will have decayed enough: (u − earned · a) · 2^(−t/24 h) ≤ base −
    /// weight, or when the tally expires, if that is earlier. `None` if even an empty tally refuses
    /// the send.
    fn retry_at(&self, Tally { at, sums }: &Tally) -> Option<Timestamp> {
        let (excess, room) = (sums.unanswered() - self.earned * sums.answered(), self.base - self.weight);
        if room < 0.0 {
            return None;
        }
        let decayed = if room > 0.0 { half_lives(excess / room) } else { Duration::MAX };
        Some((sums.at() + decayed).min(*at + KEPT_FOR))
    }
}
