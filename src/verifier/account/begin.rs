//! The beginning of a call on an account.

use super::charged::Charged;
use super::erase::{Erase, What};
use super::on_account::OnAccount;
use super::part::Part;
use super::place::Place;
use super::recovery::{Both, CheckCode, CodesPlace, CountCodes, IssueCodes};
use super::totp::{Check, Enrol, Import, Look, Reseal, Unlock};
use crate::account::{Account, DrawnCodes, RecoveryEntry, RecoveryFormat, TotpTerms};
use crate::error::{Error, Fault};
use crate::events::{About, Call};
use crate::mfa::MayEnrol;
use crate::totp::{TotpSecret, TotpSettings, TypedTotp};
use crate::verifier::begin::Begin;

impl Begin<'_> {
    pub(super) fn enrol_totp(
        &mut self,
        account: &Account,
        permit: &MayEnrol,
        terms: TotpTerms,
    ) -> Result<OnAccount<Enrol>, Error> {
        let place = self.place(Call::EnrolTotp, account);
        if !permit.covers_totp(place.tag) {
            return Err(Fault::ForeignProof.into());
        }
        let drawn = self.drawn()?;
        let offer = terms.offer(self.rng).map_err(Fault::from)?;
        Ok(OnAccount { place, call: Call::EnrolTotp, decision: Enrol { offer, drawn } })
    }

    pub(super) fn import_totp(
        &mut self,
        account: &Account,
        secret: TotpSecret,
        settings: TotpSettings,
    ) -> Result<OnAccount<Import>, Error> {
        let place = self.place(Call::ImportTotp, account);
        let drawn = self.drawn()?;
        Ok(OnAccount { place, call: Call::ImportTotp, decision: Import { secret, settings, drawn } })
    }

    pub(super) fn check_totp(&mut self, account: &Account, entry: &str) -> Result<OnAccount<Check>, Error> {
        let place = self.place(Call::CheckTotp, account);
        let drawn = self.drawn()?;
        let decision = Check {
            entry: TypedTotp::parse(entry),
            window: self.service.window,
            group: place.group,
            drawn,
            tenant: self.service.tenant,
            account: place.tag,
        };
        Ok(OnAccount { place, call: Call::CheckTotp, decision })
    }

    pub(super) fn reseal_totp(&mut self, account: &Account) -> Result<OnAccount<Reseal>, Error> {
        let place = self.place(Call::ResealTotp, account);
        let drawn = self.drawn()?;
        Ok(OnAccount { place, call: Call::ResealTotp, decision: Reseal(drawn) })
    }

    pub(super) fn issue_recovery_codes(
        &mut self,
        account: &Account,
        permit: &MayEnrol,
        format: RecoveryFormat,
    ) -> Result<IssueCodes, Error> {
        let place = self.place(Call::IssueRecoveryCodes, account);
        let codes_of = permit.covers_codes(place.tag).ok_or(Fault::ForeignProof)?;
        let drawn = DrawnCodes::new(format, self.rng).map_err(Fault::from)?;
        self.draw = Some(drawn.operation());
        Ok(IssueCodes { both: Both::new(place, self.codes(account)), drawn, codes_of })
    }

    pub(super) fn check_recovery_code(&mut self, account: &Account, entry: &str) -> Charged<CheckCode> {
        let place = self.place(Call::CheckRecoveryCode, account);
        let check = CheckCode {
            codes: self.codes(account),
            account: place,
            tenant: self.service.tenant,
            entry: RecoveryEntry::new(entry),
            active: None,
            is_locked: false,
        };
        let part = Part::new(true, place, check.codes.key);
        Charged::new(check, Some(part))
    }

    pub(super) fn recovery_codes_left(&mut self, account: &Account) -> CountCodes {
        let place = self.place(Call::RecoveryCodesLeft, account);
        CountCodes(Both::new(place, self.codes(account)))
    }

    pub(super) fn account_status(&mut self, account: &Account) -> OnAccount<Look> {
        let place = self.place(Call::AccountStatus, account);
        OnAccount { place, call: Call::AccountStatus, decision: Look(place.group) }
    }

    pub(super) fn unlock_account(&mut self, account: &Account) -> OnAccount<Unlock> {
        let place = self.place(Call::UnlockAccount, account);
        OnAccount { place, call: Call::UnlockAccount, decision: Unlock }
    }

    pub(super) fn erase(&mut self, account: &Account, what: What) -> Erase {
        let place = self.place(what.call(), account);
        Erase {
            place,
            recovery: account.recovery_key(&self.service.keys, &self.service.tenant),
            what,
            removed: None,
        }
    }

    /// Returns where the account's record is, and notes the call for its event.
    fn place(&mut self, call: Call, account: &Account) -> Place {
        self.about = Some(About::new(call));
        Place::new(self.service, account, self.now)
    }

    fn codes(&self, account: &Account) -> CodesPlace {
        CodesPlace { key: account.recovery_key(&self.service.keys, &self.service.tenant), now: self.now }
    }
}
