//! What each call decides for its record.

#[cfg(feature = "alloc")]
use alloc::sync::Arc;

use super::Issued;
use crate::Verified;
use crate::error::Error;
#[cfg(feature = "alloc")]
use crate::guard::Ruling;
use crate::keys::{Lane, TenantId};
use crate::otp::{
    AccountMark, Attempt, Context, Drawn, Entry, Handle, Match, NewCode, Record, Status, Step, Terms,
};
use crate::{Channel, Purpose, Reason, Recipient};

/// A call on one passcode record.
pub(super) trait RecordCall {
    /// The output of the state transition.
    type Raw;
    type Output;

    /// Decides what to do with the record as it was loaded.
    fn decide(&mut self, record: &Record, context: &Context<'_>) -> Result<Step<Self::Raw>, Error>;

    /// Converts the transition's output to that of the call.
    fn output(&self, raw: Self::Raw) -> Self::Output;

    /// Accepts the guard's ruling on the send, for the output.
    #[cfg(feature = "alloc")]
    fn set_ruling(&mut self, _ruling: Arc<Ruling>) {}

    /// Returns the channel of the challenge, once it is known.
    fn channel(&self) -> Option<Channel> {
        None
    }
}

/// Issues a code for a new challenge.
pub(super) struct Start {
    pub(super) terms: Terms,
    pub(super) lane: Lane,
    pub(super) drawn: Drawn,
    #[cfg(feature = "alloc")]
    pub(super) ruling: Option<Arc<Ruling>>,
}

impl RecordCall for Start {
    type Raw = NewCode;
    type Output = Issued;

    fn decide(&mut self, record: &Record, context: &Context<'_>) -> Result<Step<NewCode>, Error> {
        Ok(record.start(context, &self.terms, &self.drawn)?)
    }

    fn output(&self, issue: NewCode) -> Issued {
        let issued = Issued::new(issue, self.lane);
        #[cfg(feature = "alloc")]
        let issued = issued.with_ruling(self.ruling.clone());
        issued
    }

    #[cfg(feature = "alloc")]
    fn set_ruling(&mut self, ruling: Arc<Ruling>) {
        self.ruling = Some(ruling);
    }

    fn channel(&self) -> Option<Channel> {
        Some(self.terms.channel)
    }
}

/// Issues a new code for a running challenge.
pub(super) struct Resend {
    pub(super) handle: Handle,
    pub(super) purpose: Purpose,
    pub(super) account: AccountMark,
    /// The policy's decision for each channel. The record tells which channel applies.
    pub(super) permits: [Result<(), Reason>; Channel::ALL.len()],
    pub(super) channel: Option<Channel>,
    pub(super) drawn: Drawn,
    #[cfg(feature = "alloc")]
    pub(super) ruling: Option<Arc<Ruling>>,
}

impl RecordCall for Resend {
    type Raw = NewCode;
    type Output = Issued;

    fn decide(&mut self, record: &Record, context: &Context<'_>) -> Result<Step<NewCode>, Error> {
        self.channel = record.channel(Some(&self.handle));
        if let Some(channel) = self.channel {
            // The policy may have changed since the start.
            Channel::ALL
                .into_iter()
                .zip(self.permits)
                .filter(|(one, _)| *one == channel)
                .try_for_each(|(_, permit)| permit)?;
        }
        Ok(record.resend_for(self.account, context, Some(&self.handle), self.purpose, &self.drawn)?)
    }

    fn output(&self, issue: NewCode) -> Issued {
        let issued = Issued::new(issue, self.handle.lane());
        #[cfg(feature = "alloc")]
        let issued = issued.with_ruling(self.ruling.clone());
        issued
    }

    #[cfg(feature = "alloc")]
    fn set_ruling(&mut self, ruling: Arc<Ruling>) {
        self.ruling = Some(ruling);
    }

    fn channel(&self) -> Option<Channel> {
        self.channel
    }
}

/// Checks a code.
pub(super) struct Check {
    pub(super) recipient: Recipient,
    pub(super) handle: Option<Handle>,
    pub(super) purpose: Purpose,
    pub(super) entry: Entry,
    pub(super) account: AccountMark,
    /// The same account, for the proof.
    #[cfg(feature = "totp")]
    pub(super) tag: Option<crate::account::AccountTag>,
    pub(super) lane: Lane,
    pub(super) tenant: TenantId,
    pub(super) channel: Option<Channel>,
}

impl RecordCall for Check {
    type Raw = Match;
    type Output = Verified;

    #[inline(always)]
    fn decide(&mut self, record: &Record, context: &Context<'_>) -> Result<Step<Match>, Error> {
        let handle = self.handle.as_ref();
        self.channel = record.channel(handle);
        let attempt = Attempt::new(handle, self.purpose, self.entry.as_str()).of_account(self.account);
        Ok(record.check(context, &attempt)?)
    }

    fn output(&self, passed: Match) -> Verified {
        let verified = Verified::new(self.recipient.clone(), passed, self.lane, self.tenant);
        #[cfg(feature = "totp")]
        let verified = verified.with_account(self.tag);
        verified
    }

    fn channel(&self) -> Option<Channel> {
        self.channel
    }
}

/// A call that only runs a transition of the record.
pub(super) struct Upkeep {
    pub(super) change: Change,
    pub(super) channel: Option<Channel>,
}

pub(super) enum Change {
    Cancel(Handle, Purpose),
    Undelivered(Handle, Purpose),
    Unlock,
}

impl RecordCall for Upkeep {
    type Raw = ();
    type Output = ();

    fn decide(&mut self, record: &Record, context: &Context<'_>) -> Result<Step<()>, Error> {
        Ok(match &self.change {
            Change::Cancel(handle, purpose) => {
                self.channel = record.channel(Some(handle));
                record.cancel(context, handle, *purpose)?
            }
            Change::Undelivered(handle, purpose) => {
                self.channel = record.channel(Some(handle));
                record.undelivered(context, handle, *purpose)?
            }
            Change::Unlock => record.unlock(context)?,
        })
    }

    fn output(&self, (): ()) {}

    fn channel(&self) -> Option<Channel> {
        self.channel
    }
}

/// Reads the status, and writes nothing.
pub(super) struct Look;

impl RecordCall for Look {
    type Raw = Status;
    type Output = Status;

    fn decide(&mut self, record: &Record, context: &Context<'_>) -> Result<Step<Status>, Error> {
        Ok(Step::Answer(Ok(record.status(context)?)))
    }

    fn output(&self, status: Status) -> Status {
        status
    }
}
