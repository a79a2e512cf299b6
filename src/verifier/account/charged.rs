//! The plan of a call on a factor's record that counts for an account.
//!
//! A check of a code goes through three stages, so that no verdict is free:
//!
//! 1. Both records are read. If the entry would be compared, the account is charged one failure.
//! 2. The factor's record is written. The verdict may then be read.
//! 3. If it was right, the charge is settled: the failures of this factor up to the charge are
//!    cleared. If another call changed the factor's record after the charge, so that nothing was
//!    compared, the charge is taken back.

use alloc::boxed::Box;

use super::place::Place;
use crate::account::{AccountRecord, ChargeId, Factor};
use crate::error::{Error, Fault, Refusal};
use crate::events::About;
use crate::guard::Ruling;
use crate::kernel::{Next, Plan, Seen, Then, Withheld, Write};
use crate::limits::Lock;
use crate::service::Service;
use crate::store::{Change, Loaded, RecordBytes, RecordKey, Revision, TallyKey};
use crate::{Account, Timestamp};

/// The position of the account's record.
const ACCOUNT: usize = 0;
/// The position of the factor's record.
const FACTOR: usize = 1;

/// The stage that settles or takes back the charge.
const SETTLES: u8 = 2;

/// A call on the record of one factor: a plan with one record and one stage.
pub(in crate::verifier) trait OfFactor: Plan {
    /// The factor whose failures are counted.
    const FACTOR: Factor;

    /// Accepts the account as read, before each decision. If it is locked, the entry need not be
    /// compared: any refusal but those of an unknown challenge or factor becomes that of the lock.
    fn see(&mut self, _account: &AccountRecord, _is_locked: bool) {}
}

/// A call on a factor's record, and the account that it counts for, if there is one.
pub(in crate::verifier) struct Charged<P> {
    factor: P,
    account: Option<Box<Part>>,
}

/// The account's part of a call.
struct Part {
    place: Place,
    /// Whether it compares an entry. Otherwise it is only refused while the account is locked.
    compares: bool,
    /// The keys of the account's record and the factor's.
    keys: [RecordKey; 2],
    /// The last charge that was to be written.
    charge: Option<Charge>,
    /// Whether the charge is taken back, rather than settled.
    is_refund: bool,
}

struct Charge {
    id: ChargeId,
    /// How many more failures lead to a lock.
    tries_left: u8,
    /// The lock that it led to.
    lock: Option<Lock>,
    /// The operation that wrote the account's record before.
    after: u64,
    /// The factor's record as it was compared.
    factor: Revision,
}

impl<P: OfFactor> Charged<P> {
    /// Returns the plan of a check, which counts for this account if there is one.
    pub(in crate::verifier) fn check(
        service: &Service,
        factor: P,
        account: Option<&Account>,
        now: Timestamp,
    ) -> Self {
        Self::new(service, true, factor, account, now)
    }

    /// Returns the plan of a send, which is refused while this account is locked.
    pub(in crate::verifier) fn send(
        service: &Service,
        factor: P,
        account: Option<&Account>,
        now: Timestamp,
    ) -> Self {
        Self::new(service, false, factor, account, now)
    }

    fn new(service: &Service, compares: bool, factor: P, account: Option<&Account>, now: Timestamp) -> Self {
        let account = account.zip(factor.reads(0).first()).map(|(account, key)| {
            let place = Place::new(service, account, now);
            let keys = [*place.key(), *key];
            Box::new(Part { place, compares, keys, charge: None, is_refund: false })
        });
        Self { factor, account }
    }
}

impl Part {
    /// Returns the refusal of a call: an unknown challenge or factor first, then the later end of
    /// both locks, then any other.
    fn refusal(&self, own: Refusal, account: Option<Refusal>) -> Refusal {
        let account = match own {
            Refusal::UnknownHandle | Refusal::NotEnrolled => None,
            _ => account,
        };
        let Some(account) = account else { return own };
        if lock(own) > lock(account) { own } else { account }
    }

    /// Charges the account for a comparison.
    fn charge(
        &mut self,
        service: &Service,
        operation: u64,
        account: &AccountRecord,
        seen: &Seen<'_>,
        factor: Factor,
        record: &mut RecordBytes,
    ) -> Result<Write, Error> {
        let context = self.place.context(service, operation);
        let charged = account.charge(&context, self.place.group, factor)?;
        let write = self.place.write(service, seen.get(ACCOUNT).revision(), &charged.next, record)?;
        let crate::account::Charged { id, tries_left, lock, .. } = charged;
        let (after, factor) = (account.operation(), seen.get(FACTOR).revision());
        self.charge = Some(Charge { id, tries_left, lock, after, factor });
        Ok(write)
    }

    /// Settles the charge or takes it back.
    fn settle<T>(
        &self,
        service: &Service,
        operation: u64,
        loaded: &Loaded,
        record: &mut RecordBytes,
    ) -> Result<Next<T>, Error> {
        let context = self.place.context(service, operation);
        let account = self.place.read(service, loaded)?;
        let charge = self.charge.as_ref().ok_or(Fault::OutOfTurn)?;
        let next = if self.is_refund {
            account.refund(&context, charge.id)?
        } else {
            account.settle(&context, charge.id)?
        };
        let Some(next) = next else { return Ok(Next::Settled) };
        let write = self.place.write(service, loaded.revision(), &next, record)?;
        Ok(Next::Write(write, Then::Settled))
    }
}

/// Returns the lock that a refusal names.
const fn lock(refusal: Refusal) -> Option<Lock> {
    match refusal {
        Refusal::Locked { until } => Some(Lock::Until(until)),
        Refusal::Closed => Some(Lock::Closed),
        _ => None,
    }
}

impl<P: OfFactor> Plan for Charged<P> {
    type Output = P::Output;

    fn about(&self) -> About {
        self.factor.about()
    }

    #[inline]
    fn reads(&self, stage: u8) -> &[RecordKey] {
        match &self.account {
            None => self.factor.reads(stage),
            Some(part) if stage == SETTLES => part.keys.split_at(FACTOR).0,
            Some(part) => &part.keys,
        }
    }

    #[inline]
    fn tallies(&self, stage: u8) -> &[TallyKey] {
        if stage == SETTLES { &[] } else { self.factor.tallies(0) }
    }

    fn now(&self) -> Timestamp {
        self.factor.now()
    }

    fn decides_without_tallies(&self, service: &Service) -> bool {
        self.factor.decides_without_tallies(service)
    }

    #[inline]
    fn changes(&self) -> &[Change] {
        self.factor.changes()
    }

    fn ruling(&self) -> Option<&Ruling> {
        self.factor.ruling()
    }

    #[inline]
    fn next(
        &mut self,
        service: &Service,
        stage: u8,
        operation: u64,
        seen: &Seen<'_>,
        record: &mut RecordBytes,
    ) -> Result<Next<P::Output>, Error> {
        let Some(part) = &mut self.account else {
            return self.factor.next(service, stage, operation, seen, record);
        };
        if stage == SETTLES {
            return part.settle(service, operation, seen.get(ACCOUNT), record);
        }
        let account = part.place.read(service, seen.get(ACCOUNT))?;
        // The lock that the call's own charge led to does not count.
        let locked = match stage {
            0 => account.why_locked(&part.place.context(service, operation), part.place.group)?,
            _ => None,
        };
        self.factor.see(&account, locked.is_some());
        let next = self.factor.next(service, 0, operation, &seen.after(FACTOR), record);
        if stage == 0 {
            match next {
                Err(Error::Refused(own)) => Err(part.refusal(own, locked).into()),
                Err(Error::Guarded(_)) | Ok(_) if locked.is_some() => {
                    Err(locked.map_or(Error::Contended, Error::Refused))
                }
                Ok(Next::Write(..)) if part.compares => {
                    let write = part.charge(service, operation, &account, seen, P::FACTOR, record)?;
                    Ok(Next::Write(write, Then::NextStage))
                }
                Ok(Next::Write(write, then)) => Ok(Next::Write(of_factor(write), then)),
                next => next,
            }
        } else {
            let charge = part.charge.as_ref().ok_or(Fault::OutOfTurn)?;
            if !account.has_charged(charge.id) {
                return Err(Error::Contended);
            }
            match next {
                Ok(Next::Write(write, Then::Reveal(withheld))) => {
                    let then = if withheld.is_success() {
                        Then::Settle(withheld)
                    } else {
                        let Charge { tries_left, lock, .. } = *charge;
                        Then::Reveal(withheld.map_refusal(|refusal| refusal.charged(tries_left, lock)))
                    };
                    Ok(Next::Write(of_factor(write), then))
                }
                Err(Error::Refused(refusal)) if seen.get(FACTOR).revision() != charge.factor => {
                    part.is_refund = true;
                    Ok(Next::Settle(Withheld::new(Err(refusal))))
                }
                next => next,
            }
        }
    }

    fn is_written(
        &self,
        service: &Service,
        stage: u8,
        slot: usize,
        loaded: &Loaded,
        operation: u64,
    ) -> Result<bool, Fault> {
        match &self.account {
            Some(part) if slot == ACCOUNT => Ok(part.place.read(service, loaded)?.was_written_by(operation)),
            _ => self.factor.is_written(service, stage, slot, loaded, operation),
        }
    }

    /// Only charges ask: another stage follows them.
    fn is_out_of_sight(
        &self,
        service: &Service,
        _stage: u8,
        _slot: usize,
        loaded: &Loaded,
    ) -> Result<bool, Fault> {
        let Some((part, charge)) = self.account.as_ref().and_then(|part| Some((part, part.charge.as_ref()?)))
        else {
            return Ok(true);
        };
        Ok(part.place.read(service, loaded)?.is_beyond(charge.after))
    }
}

/// The factor's plan knows only its own record.
const fn of_factor(write: Write) -> Write {
    Write { slot: FACTOR, ..write }
}
