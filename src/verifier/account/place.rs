//! The account record of a call, and the time of the call.

use crate::account::{AccountRecord, AccountTag, Group};
use crate::error::Fault;
use crate::kernel::Write;
use crate::otp::Context;
use crate::service::Service;
use crate::store::{Loaded, RecordBytes, RecordKey, Revision};
use crate::{Account, Timestamp};

/// Where an account's record is stored, whose failures are counted, and the time of the call.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) tag: AccountTag,
    pub(super) group: Group,
    pub(super) now: Timestamp,
}

impl Place {
    pub(super) fn new(service: &Service, account: &Account, now: Timestamp) -> Self {
        Self::with_tag(service, account, AccountTag::of(account, &service.keys, &service.tenant), now)
    }

    /// As [`new`](Self::new), with the account's tag, which takes a MAC.
    pub(super) fn with_tag(service: &Service, account: &Account, tag: AccountTag, now: Timestamp) -> Self {
        let is_known = account.token().is_some_and(|token| {
            service.keys.known_device(&tag.0, token, now, service.limits.device_token_age()).is_some()
        });
        Self { tag, group: if is_known { Group::Trusted } else { Group::Common }, now }
    }

    pub(super) const fn key(&self) -> &RecordKey {
        &self.tag.0
    }

    pub(super) fn context<'a>(&'a self, service: &'a Service, operation: u64) -> Context<'a> {
        let Service { keys, limits, epoch, .. } = service;
        Context { key: self.key(), keys, limits, epoch: *epoch, now: self.now, operation }
    }

    pub(super) fn read(&self, service: &Service, loaded: &Loaded) -> Result<AccountRecord, Fault> {
        Ok(AccountRecord::decode(loaded.record(), self.key(), &service.keys)?)
    }

    /// Encodes the next record and returns the swap that replaces the expected revision.
    pub(super) fn write(
        &self,
        service: &Service,
        expected: Revision,
        next: &AccountRecord,
        record: &mut RecordBytes,
    ) -> Result<Write, Fault> {
        next.encode_into(record, self.key(), &service.keys)?;
        Ok(Write { slot: 0, expected, keep: next.keep() })
    }
}
