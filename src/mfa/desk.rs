//! Deciding each step of a login from its proofs.

#[cfg(test)]
mod tests;

use core::time::Duration;

use super::decision::MfaDecision;
use super::grant::{MayEnrol, SessionGrant};
use super::login::{Login, Member};
use super::method::{Method, Methods};
use super::proof::{FirstFactor, Proof};
use super::step::{LoginError, LoginRules, LoginStep};
use super::token::{Binding, Facts, LoginToken, TokenFault};
use crate::account::AccountTag;
use crate::clock::{CLOCK_TOLERANCE, valid};
use crate::keys::{Keys, TenantId};
use crate::service::Service;
use crate::{Channel, Timestamp, Verified};

/// The greatest age of a proof.
const PROOF_AGE: Duration = Duration::from_secs(600);

/// Opens a login by its first factor.
///
/// # Errors
///
/// [`LoginError`] if the passcode is not of this account, its purpose or age does not fit, the
/// organisation allows no method, or the clock is out of range.
pub(crate) fn open(
    service: &Service,
    account: &AccountTag,
    first: FirstFactor<'_>,
    rules: &LoginRules,
    now: Timestamp,
) -> Result<LoginStep, LoginError> {
    LoginDesk::new(service, account, now).open(first, rules)
}

/// Continues a login with proofs of second factors, and decides again.
///
/// # Errors
///
/// [`LoginError`] if the token or a proof is not of this account or too old, a passcode does not
/// prove the member's second factor, the organisation allows no method, or the clock is out of
/// range.
pub(crate) fn proceed(
    service: &Service,
    account: &AccountTag,
    token: &LoginToken,
    proofs: &[Proof<'_>],
    rules: &LoginRules,
    now: Timestamp,
) -> Result<LoginStep, LoginError> {
    LoginDesk::new(service, account, now).proceed(token, proofs, rules)
}

/// The logins of one account, at one point in time. It stores nothing.
#[derive(Clone, Copy)]
struct LoginDesk<'a> {
    keys: &'a Keys,
    tenant: TenantId,
    account: AccountTag,
    now: Timestamp,
}

impl<'a> LoginDesk<'a> {
    const fn new(service: &'a Service, account: &AccountTag, now: Timestamp) -> Self {
        Self { keys: &service.keys, tenant: service.tenant, account: *account, now }
    }

    fn open(&self, first: FirstFactor<'_>, rules: &LoginRules) -> Result<LoginStep, LoginError> {
        valid(self.now)?;
        if let Some(verified) = first.0 {
            self.accept_passcode(verified, rules)?;
        }
        let is_from_tests = first.0.is_some_and(Verified::is_from_tests);
        let facts = Facts { opened_by: first.opened_by(), proven: Methods::NONE, is_from_tests };
        self.decide(self.now, facts, rules.member, rules)
    }

    fn proceed(
        &self,
        token: &LoginToken,
        proofs: &[Proof<'_>],
        rules: &LoginRules,
    ) -> Result<LoginStep, LoginError> {
        valid(self.now)?;
        let opened = token.open(&self.binding(rules), self.now);
        let (opened_at, mut facts) = opened.map_err(|fault| match fault {
            TokenFault::Invalid => LoginError::InvalidToken,
            TokenFault::Expired => LoginError::ExpiredToken,
        })?;
        let (mut member, mut has_confirmed) = (rules.member, false);
        for proof in proofs {
            let method = self.method(proof, rules)?;
            facts.proven = facts.proven.or(method.into());
            match proof {
                Proof::Passcode(verified) => facts.is_from_tests |= verified.is_from_tests(),
                Proof::Totp(verified) => has_confirmed |= verified.confirmed_enrolment(),
                Proof::Recovery(_) => {}
            }
        }
        if has_confirmed && Self::may_enrol(Method::Totp, facts, rules)? {
            // It became registered by this very proof. The host's record may be older.
            member.registered = member.registered.or(Method::Totp.into());
        }
        self.decide(opened_at, facts, member, rules)
    }

    fn decide(
        &self,
        opened_at: Timestamp,
        facts: Facts,
        member: Member,
        rules: &LoginRules,
    ) -> Result<LoginStep, LoginError> {
        let Facts { opened_by, is_from_tests, .. } = facts;
        let login = login(facts, member, rules);
        let (proven, decision) = (login.proven, login.decide()?);
        // A login is as old as its first factor: later tokens do not prolong it.
        let token = LoginToken::new(&self.binding(rules), opened_at, Facts { proven, ..facts });
        Ok(match decision {
            MfaDecision::Session => {
                let grant = SessionGrant::new(self.tenant, self.account, opened_by, proven, self.now);
                LoginStep::Session(grant.with_from_tests(is_from_tests))
            }
            MfaDecision::SecondFactor { methods, default } => {
                LoginStep::SecondFactor { methods, default, token }
            }
            MfaDecision::Prove(methods) => LoginStep::Prove { methods, token },
            MfaDecision::Enrol(methods) => {
                let permit = methods.contains(Method::Totp).then(|| MayEnrol::of_login(self.account));
                LoginStep::Enrol { methods, token, permit }
            }
            MfaDecision::Stuck => LoginStep::Stuck,
        })
    }

    /// Returns whether the login allows this method to be enrolled now.
    ///
    /// An enrolment may be pending for a day. Whoever began it with the first factor alone must not
    /// confirm it in place of a factor that was registered since.
    fn may_enrol(method: Method, facts: Facts, rules: &LoginRules) -> Result<bool, LoginError> {
        let decision = login(facts, rules.member, rules).decide()?;
        Ok(matches!(decision, MfaDecision::Enrol(methods) if methods.contains(method)))
    }

    /// Returns the method that a proof proves.
    fn method(&self, proof: &Proof<'_>, rules: &LoginRules) -> Result<Method, LoginError> {
        match proof {
            Proof::Passcode(verified) => {
                self.accept_passcode(verified, rules)?;
                if verified.channel() != Channel::Sms {
                    return Err(LoginError::NotASecondFactor);
                }
                let number = verified.recipient().phone();
                if number.is_none() || number != rules.phone {
                    return Err(LoginError::WrongNumber);
                }
                Ok(Method::SmsOtp)
            }
            Proof::Totp(proof) => {
                self.accept(proof.tenant(), Some(proof.account()), proof.at())?;
                Ok(Method::Totp)
            }
            Proof::Recovery(proof) => {
                self.accept(proof.tenant(), Some(proof.account()), proof.at())?;
                Ok(Method::Totp)
            }
        }
    }

    fn accept_passcode(&self, verified: &Verified, rules: &LoginRules) -> Result<(), LoginError> {
        self.accept(verified.tenant(), verified.account(), verified.at())?;
        if verified.purpose() == rules.purpose { Ok(()) } else { Err(LoginError::WrongPurpose) }
    }

    fn accept(&self, tenant: TenantId, account: Option<AccountTag>, at: Timestamp) -> Result<(), LoginError> {
        if tenant != self.tenant || account != Some(self.account) {
            return Err(LoginError::ForeignProof);
        }
        let is_fresh = self.now.since(at) <= PROOF_AGE && at.since(self.now) <= CLOCK_TOLERANCE;
        if is_fresh { Ok(()) } else { Err(LoginError::StaleProof) }
    }

    fn binding(&self, rules: &LoginRules) -> Binding<'_> {
        Binding { keys: self.keys, account: self.account, purpose: rules.purpose }
    }
}

/// Returns the login of this member. What was not registered, or is the first factor again, proves
/// nothing, nor does it in later steps.
fn login(facts: Facts, member: Member, rules: &LoginRules) -> Login {
    let Facts { opened_by, proven, .. } = facts;
    let proven = proven.and(member.registered).without(opened_by.same_factor());
    Login { organisation: rules.organisation, member, opened_by, proven }
}
