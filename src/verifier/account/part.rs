//! The account's part of a call on a factor's record.

use alloc::boxed::Box;

use super::place::Place;
use crate::account::{AccountRecord, AccountTag, ChargeId, Factor};
use crate::error::{Error, Fault, Refusal};
use crate::kernel::{Next, Seen, Then, Write};
use crate::limits::Lock;
use crate::service::Service;
use crate::store::{Loaded, RecordBytes, RecordKey, Revision};
use crate::{Account, Timestamp};

/// The position of the account's record.
pub(super) const ACCOUNT: usize = 0;
/// The position of the factor's record.
pub(super) const FACTOR: usize = 1;

/// The account's part of a call, if it counts for one.
pub(in crate::verifier) type AccountPart = Option<Box<Part>>;

/// The account's part of a call.
pub(in crate::verifier) struct Part {
    pub(super) place: Place,
    /// Whether it compares an entry. Otherwise it is only refused while the account is locked.
    pub(super) compares: bool,
    /// The keys of the account's record and the factor's.
    pub(super) keys: [RecordKey; 2],
    /// The last charge that was to be written.
    pub(super) charge: Option<Charge>,
    /// Whether the charge is taken back, rather than settled.
    pub(super) is_refund: bool,
}

pub(super) struct Charge {
    pub(super) id: ChargeId,
    /// How many more failures lead to a lock.
    pub(super) tries_left: u8,
    /// The lock that it led to.
    pub(super) lock: Option<Lock>,
    /// The operation that wrote the account's record before.
    pub(super) after: u64,
    /// The factor's record as it was compared.
    pub(super) factor: Revision,
}

impl Part {
    /// Returns the part of a check, whose comparisons are charged.
    pub(in crate::verifier) fn check(
        service: &Service,
        (account, tag): (&Account, AccountTag),
        factor: RecordKey,
        now: Timestamp,
    ) -> Box<Self> {
        Self::new(true, Place::with_tag(service, account, tag, now), factor)
    }

    /// Returns the part of a send, which is refused while the account is locked.
    pub(in crate::verifier) fn send(
        service: &Service,
        (account, tag): (&Account, AccountTag),
        factor: RecordKey,
        now: Timestamp,
    ) -> Box<Self> {
        Self::new(false, Place::with_tag(service, account, tag, now), factor)
    }

    #[inline(never)]
    pub(super) fn new(compares: bool, place: Place, factor: RecordKey) -> Box<Self> {
        Box::new(Self { place, compares, keys: [*place.key(), factor], charge: None, is_refund: false })
    }

    /// Returns the refusal of a call: an unknown challenge or factor first, then the later end of
    /// both locks, then any other.
    pub(super) fn refusal(&self, own: Refusal, account: Option<Refusal>) -> Refusal {
        let account = match own {
            Refusal::UnknownHandle | Refusal::NotEnrolled => None,
            _ => account,
        };
        let Some(account) = account else { return own };
        if lock(own) > lock(account) { own } else { account }
    }

    /// Charges the account for a comparison.
    pub(super) fn charge(
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
    pub(super) fn settle<T>(
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
