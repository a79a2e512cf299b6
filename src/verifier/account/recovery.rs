//! The plans of calls on an account's recovery codes.

use super::charged::OfFactor;
use super::place::Place;
use crate::Timestamp;
use crate::account::{
    AccountRecord, DrawnCodes, EnrolmentId, Factor, RecoveryCodes, RecoveryEntry, RecoveryRecord,
    VerifiedRecovery,
};
use crate::error::{Error, Fault, Refusal};
use crate::events::{About, Call};
use crate::kernel::{Next, Plan, Seen, Then, Write};
use crate::keys::TenantId;
use crate::mfa::CodesOf;
use crate::otp::{Context, Step};
use crate::service::Service;
use crate::store::{Loaded, RecordBytes, RecordKey, Revision};

/// The positions of the two records.
const ACCOUNT: usize = 0;
const CODES: usize = 1;

/// Where recovery codes are stored, and the time of the call.
#[derive(Clone, Copy)]
pub(super) struct CodesPlace {
    pub(super) key: RecordKey,
    pub(super) now: Timestamp,
}

impl CodesPlace {
    const fn context<'a>(&'a self, service: &'a Service, operation: u64) -> Context<'a> {
        let Service { keys, limits, epoch, .. } = service;
        Context { key: &self.key, keys, limits, epoch: *epoch, now: self.now, operation }
    }

    fn read(&self, service: &Service, loaded: &Loaded) -> Result<RecoveryRecord, Fault> {
        Ok(RecoveryRecord::decode(loaded.record(), &self.key, &service.keys)?)
    }

    fn write(
        &self,
        service: &Service,
        slot: usize,
        expected: Revision,
        next: &RecoveryRecord,
        record: &mut RecordBytes,
    ) -> Result<Write, Fault> {
        next.encode_into(record, &self.key, &service.keys)?;
        Ok(Write { slot, expected, keep: next.keep() })
    }
}

/// Checks a recovery code. The account's part, which charges it, is in [`super::charged`].
pub(super) struct CheckCode {
    pub(super) codes: CodesPlace,
    pub(super) account: Place,
    pub(super) tenant: TenantId,
    pub(super) entry: RecoveryEntry,
    /// The enrolment that the codes must be of, as the account was last read.
    pub(super) active: Option<EnrolmentId>,
    /// Whether the account was locked then.
    pub(super) is_locked: bool,
}

impl CheckCode {
    const fn verified(&self, left: u8) -> VerifiedRecovery {
        VerifiedRecovery::new(self.tenant, self.account.tag, self.codes.now, left)
    }
}

impl OfFactor for CheckCode {
    const FACTOR: Factor = Factor::RecoveryCode;

    fn see(&mut self, account: &AccountRecord, is_locked: bool) {
        (self.active, self.is_locked) = (account.active_enrolment(), is_locked);
    }
}

impl Plan for CheckCode {
    type Output = VerifiedRecovery;

    fn about(&self) -> About {
        About::new(Call::CheckRecoveryCode)
    }

    fn reads(&self, _stage: u8) -> &[RecordKey] {
        core::slice::from_ref(&self.codes.key)
    }

    fn next(
        &mut self,
        service: &Service,
        _stage: u8,
        operation: u64,
        seen: &Seen<'_>,
        record: &mut RecordBytes,
    ) -> Result<Next<VerifiedRecovery>, Error> {
        let loaded = seen.get(0);
        let stored = self.codes.read(service, loaded)?;
        let context = self.codes.context(service, operation);
        // The account's budget has the last word on how many attempts are left.
        let wrong = Refusal::WrongCode { tries_left: u8::MAX, lock: None };
        if self.is_locked && stored.left(self.active).is_some() {
            // Guessing at a locked account must not cost a slow hash each time.
            return Err(wrong.into());
        }
        match stored.check_code(&context, self.active, &mut self.entry, wrong)? {
            Step::Answer(answer) => Ok(Next::Done(self.verified(answer?))),
            Step::Write { next, withheld } => {
                let write = self.codes.write(service, 0, loaded.revision(), &next, record)?;
                let withheld = withheld.map(|left| self.verified(left));
                Ok(Next::Write(write, Then::Reveal(withheld)))
            }
        }
    }

    fn is_written(
        &self,
        service: &Service,
        _stage: u8,
        _slot: usize,
        loaded: &Loaded,
        operation: u64,
    ) -> Result<bool, Fault> {
        Ok(self.codes.read(service, loaded)?.was_written_by(operation))
    }
}

/// The two records of a call on the codes of the account's enrolment.
pub(super) struct Both {
    account: Place,
    codes: CodesPlace,
    keys: [RecordKey; 2],
}

impl Both {
    pub(super) const fn new(account: Place, codes: CodesPlace) -> Self {
        Self { keys: [account.tag.0, codes.key], account, codes }
    }

    /// Returns the enrolment, pending or active, and the codes.
    fn read(&self, service: &Service, seen: &Seen<'_>) -> Result<(EnrolmentId, RecoveryRecord), Error> {
        let account = self.account.read(service, seen.get(ACCOUNT))?;
        let enrolment = account.any_enrolment(&self.account.context(service, 0))?;
        let enrolment = enrolment.ok_or(Refusal::NotEnrolled)?;
        Ok((enrolment, self.codes.read(service, seen.get(CODES))?))
    }
}

/// Issues recovery codes for the account's enrolment.
pub(super) struct IssueCodes {
    pub(super) both: Both,
    pub(super) drawn: DrawnCodes,
    /// The enrolment that the permit is for.
    pub(super) codes_of: CodesOf,
}

impl Plan for IssueCodes {
    type Output = RecoveryCodes;

    fn about(&self) -> About {
        About::new(Call::IssueRecoveryCodes)
    }

    fn reads(&self, _stage: u8) -> &[RecordKey] {
        &self.both.keys
    }

    fn next(
        &mut self,
        service: &Service,
        _stage: u8,
        operation: u64,
        seen: &Seen<'_>,
        record: &mut RecordBytes,
    ) -> Result<Next<RecoveryCodes>, Error> {
        let (enrolment, stored) = self.both.read(service, seen)?;
        if matches!(self.codes_of, CodesOf::Only(own) if own != enrolment) {
            return Err(Refusal::NotEnrolled.into());
        }
        let codes = &self.both.codes;
        match stored.issue(&codes.context(service, operation), enrolment, &mut self.drawn)? {
            Step::Answer(answer) => Ok(Next::Done(answer?)),
            Step::Write { next, withheld } => {
                let write = codes.write(service, CODES, seen.get(CODES).revision(), &next, record)?;
                Ok(Next::Write(write, Then::Reveal(withheld)))
            }
        }
    }

    fn is_written(
        &self,
        service: &Service,
        _stage: u8,
        _slot: usize,
        loaded: &Loaded,
        operation: u64,
    ) -> Result<bool, Fault> {
        Ok(self.both.codes.read(service, loaded)?.was_written_by(operation))
    }
}

/// Counts the recovery codes that are left. Writes nothing.
pub(super) struct CountCodes(pub(super) Both);

impl Plan for CountCodes {
    type Output = u8;

    fn about(&self) -> About {
        About::new(Call::RecoveryCodesLeft)
    }

    fn reads(&self, _stage: u8) -> &[RecordKey] {
        &self.0.keys
    }

    fn next(
        &mut self,
        service: &Service,
        _stage: u8,
        _operation: u64,
        seen: &Seen<'_>,
        _record: &mut RecordBytes,
    ) -> Result<Next<u8>, Error> {
        let (enrolment, stored) = self.0.read(service, seen)?;
        Ok(Next::Done(stored.left(Some(enrolment)).unwrap_or(0)))
    }

    fn is_written(&self, _: &Service, _: u8, _: usize, _: &Loaded, _: u64) -> Result<bool, Fault> {
        Ok(false)
    }
}
