//! The plan of a call on an account's record alone.

use super::place::Place;
use crate::account::{AccountRecord, AccountState};
use crate::error::{Error, Fault};
use crate::events::{About, Call};
use crate::kernel::{Next, Plan, Seen, Then};
use crate::otp::{Context, Step, Transition};
use crate::service::Service;
use crate::store::{Loaded, RecordBytes, RecordKey};

/// Decides what to do with the account's record as it was loaded. Owns the call's inputs.
pub(super) trait OnRecord: Send + 'static {
    type Output: Send + 'static;

    fn decide(
        &mut self,
        record: &AccountRecord,
        context: &Context<'_>,
    ) -> Transition<Self::Output, AccountState>;
}

pub(super) struct OnAccount<C> {
    pub(super) place: Place,
    pub(super) call: Call,
    pub(super) decision: C,
}

impl<C: OnRecord> Plan for OnAccount<C> {
    type Output = C::Output;

    fn about(&self) -> About {
        About::new(self.call)
    }

    fn reads(&self, _stage: u8) -> &[RecordKey] {
        core::slice::from_ref(self.place.key())
    }

    #[inline]
    fn next(
        &mut self,
        service: &Service,
        _stage: u8,
        operation: u64,
        seen: &Seen<'_>,
        record: &mut RecordBytes,
    ) -> Result<Next<C::Output>, Error> {
        let loaded = seen.get(0);
        let account = self.place.read(service, loaded)?;
        match self.decision.decide(&account, &self.place.context(service, operation))? {
            Step::Answer(answer) => Ok(Next::Done(answer?)),
            Step::Write { next, withheld } => {
                let write = self.place.write(service, loaded.revision(), &next, record)?;
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
        Ok(self.place.read(service, loaded)?.was_written_by(operation))
    }
}
