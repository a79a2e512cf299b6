//! Which challenge a call is about.

use crate::keys::{DeviceId, Lane};
use crate::otp::{CodeFormat, Terms};
use crate::service::permit;
use crate::{Channel, DeviceToken, Lifetime, PhoneNumber, Policy, Purpose, Reason, Recipient, Timestamp};

/// Which challenge a call is about: its recipient, and the host's terms. Every call takes one, and a bare
/// number or address is one with the defaults: to log in, with six digits that expire after two minutes.
///
/// `'p` is the lifetime of a policy that it [borrows](Self::with_policy).
///
/// ```
/// use core::time::Duration;
/// use countersign::{Challenge, Lifetime, PhoneNumber, Purpose, Timestamp};
/// use countersign::otp::CodeFormat;
///
/// let number: PhoneNumber = "+12025550162".parse()?;
/// let challenge = Challenge::new(number)
///     .with_purpose(Purpose::new("add-fone")?)
///     .with_lifetime(Lifetime::from_minutes(5)?)
///     .with_format(CodeFormat::alphanumeric(8)?)
///     .with_deadline(Timestamp::now() + Duration::from_secs(300));   // a new number is verified by then, or not at all
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
    /// The lane of calls to which neither a handle nor a token says one.
    pub(super) lane: Lane,
    policy: Option<&'p Policy>,
}

impl<'p> Challenge<'p> {
    /// With the defaults.
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
        }
    }

    /// What the code is for. A call about a challenge for another purpose finds none.
    pub fn with_purpose(self, purpose: Purpose) -> Self {
        Self { purpose, ..self }
    }

    /// How long each code lives, from its start or resend on.
    pub fn with_lifetime(self, lifetime: Lifetime) -> Self {
        Self { lifetime, ..self }
    }

    /// How the codes look.
    pub fn with_format(self, format: CodeFormat) -> Self {
        Self { format, ..self }
    }

    /// When the whole challenge ends. No code lives longer, and no resend extends it.
    pub fn with_deadline(self, deadline: impl Into<Option<Timestamp>>) -> Self {
        Self { deadline: deadline.into(), ..self }
    }

    /// The token that the device shows. If it is one of this recipient that is still good, a start runs in
    /// the device's own lane, and so does a check without a handle; a forged, foreign or expired token is as
    /// good as none.
    pub fn with_device(self, token: impl Into<Option<DeviceToken>>) -> Self {
        Self { token: token.into(), ..self }
    }

    /// The lane of this device, for a call that neither a handle nor a token leads there: what an operator
    /// does.
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

    /// The policy by which a start or a resend is decided, instead of the verifier's. It is borrowed, so
    /// that a host with a thousand tenants copies none.
    pub const fn with_policy(mut self, policy: &'p Policy) -> Self {
        self.policy = Some(policy);
        self
    }

    pub(super) fn terms(&self, channel: Channel) -> Terms {
        let Self { purpose, lifetime, format, deadline, .. } = *self;
        Terms { purpose, channel, format, lifetime, deadline }
    }

    /// Whether the recipient may be sent a code this way.
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
