//! The plan of a call on a factor's record that counts for an account.
//!
//! A check of a code goes through three stages, so that no verdict is free:
//!
//! 1. Both records are read. If the entry would be compared, the account is charged one failure.
//! 2. The factor's record is written. The verdict may then be read.
//! 3. If it was right, the charge is settled: the failures of this factor up to the charge are
//!    cleared. If another call changed the factor's record after the charge, so that nothing was
//!    compared, the charge is taken back.

use super::part::{ACCOUNT, AccountPart, Charge, FACTOR};
use crate::Timestamp;
use crate::account::{AccountRecord, Factor};
use crate::error::{Error, Fault};
use crate::events::About;
use crate::guard::Ruling;
use crate::kernel::{Next, Plan, Seen, Then, Withheld, Write};
use crate::service::Service;
use crate::store::{Change, Loaded, RecordBytes, RecordKey, TallyKey};

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
    account: AccountPart,
}

impl<P: OfFactor> Charged<P> {
    #[inline(always)]
    pub(in crate::verifier) const fn new(factor: P, account: AccountPart) -> Self {
        Self { factor, account }
    }

    /// Decides a call that counts for an account. Kept apart, so that other calls cost no more than
    /// the factor's own.
    #[inline(never)]
    fn next_of_account(
        &mut self,
        service: &Service,
        stage: u8,
        operation: u64,
        seen: &Seen<'_>,
        record: &mut RecordBytes,
    ) -> Result<Next<P::Output>, Error> {
        let part = self.account.as_mut().ok_or(Fault::OutOfTurn)?;
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
}

impl<P: OfFactor> Plan for Charged<P> {
    type Output = P::Output;

    fn about(&self) -> About {
        self.factor.about()
    }

    #[inline(always)]
    fn reads(&self, stage: u8) -> &[RecordKey] {
        match &self.account {
            None => self.factor.reads(stage),
            Some(part) if stage == SETTLES => part.keys.split_at(FACTOR).0,
            Some(part) => &part.keys,
        }
    }

    #[inline(always)]
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

    #[inline(always)]
    fn next(
        &mut self,
        service: &Service,
        stage: u8,
        operation: u64,
        seen: &Seen<'_>,
        record: &mut RecordBytes,
    ) -> Result<Next<P::Output>, Error> {
        if self.account.is_none() {
            return self.factor.next(service, stage, operation, seen, record);
        }
        self.next_of_account(service, stage, operation, seen, record)
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
