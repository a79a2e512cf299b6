//! An operation on two records: a guess at an account's one-time secret, which is charged to the
//! account's budget before its verdict is revealed.
//!
//! Both kinds of record are toys. Instead of numbers they store names, one for each call, so that
//! the laws can tell whose charge it is.

use countersign::error::Fault;
use countersign::events::{About, Call};
use countersign::kernel::{
    Envelope, Next, Plan, Reader, RecordKind, Seen, Service, Then, Withheld, Write, Writer,
};
use countersign::store::{Loaded, RecordBytes, RecordKey};
use countersign::{Error, Keys, Refusal, Timestamp};

use crate::shelf::{Defect, Shelf};

/// The name of a call: the client and the index of its call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Name(u8);

impl Name {
    /// Creates the name of a client's call.
    #[must_use]
    pub const fn new(client: usize, call: usize) -> Self {
        Self((client << 4 | call) as u8)
    }
}

/// The maximum number of names in a record.
const MOST: usize = 15;

/// The failures charged to an account. Each guess is charged before its verdict is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Budget {
    /// The charged calls, oldest first.
    pub charged: Vec<Name>,
}

/// A secret that succeeds once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Factor {
    /// The calls whose entry was compared, oldest first.
    pub tried: Vec<Name>,
    /// Whether one of them was correct.
    pub used: bool,
}

impl RecordKind for Budget {
    const DOMAIN: u8 = 200;
    const LONGEST: usize = 1 + MOST;

    fn put(&self, _: Timestamp, out: &mut Writer<'_>) {
        put_names(&self.charged, out);
    }

    fn fill(&mut self, _: Timestamp, from: &mut Reader<'_>) -> Option<()> {
        self.charged = take_names(from)?;
        Some(())
    }

    fn keep_until(&self, _: Timestamp) -> Timestamp {
        Timestamp::MAX
    }
}

impl RecordKind for Factor {
    const DOMAIN: u8 = 201;
    const LONGEST: usize = 2 + MOST;

    fn put(&self, _: Timestamp, out: &mut Writer<'_>) {
        out.put([u8::from(self.used)]);
        put_names(&self.tried, out);
    }

    fn fill(&mut self, _: Timestamp, from: &mut Reader<'_>) -> Option<()> {
        let [used] = from.take()?;
        *self = Self { used: used == 1, tried: take_names(from)? };
        Some(())
    }

    fn keep_until(&self, _: Timestamp) -> Timestamp {
        Timestamp::MAX
    }
}

fn put_names(names: &[Name], out: &mut Writer<'_>) {
    out.put([names.len() as u8]);
    names.iter().for_each(|name| out.put([name.0]));
}

fn take_names(from: &mut Reader<'_>) -> Option<Vec<Name>> {
    let [count] = from.take()?;
    (0..count).map(|_| from.take().map(|[name]| Name(name))).collect()
}

/// The verdict of a guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The entry is the secret.
    Right,
    /// The entry is not the secret.
    Wrong,
}

/// The location and the limits of an account's records.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    keys: Keys,
    /// The keys of budget and factor, in the order in which they are written.
    places: [RecordKey; 2],
    /// The maximum number of charges.
    limit: usize,
    /// The maximum number of entries compared with one secret.
    tries: usize,
}

const BUDGET: usize = 0;
const FACTOR: usize = 1;

impl Account {
    pub(crate) fn new(keys: Keys, limit: u8, tries: u8) -> Self {
        let places = [0xB0, 0xFA].map(|byte| RecordKey::from_bytes([byte; 16]));
        Self { keys, places, limit: limit.into(), tries: tries.into() }
    }

    pub(crate) const fn budget_key(&self) -> RecordKey {
        self.places[BUDGET]
    }

    pub(crate) const fn factor_key(&self) -> RecordKey {
        self.places[FACTOR]
    }

    /// Returns the contents of the store, for laws.
    pub(crate) fn seen(&self, store: &Shelf) -> (Budget, Factor) {
        let held = |key: &RecordKey| {
            store
                .load(key)
                .map_or(Loaded::ABSENT, |held| Loaded::new(&held.0, held.1).unwrap_or(Loaded::ABSENT))
        };
        let budget = self.read::<Budget>(BUDGET, &held(&self.places[BUDGET]));
        let factor = self.read::<Factor>(FACTOR, &held(&self.places[FACTOR]));
        (
            budget.map(|it| it.value().clone()).unwrap_or_default(),
            factor.map(|it| it.value().clone()).unwrap_or_default(),
        )
    }

    /// Returns the last three charged calls in this record of the budget.
    pub(crate) fn last_charged(&self, record: &[u8]) -> Vec<Name> {
        let budget = Envelope::<Budget>::decode(record, &self.places[BUDGET], &self.keys);
        let charged = budget.map(|it| it.value().charged.clone()).unwrap_or_default();
        charged.into_iter().rev().take(3).collect()
    }

    fn read<K: RecordKind>(&self, slot: usize, loaded: &Loaded) -> Result<Envelope<K>, Fault> {
        Ok(Envelope::decode(loaded.record(), &self.places[slot], &self.keys)?)
    }

    fn write<K: RecordKind>(
        &self,
        slot: usize,
        old: &Loaded,
        next: &Envelope<K>,
        record: &mut RecordBytes,
    ) -> Result<Write, Fault> {
        next.encode_into(record, &self.places[slot], &self.keys)?;
        Ok(Write::new(slot, old.revision(), next.keep()))
    }
}

/// One guess. Both records are read; a refusal writes nothing; the budget is charged, and then the
/// entry is compared with the factor. The verdict is revealed only after that is written too.
pub(crate) struct Guess {
    account: Account,
    name: Name,
    is_right: bool,
    now: Timestamp,
    /// The operation that wrote the charge.
    charge: u64,
    /// The operation that wrote the budget before the charge.
    before: u64,
    defect: Defect,
}

impl Guess {
    pub(crate) const fn new(
        account: Account,
        name: Name,
        is_right: bool,
        now: Timestamp,
        defect: Defect,
    ) -> Self {
        Self { account, name, is_right, now, charge: 0, before: 0, defect }
    }

    fn charge(
        &mut self,
        operation: u64,
        old: &Loaded,
        record: &mut RecordBytes,
        then: Then<Verdict>,
    ) -> Result<Next<Verdict>, Error> {
        let budget: Envelope<Budget> = self.account.read(BUDGET, old)?;
        let mut charged = budget.value().charged.clone();
        charged.push(self.name);
        (self.charge, self.before) = (operation, budget.operation());
        let next = budget.after(operation, budget.at().max(self.now), Budget { charged });
        Ok(Next::Write(self.account.write(BUDGET, old, &next, record)?, then))
    }

    fn compare(
        &self,
        operation: u64,
        old: &Loaded,
        record: &mut RecordBytes,
        then: Then<Verdict>,
    ) -> Result<Next<Verdict>, Error> {
        let factor: Envelope<Factor> = self.account.read(FACTOR, old)?;
        let Factor { mut tried, used } = factor.value().clone();
        tried.push(self.name);
        let value = Factor { tried, used: used || self.is_right };
        let next = factor.after(operation, factor.at().max(self.now), value);
        Ok(Next::Write(self.account.write(FACTOR, old, &next, record)?, then))
    }

    fn reveal(&self) -> Then<Verdict> {
        let verdict = if self.is_right { Verdict::Right } else { Verdict::Wrong };
        Then::Reveal(Withheld::new(Ok(verdict)))
    }
}

impl Plan for Guess {
    type Output = Verdict;

    fn about(&self) -> About {
        About::new(Call::Check)
    }

    fn reads(&self, _stage: u8) -> &[RecordKey] {
        &self.account.places
    }

    fn next(
        &mut self,
        _: &Service,
        stage: u8,
        operation: u64,
        seen: &Seen<'_>,
        record: &mut RecordBytes,
    ) -> Result<Next<Verdict>, Error> {
        let budget: Envelope<Budget> = self.account.read(BUDGET, seen.get(BUDGET))?;
        let factor: Envelope<Factor> = self.account.read(FACTOR, seen.get(FACTOR))?;
        let factor_first = self.defect == Defect::ChargesAfterwards;
        if stage == 0 && budget.value().charged.len() >= self.account.limit {
            return Err(Error::Refused(Refusal::Locked { until: Timestamp::MAX }));
        }
        let is_charged = budget.was_written_by(self.charge) || self.defect == Defect::ForgetsItsCharge;
        if stage == 1 && !factor_first && !is_charged {
            return Err(Error::Contended);
        }
        if !(stage == 1 && factor_first) {
            if factor.value().used {
                return Err(Error::Refused(Refusal::AlreadyUsed));
            }
            if factor.value().tried.len() >= self.account.tries {
                return Err(Error::Refused(Refusal::NoTriesLeft));
            }
        }
        let (budget, factor) = (seen.get(BUDGET), seen.get(FACTOR));
        match stage {
            0 if factor_first => self.compare(operation, factor, record, Then::NextStage),
            0 if self.defect == Defect::RevealsAtTheCharge => {
                self.charge(operation, budget, record, self.reveal())
            }
            0 => self.charge(operation, budget, record, Then::NextStage),
            _ if factor_first => self.charge(operation, budget, record, self.reveal()),
            _ => self.compare(operation, factor, record, self.reveal()),
        }
    }

    fn is_written(
        &self,
        _: &Service,
        _: u8,
        slot: usize,
        loaded: &Loaded,
        operation: u64,
    ) -> Result<bool, Fault> {
        if self.defect == Defect::DoesNotRecogniseWrites {
            return Ok(false);
        }
        Ok(match slot {
            BUDGET => self.account.read::<Budget>(slot, loaded)?.was_written_by(operation),
            _ => self.account.read::<Factor>(slot, loaded)?.was_written_by(operation),
        })
    }

    fn is_out_of_sight(&self, _: &Service, _: u8, slot: usize, loaded: &Loaded) -> Result<bool, Fault> {
        Ok(match slot {
            _ if self.defect == Defect::ChargesOnceMore => false,
            BUDGET => self.account.read::<Budget>(slot, loaded)?.is_beyond(self.before),
            _ => true,
        })
    }
}
