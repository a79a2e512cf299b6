//! The challenge that a call is about.

#[cfg(feature = "totp")]
use alloc::boxed::Box;

#[cfg(feature = "totp")]
use crate::account::Account;
#[cfg(feature = "alloc")]
use crate::guard::HostKey;
use crate::keys::{DeviceId, Lane};
use crate::otp::{AccountMark, CodeFormat, Terms};
use crate::service::permit;
use crate::{Channel, DeviceToken, Lifetime, PhoneNumber, Policy, Purpose, Reason, Recipient, Timestamp};

/// The challenge that a call is about: its recipient and the host's terms.
///
/// Every call takes one. A bare number or address is a challenge with the defaults: login, with six
/// digits that expire after two minutes.
///
/// `'p` is the lifetime of a [borrowed policy](Self::with_policy).
///
/// ```
/// use core::time::Duration;
/// use countersign::{Challenge, Lifetime, PhoneNumber, Purpose, Timestamp};
/// use countersign::otp::CodeFormat;
///
/// let number: PhoneNumber = "+12025550162".parse()?;
/// let challenge = Challenge::new(number)
///     .with_purpose(Purpose::new("add-phone")?)
///     .with_lifetime(Lifetime::from_minutes(5)?)
///     .with_format(CodeFormat::alphanumeric(8)?)
///     .with_deadline(Timestamp::now() + Duration::from_secs(300));    // not valid after that
/// # let _ = challenge;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Challenge<'p> {
    pub(super) recipient: Recipient,
    pub(super) purpose: Purpose,
    lifetime: Lifetime,
    format: CodeFormat,
    deadline: Option<Timestamp>,
    pub(super) token: Option<DeviceToken>,
    /// The lane of calls for which neither a handle nor a token determines one.
    pub(super) lane: Lane,
    policy: Option<&'p Policy>,
    #[cfg(feature = "totp")]
    pub(super) account: Option<Box<Account>>,
    #[cfg(feature = "alloc")]
    pub(super) guarding: ForGuard,
}

/// What the host tells the guard.
#[cfg(feature = "alloc")]
#[derive(Clone, Debug, Default)]
pub(super) struct ForGuard {
    pub(super) keys: alloc::vec::Vec<HostKey>,
    pub(super) is_known: bool,
    pub(super) is_vouched: bool,
}

impl<'p> Challenge<'p> {
    /// Creates a challenge with the default terms.
    pub fn new(recipient: impl Into<Recipient>) -> Self {
        Self {
            recipient: recipient.into(),
            purpose: Purpose::LOGIN,
            lifetime: Lifetime::DEFAULT,
            format: CodeFormat::DEFAULT,
            deadline: None,
            token: None,
            lane: Lane::COMMON,
            policy: None,
            #[cfg(feature = "totp")]
            account: None,
            #[cfg(feature = "alloc")]
            guarding: ForGuard::default(),
        }
    }

    /// Sets the purpose of the code. Calls with another purpose do not find the challenge.
    pub fn with_purpose(self, purpose: Purpose) -> Self {
        Self { purpose, ..self }
    }

    /// Sets how long each code is valid, counted from its start or resend.
    pub fn with_lifetime(self, lifetime: Lifetime) -> Self {
        Self { lifetime, ..self }
    }

    /// Sets the length and alphabet of the codes.
    pub fn with_format(self, format: CodeFormat) -> Self {
        Self { format, ..self }
    }

    /// Sets when the whole challenge expires. No code is valid beyond it, and a resend does not
    /// extend it.
    pub fn with_deadline(self, deadline: impl Into<Option<Timestamp>>) -> Self {
        Self { deadline: deadline.into(), ..self }
    }

    /// Sets the token that the device presents.
    ///
    /// If the token is valid for this recipient, a start runs in the device's own lane, and so does
    /// a check without a handle. A forged, foreign or expired token has no effect.
    pub fn with_device(self, token: impl Into<Option<DeviceToken>>) -> Self {
        Self { token: token.into(), ..self }
    }

    /// Selects the lane of a device for calls that have neither a handle nor a token, such as those
    /// of an operator.
    ///
    /// ```
    /// use countersign::{Challenge, Channel, Keys, MemoryStore, PhoneNumber, Verifier};
    /// use countersign::keys::DeviceId;
    ///
    /// let verifier = Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new());
    /// let number: PhoneNumber = "+12025550162".parse()?;
    /// let device = DeviceId::from_bytes([9; 16]);
    /// verifier.unlock(Challenge::new(number).on_device(device))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_device(self, device: DeviceId) -> Self {
        Self { lane: Lane::of(device), ..self }
    }

    /// Sets the policy that decides a start or a resend, instead of the verifier's. It is borrowed,
    /// so that a host with many tenants does not copy policies.
    pub const fn with_policy(mut self, policy: &'p Policy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Joins the challenge to an account: it cannot be started while the account is locked, and
    /// wrong codes count as failures of the account.
    ///
    /// Pass the same account to [`resend`](crate::Verifier::resend) and
    /// [`check`](crate::Verifier::check). With another one, or none, they do not find the
    /// challenge.
    ///
    /// ```
    /// use countersign::{Account, Challenge, Channel, Keys, MemoryStore, PhoneNumber, Verifier};
    ///
    /// let verifier = Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new());
    /// let number: PhoneNumber = "+12025550162".parse()?;
    /// let account = Account::new("user-test-7")?;
    /// let challenge = Challenge::new(number).with_account(&account);
    ///
    /// let issued = verifier.start(&challenge, Channel::Sms)?;
    /// let (handle, code) = (issued.handle(), issued.code().as_str());
    /// assert!(verifier.check(number, handle, code).is_err(), "without the account");
    /// assert!(verifier.check(&challenge, handle, code).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "totp")]
    pub fn with_account(self, account: &Account) -> Self {
        Self { account: Some(Box::new(account.clone())), ..self }
    }

    /// Adds something that this send has in common with others, by which the
    /// [guard](crate::guard) counts it too: an IP network, an account, and so on. At most eight.
    ///
    /// The challenge keeps a tag of each key, so that resends are counted by the same keys. Pass
    /// the same keys to [`resend`](crate::Verifier::resend) nevertheless: it then takes one round
    /// trip less.
    ///
    /// ```
    /// use core::net::IpAddr;
    /// use countersign::guard::HostKey;
    /// use countersign::{Challenge, PhoneNumber};
    ///
    /// let number: PhoneNumber = "+12025550162".parse()?;
    /// let address: IpAddr = "192.0.2.7".parse()?;
    /// let challenge = Challenge::new(number)
    ///     .with_key(HostKey::ip(address))
    ///     .with_key(HostKey::account("user-test-7"));
    /// # let _ = challenge;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "alloc")]
    pub fn with_key(mut self, key: HostKey) -> Self {
        self.guarding.keys.push(key);
        self
    }

    /// Sets whether the host knows that the recipient was verified before. The
    /// [guard](crate::guard) then treats it as known from the start.
    #[cfg(feature = "alloc")]
    pub const fn with_known(mut self, is_known: bool) -> Self {
        self.guarding.is_known = is_known;
        self
    }

    /// States that the person passed a check of the host's own, such as a CAPTCHA, after the
    /// [guard](crate::guard) had refused the send with a ruling that
    /// [may be vouched for](crate::guard::Ruling::may_vouch).
    #[cfg(feature = "alloc")]
    pub const fn with_vouched(mut self) -> Self {
        self.guarding.is_vouched = true;
        self
    }

    /// Returns the policy that decides, if it is not the verifier's.
    #[cfg(feature = "alloc")]
    pub(super) const fn own_policy(&self) -> Option<&'p Policy> {
        self.policy
    }

    pub(super) fn terms(&self, channel: Channel, account: AccountMark) -> Terms {
        let Self { purpose, lifetime, format, deadline, .. } = *self;
        Terms { purpose, channel, format, lifetime, deadline, account }
    }

    /// Decides whether the recipient may be sent a code on this channel.
    pub(super) fn permit(&self, default: &Policy, channel: Channel) -> Result<(), Reason> {
        permit(self.policy.unwrap_or(default), &self.recipient, channel)
    }
}

impl From<Recipient> for Challenge<'_> {
    fn from(recipient: Recipient) -> Self {
        Self::new(recipient)
    }
}

impl From<&Recipient> for Challenge<'_> {
    fn from(recipient: &Recipient) -> Self {
        Self::new(recipient)
    }
}

impl From<PhoneNumber> for Challenge<'_> {
    fn from(number: PhoneNumber) -> Self {
        Self::new(number)
    }
}

#[cfg(feature = "alloc")]
impl From<crate::EmailAddress> for Challenge<'_> {
    fn from(address: crate::EmailAddress) -> Self {
        Self::new(address)
    }
}

impl<'p> From<&Self> for Challenge<'p> {
    fn from(challenge: &Self) -> Self {
        challenge.clone()
    }
}
