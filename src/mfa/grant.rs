//! What a login yields: the grant of a session, and the permit to enrol a factor.

use super::login::OpenedBy;
use super::method::Methods;
use crate::Timestamp;
use crate::account::{AccountTag, EnrolledTotp, EnrolmentId};
use crate::keys::TenantId;

/// Proof that an account may be given a session. Only a login that satisfies the policy for second
/// factors yields one, in [`LoginStep::Session`](super::LoginStep::Session).
///
/// A host that opens sessions only for a grant cannot forget the second factor:
///
/// ```
/// # struct Session;
/// use countersign::mfa::SessionGrant;
///
/// fn open_session(user: u64, grant: SessionGrant) -> Session {
/// #   let _ = (user, grant.methods());
/// #   Session
/// }
/// ```
///
/// It cannot construct one:
///
/// ```compile_fail,E0451
/// # use countersign::mfa::SessionGrant;
/// # fn forge(real: SessionGrant) -> SessionGrant {
/// SessionGrant { from_tests: false, ..real }      // its fields are private
/// # }
/// ```
///
/// ```compile_fail,E0624
/// # use countersign::mfa::SessionGrant;
/// let new = SessionGrant::new;                    // so is its constructor
/// ```
///
/// ```compile_fail,E0599
/// # use countersign::mfa::SessionGrant;
/// let grant = SessionGrant::default();            // there is no other
/// ```
#[derive(Debug, PartialEq, Eq)]
#[must_use = "this is the proof that a session may be opened"]
pub struct SessionGrant {
    tenant: TenantId,
    account: AccountTag,
    opened_by: OpenedBy,
    methods: Methods,
    at: Timestamp,
    from_tests: bool,
}

impl SessionGrant {
    pub(super) const fn new(
        tenant: TenantId,
        account: AccountTag,
        opened_by: OpenedBy,
        methods: Methods,
        at: Timestamp,
    ) -> Self {
        Self { tenant, account, opened_by, methods, at, from_tests: false }
    }

    pub(super) const fn with_from_tests(self, from_tests: bool) -> Self {
        Self { from_tests, ..self }
    }

    /// Returns whether the grant is of this account of this tenant.
    pub(crate) fn is_of(&self, tenant: TenantId, account: AccountTag) -> bool {
        self.tenant == tenant && self.account == account
    }

    /// Returns the tenant of the account.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Returns the factor that opened the login.
    #[must_use]
    pub const fn opened_by(&self) -> OpenedBy {
        self.opened_by
    }

    /// Returns the registered second factors that were proven. It is empty if none was required. A
    /// recovery code counts as `totp`.
    #[must_use]
    pub const fn methods(&self) -> Methods {
        self.methods
    }

    /// Returns when the session was granted.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// Returns whether any of the codes was the
    /// [sandbox](crate::Verifier::with_sandbox_for_tests)'s, in which case they prove nothing.
    #[must_use]
    pub const fn is_from_tests(&self) -> bool {
        self.from_tests
    }
}

/// The permit to enrol a second factor for an account.
///
/// Someone who holds only the first factor must not add a second one of their own where the person
/// already has one. A permit therefore comes from a granted session, or from a login in which the
/// policy requires an enrolment ([`LoginStep::Enrol`](super::LoginStep::Enrol)). A host that keeps
/// its own sessions has [`may_enrol_by_own_session`], which names its risk.
///
/// The permit of a login is for an authenticator only. Recovery codes are issued with the permit of
/// the enrolment itself (`MayEnrol::from(&enrolled)`), so that nobody adds codes to an enrolment that
/// another person began.
///
/// [`may_enrol_by_own_session`]: crate::verifier::AccountCalls::may_enrol_by_own_session
///
/// ```
/// use countersign::mfa::{MayEnrol, SessionGrant};
///
/// fn permit(grant: &SessionGrant) -> MayEnrol {
///     MayEnrol::from(grant)
/// }
/// ```
///
/// A host cannot construct one:
///
/// ```compile_fail,E0451
/// # use countersign::mfa::MayEnrol;
/// # fn copy(other: &MayEnrol) -> MayEnrol {
/// MayEnrol { ..*other }           // its fields are private
/// # }
/// ```
///
/// ```compile_fail,E0624
/// # use countersign::mfa::MayEnrol;
/// let new = MayEnrol::new;        // so is its constructor
/// ```
#[derive(Debug, PartialEq, Eq)]
#[must_use = "this is the permit to enrol a factor"]
pub struct MayEnrol {
    /// The account, which names its tenant, too.
    account: AccountTag,
    scope: Scope,
}

/// What a permit is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// An authenticator, and recovery codes of whatever enrolment the account has.
    All,
    /// An authenticator.
    Totp,
    /// Recovery codes of this enrolment.
    Codes(EnrolmentId),
}

/// The enrolment that recovery codes may be issued for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodesOf {
    /// Whichever the account has.
    Any,
    /// This one.
    Only(EnrolmentId),
}

impl MayEnrol {
    /// Creates the permit of someone who has proven every factor of the account.
    pub(crate) const fn new(account: AccountTag) -> Self {
        Self { account, scope: Scope::All }
    }

    /// Creates the permit of a login that is not complete.
    pub(super) const fn of_login(account: AccountTag) -> Self {
        Self { account, scope: Scope::Totp }
    }

    /// Returns whether an authenticator may be enrolled for this account.
    pub(crate) fn covers_totp(&self, account: AccountTag) -> bool {
        self.account == account && matches!(self.scope, Scope::All | Scope::Totp)
    }

    /// Returns for which enrolment of this account recovery codes may be issued, if for any.
    pub(crate) fn covers_codes(&self, account: AccountTag) -> Option<CodesOf> {
        let codes = match self.scope {
            Scope::All => CodesOf::Any,
            Scope::Codes(enrolment) => CodesOf::Only(enrolment),
            Scope::Totp => return None,
        };
        (self.account == account).then_some(codes)
    }
}

impl From<&SessionGrant> for MayEnrol {
    fn from(grant: &SessionGrant) -> Self {
        Self::new(grant.account)
    }
}

/// Whoever began an enrolment may have recovery codes issued for it.
impl From<&EnrolledTotp> for MayEnrol {
    fn from(enrolled: &EnrolledTotp) -> Self {
        let (account, enrolment) = enrolled.place();
        Self { account, scope: Scope::Codes(enrolment) }
    }
}
