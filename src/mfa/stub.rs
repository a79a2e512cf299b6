#![allow(missing_docs)]
use crate::{Timestamp, account::AccountTag, keys::TenantId, service::Service};
pub struct FirstFactor;
pub struct LoginRules;
pub struct LoginStep;
pub struct LoginToken;
pub struct Proof;
pub struct SessionGrant;
pub struct LoginError;
pub struct MayEnrol(TenantId, AccountTag);
impl MayEnrol {
    pub(crate) fn new(t: TenantId, a: AccountTag) -> Self {
        Self(t, a)
    }
    pub(crate) fn is_of(&self, t: TenantId, a: AccountTag) -> bool {
        (self.0, self.1) == (t, a)
    }
}
impl SessionGrant {
    pub(crate) fn is_of(&self, _t: TenantId, _a: AccountTag) -> bool {
        true
    }
}
pub(crate) fn open(
    _: &Service,
    _: &AccountTag,
    _: FirstFactor,
    _: &LoginRules,
    _: Timestamp,
) -> Result<LoginStep, LoginError> {
    Err(LoginError)
}
pub(crate) fn proceed(
    _: &Service,
    _: &AccountTag,
    _: &LoginToken,
    _: &[Proof],
    _: &LoginRules,
    _: Timestamp,
) -> Result<LoginStep, LoginError> {
    Err(LoginError)
}
