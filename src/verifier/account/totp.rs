//! What each call on an authenticator decides.

use super::on_account::OnRecord;
use crate::account::{
    AccountRecord, AccountState, AccountStatus, AccountTag, EnrolledTotp, Group, TotpAttempt, TotpMatch,
    TotpOffer, VerifiedTotp,
};
use crate::keys::TenantId;
use crate::otp::{Context, Drawn, Step, Transition};
use crate::totp::{TotpSecret, TotpSettings, TypedTotp, Window};

/// Begins an enrolment.
pub(super) struct Enrol {
    pub(super) offer: TotpOffer,
    pub(super) drawn: Drawn,
}

impl OnRecord for Enrol {
    type Output = EnrolledTotp;

    fn decide(
        &mut self,
        record: &AccountRecord,
        context: &Context<'_>,
    ) -> Transition<EnrolledTotp, AccountState> {
        record.enrol(context, &self.offer, &self.drawn)
    }
}

/// Stores an authenticator that is active at once.
pub(super) struct Import {
    pub(super) secret: TotpSecret,
    pub(super) settings: TotpSettings,
    pub(super) drawn: Drawn,
}

impl OnRecord for Import {
    type Output = ();

    fn decide(&mut self, record: &AccountRecord, context: &Context<'_>) -> Transition<(), AccountState> {
        record.import(context, &self.secret, self.settings, &self.drawn)
    }
}

/// Checks a code.
pub(super) struct Check {
    pub(super) entry: TypedTotp,
    pub(super) window: Window,
    pub(super) group: Group,
    pub(super) drawn: Drawn,
    pub(super) tenant: TenantId,
    pub(super) account: AccountTag,
}

impl OnRecord for Check {
    type Output = VerifiedTotp;

    fn decide(
        &mut self,
        record: &AccountRecord,
        context: &Context<'_>,
    ) -> Transition<VerifiedTotp, AccountState> {
        let attempt = TotpAttempt::new(&self.entry).with_group(self.group).with_window(self.window);
        Ok(match record.check_totp(context, &attempt, &self.drawn)? {
            Step::Answer(answer) => Step::Answer(answer.map(|passed| self.verified(&passed))),
            Step::Write { next, withheld } => {
                Step::Write { next, withheld: withheld.map(|passed| self.verified(&passed)) }
            }
        })
    }
}

impl Check {
    fn verified(&self, passed: &TotpMatch) -> VerifiedTotp {
        VerifiedTotp::new(self.tenant, self.account, passed.at, passed.step)
            .with_drift(passed.drift)
            .with_confirmed_enrolment(passed.confirmed_enrolment)
    }
}

/// Encrypts the secret under the current key.
pub(super) struct Reseal(pub(super) Drawn);

impl OnRecord for Reseal {
    type Output = bool;

    fn decide(&mut self, record: &AccountRecord, context: &Context<'_>) -> Transition<bool, AccountState> {
        record.reseal(context, &self.0)
    }
}

/// Clears the failures.
pub(super) struct Unlock;

impl OnRecord for Unlock {
    type Output = ();

    fn decide(&mut self, record: &AccountRecord, context: &Context<'_>) -> Transition<(), AccountState> {
        record.unlock(context)
    }
}

/// Reads the status, and writes nothing.
pub(super) struct Look(pub(super) Group);

impl OnRecord for Look {
    type Output = AccountStatus;

    fn decide(
        &mut self,
        record: &AccountRecord,
        context: &Context<'_>,
    ) -> Transition<AccountStatus, AccountState> {
        Ok(Step::Answer(Ok(record.status(context, self.0)?)))
    }
}
