//! Calls on passcodes that may belong to an account.

#[cfg(feature = "totp")]
use super::account::{AccountPart, Charged, OfFactor, Part};
use super::begin::Begin;
use super::challenge::Challenge;
use super::on_record::Place;
#[cfg(feature = "totp")]
use crate::account::AccountTag;
use crate::otp::AccountMark;

/// A call on a passcode record, and what it means to an account.
#[cfg(feature = "totp")]
pub(super) type Joined<P> = Charged<P>;
/// Without accounts, nothing else.
#[cfg(not(feature = "totp"))]
pub(super) type Joined<P> = P;

/// The tag of a challenge's account, which takes a MAC.
#[cfg(feature = "totp")]
pub(super) type MaybeAccount = Option<AccountTag>;
/// Without accounts.
#[cfg(not(feature = "totp"))]
#[derive(Clone, Copy)]
pub(super) struct NoAccount;

#[cfg(feature = "totp")]
pub(super) const NO_ACCOUNT: AccountPart = None;
#[cfg(not(feature = "totp"))]
pub(super) const NO_ACCOUNT: NoAccount = NoAccount;

#[cfg(feature = "totp")]
#[inline(always)]
pub(super) const fn join<P: OfFactor>(plan: P, account: AccountPart) -> Joined<P> {
    Charged::new(plan, account)
}

/// Without accounts.
#[cfg(not(feature = "totp"))]
#[inline(always)]
pub(super) const fn join<P>(plan: P, _: NoAccount) -> Joined<P> {
    plan
}

/// Returns what a challenge remembers of its account.
#[cfg(feature = "totp")]
#[inline(always)]
pub(super) fn mark(account: MaybeAccount) -> AccountMark {
    account.map_or(AccountMark::NONE, |tag| AccountMark::of(tag.0.as_bytes()))
}

/// Without accounts.
#[cfg(not(feature = "totp"))]
pub(super) const fn mark(_: NoAccount) -> AccountMark {
    AccountMark::NONE
}

/// The account's part.
#[cfg(feature = "totp")]
impl Begin<'_> {
    #[inline(always)]
    pub(super) fn account(&self, challenge: &Challenge<'_>) -> MaybeAccount {
        challenge
            .account
            .as_ref()
            .map(|account| AccountTag::of(account, &self.service.keys, &self.service.tenant))
    }

    #[inline(always)]
    pub(super) fn send_of_account(
        &self,
        challenge: &Challenge<'_>,
        tag: MaybeAccount,
        place: &Place,
    ) -> AccountPart {
        let account = (&**challenge.account.as_ref()?, tag?);
        Some(Part::send(self.service, account, place.key, self.now))
    }

    #[inline(always)]
    pub(super) fn check_of_account(
        &self,
        challenge: &Challenge<'_>,
        tag: MaybeAccount,
        place: &Place,
    ) -> AccountPart {
        let account = (&**challenge.account.as_ref()?, tag?);
        Some(Part::check(self.service, account, place.key, self.now))
    }
}

/// Without accounts.
#[cfg(not(feature = "totp"))]
#[expect(clippy::unused_self, reason = "as with accounts")]
impl Begin<'_> {
    pub(super) const fn account(&self, _: &Challenge<'_>) -> NoAccount {
        NoAccount
    }

    pub(super) const fn send_of_account(&self, _: &Challenge<'_>, _: NoAccount, _: &Place) -> NoAccount {
        NoAccount
    }

    pub(super) const fn check_of_account(&self, _: &Challenge<'_>, _: NoAccount, _: &Place) -> NoAccount {
        NoAccount
    }
}
