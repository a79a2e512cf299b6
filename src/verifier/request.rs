//! A challenge that is to be started.

use crate::otp::Terms;
use crate::{Channel, CodeFormat, DeviceToken, Lifetime, Purpose, Recipient, Timestamp};

/// A challenge that is to be started, on the host's terms. See [`Verifier::start_challenge`](crate::Verifier::start_challenge).
///
/// ```
/// use core::time::Duration;
/// use countersign::{Challenge, Channel, CodeFormat, Lifetime, PhoneNumber, Purpose, Timestamp};
///
/// let number: PhoneNumber = "+12025550162".parse()?;
/// let challenge = Challenge::new(number, Channel::Sms)
///     .purpose(Purpose::new("add-fone")?)
///     .lifetime(Lifetime::from_minutes(5)?)
///     .format(CodeFormat::alphanumeric(8)?)
///     .deadline(Timestamp::now() + Duration::from_secs(300));     // a new number is verified by then, or not at all
/// # let _ = challenge;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Challenge {
    recipient: Recipient,
    terms: Terms,
    token: Option<DeviceToken>,
}

impl Challenge {
    /// To log in, with six digits that live two minutes.
    pub fn new(recipient: impl Into<Recipient>, channel: Channel) -> Self {
        Self { recipient: recipient.into(), terms: Terms::new(channel), token: None }
    }

    /// What the code is for. The check has to name the same purpose.
    pub fn purpose(mut self, purpose: Purpose) -> Self {
        self.terms.purpose = purpose;
        self
    }

    /// How long each code lives.
    pub fn lifetime(mut self, lifetime: Lifetime) -> Self {
        self.terms.lifetime = lifetime;
        self
    }

    /// How the codes look.
    pub fn format(mut self, format: CodeFormat) -> Self {
        self.terms.format = format;
        self
    }

    /// When the whole challenge ends. No code lives longer, and no resend extends it.
    pub fn deadline(mut self, deadline: impl Into<Option<Timestamp>>) -> Self {
        self.terms.deadline = deadline.into();
        self
    }

    /// What the device shows. If it is a token of this recipient that is still good, the challenge runs in the device's own
    /// lane; a forged, foreign or expired one is as good as none.
    pub fn device(mut self, token: impl Into<Option<DeviceToken>>) -> Self {
        self.token = token.into();
        self
    }

    pub(super) const fn token(&self) -> Option<&DeviceToken> {
        self.token.as_ref()
    }

    pub(super) const fn recipient(&self) -> &Recipient {
        &self.recipient
    }

    pub(super) const fn terms(&self) -> &Terms {
        &self.terms
    }
}
