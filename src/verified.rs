//! Proof that a code was received.

#[cfg(feature = "totp")]
use crate::account::AccountTag;
use crate::keys::{Lane, TenantId};
use crate::otp::Match;
use crate::{Channel, Purpose, Recipient, Timestamp};

/// Proof that the person who entered a code had received it. Only a successful check creates one.
///
/// ```compile_fail
/// # use countersign::{Recipient, Verified};
/// # fn forge(recipient: Recipient) -> Verified {
/// Verified { recipient, ..todo!() }       // its fields are private
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "this is the proof that the login may go on"]
pub struct Verified {
    recipient: Recipient,
    passed: Match,
    lane: Lane,
    tenant: TenantId,
    from_tests: bool,
    #[cfg(feature = "totp")]
    account: Option<AccountTag>,
}

impl Verified {
    pub(crate) const fn new(recipient: Recipient, passed: Match, lane: Lane, tenant: TenantId) -> Self {
        Self {
            recipient,
            passed,
            lane,
            tenant,
            from_tests: false,
            #[cfg(feature = "totp")]
            account: None,
        }
    }

    #[cfg(all(test, feature = "totp"))]
    pub(crate) const fn for_test(recipient: Recipient, passed: Match, tenant: TenantId) -> Self {
        Self::new(recipient, passed, Lane::COMMON, tenant)
    }

    pub(crate) const fn from_tests(recipient: Recipient, passed: Match, tenant: TenantId) -> Self {
        Self {
            recipient,
            passed,
            lane: Lane::COMMON,
            tenant,
            from_tests: true,
            #[cfg(feature = "totp")]
            account: None,
        }
    }

    /// Sets the account that the challenge belongs to.
    #[cfg(feature = "totp")]
    pub(crate) fn with_account(self, account: Option<AccountTag>) -> Self {
        Self { account, ..self }
    }

    /// Returns the account that the challenge belongs to.
    #[cfg(feature = "totp")]
    pub(crate) const fn account(&self) -> Option<AccountTag> {
        self.account
    }

    /// Returns the tenant and lane in which the code was checked, so that a device token belongs to
    /// that tenant whichever verifier creates it.
    pub(crate) const fn place(&self) -> (TenantId, Lane) {
        (self.tenant, self.lane)
    }

    /// Returns the tenant in which the code was checked.
    ///
    /// A proof is meaningless to another tenant, where the recipient may be somebody else's
    /// account. A host with several tenants compares this before it accepts a login.
    ///
    /// ```
    /// use countersign::{Channel, Keys, MemoryStore, PhoneNumber, Verifier};
    ///
    /// let store = MemoryStore::new();
    /// let of_tenant = |name| Ok::<_, countersign::keys::KeyError>(
    ///     Verifier::new(Keys::from_secret([7; 32])?, &store).with_tenant(name),
    /// );
    /// let (acme, globex) = (of_tenant("acme")?, of_tenant("globex")?);
    ///
    /// let number: PhoneNumber = "+12025550162".parse()?;
    /// let issued = acme.start(number, Channel::Sms)?;
    /// let verified = acme.check(number, issued.handle(), issued.code().as_str())?;
    ///
    /// assert!(verified.tenant() == acme.tenant_id());
    /// assert!(verified.tenant() != globex.tenant_id(), "no login there");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Returns the recipient: a phone number or an email address.
    #[must_use]
    pub const fn recipient(&self) -> &Recipient {
        &self.recipient
    }

    /// Returns the purpose of the code.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        self.passed.purpose
    }

    /// Returns the channel by which the code was sent.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        self.passed.channel
    }

    /// Returns when the code was checked.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.passed.at
    }

    /// Returns whether the code was the [sandbox](crate::Verifier::with_sandbox_for_tests)'s, in
    /// which case it proves nothing.
    #[must_use]
    pub const fn is_from_tests(&self) -> bool {
        self.from_tests
    }
}
