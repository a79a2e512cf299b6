//! Enrolling an authenticator.

#[cfg(test)]
mod tests;

use core::fmt;
use core::ops::RangeInclusive;

use super::enrolment::{Enrolment, State, pending_for};
use super::id::{AccountTag, EnrolmentId};
use super::record::{AccountRecord, AccountState};
use super::sealed::{Binding, Sealed};
use crate::error::{EntropyError, Fault, Refusal};
use crate::otp::{Context, Drawn, Step, Transition};
use crate::rng::Fill;
use crate::time::Timestamp;
use crate::totp::{KeyUri, TotpSecret, TotpSettings, UriName};

/// The terms on which an authenticator is enrolled: its settings, and how long the enrolment may
/// wait for the first code. By default the secret is drawn.
///
/// ```
/// use countersign::account::TotpTerms;
/// use countersign::totp::TotpSettings;
///
/// let terms = TotpTerms::new().with_settings(TotpSettings::DEFAULT.with_digits(8)?).with_minutes(60)?;
/// # let _ = terms;
/// assert!(TotpTerms::new().with_minutes(1441).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct TotpTerms {
    settings: TotpSettings,
    secret: Option<TotpSecret>,
    minutes: u16,
}

impl TotpTerms {
    /// How long an enrolment may be pending, in minutes.
    pub(super) const MINUTES: RangeInclusive<u16> = 5..=1440;

    /// The length of a secret that is drawn, in bytes. Every app accepts it (RFC 4226 §4, R6
    /// recommends 160 bits).
    const SECRET: usize = 20;

    /// Creates the default terms: SHA-1, 6 digits, 30 seconds, a secret of 20 bytes that is drawn,
    /// and 1440 minutes for the first code.
    #[must_use]
    pub const fn new() -> Self {
        Self { settings: TotpSettings::DEFAULT, secret: None, minutes: *Self::MINUTES.end() }
    }

    /// Sets the algorithm, the number of digits and the period.
    #[must_use]
    pub const fn with_settings(mut self, settings: TotpSettings) -> Self {
        self.settings = settings;
        self
    }

    /// Sets the secret, such as one that the app has already. It must be random and known to nobody
    /// else.
    #[must_use]
    pub fn with_secret(self, secret: TotpSecret) -> Self {
        Self { secret: Some(secret), ..self }
    }

    /// Sets how long the enrolment is pending, unless its first correct code confirms it.
    ///
    /// # Errors
    ///
    /// If `minutes` is not 5 to 1440.
    pub fn with_minutes(self, minutes: u64) -> Result<Self, TotpTermsError> {
        let minutes = u16::try_from(minutes).ok().filter(|minutes| Self::MINUTES.contains(minutes));
        Ok(Self { minutes: minutes.ok_or(TotpTermsError)?, ..self })
    }

    /// Draws the secret, unless it was set.
    ///
    /// # Errors
    ///
    /// [`EntropyError::Failed`] or [`EntropyError::Stuck`] if the generator fails or repeats
    /// itself.
    pub fn offer(self, rng: &mut dyn Fill) -> Result<TotpOffer, EntropyError> {
        let secret = self.secret.map_or_else(|| TotpSecret::drawn(rng, Self::SECRET), Ok)?;
        Ok(TotpOffer { secret, settings: self.settings, minutes: self.minutes })
    }
}

impl Default for TotpTerms {
    fn default() -> Self {
        Self::new()
    }
}

/// The error of an enrolment that would be pending for less than 5 or more than 1440 minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TotpTermsError;

impl fmt::Display for TotpTermsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("minutes of a pending enrolment: expected 5 to 1440")
    }
}

impl core::error::Error for TotpTermsError {}

/// The terms of an enrolment with its secret: see [`TotpTerms::offer`].
// A call owns it. All bytes of it are written: a secret that may be absent, or padding, would carry
// what was on the stack before.
#[derive(Clone, Debug)]
pub struct TotpOffer {
    secret: TotpSecret,
    settings: TotpSettings,
    minutes: u16,
}

const _: () = assert!(size_of::<TotpOffer>() == 65 + 3 + 2, "padding");

/// An enrolment that waits for its first code, and the secret to be shown to the person.
///
/// The secret cannot be read again later. Show it once, as a QR code of
/// [`key_uri`](Self::key_uri) and as [text](TotpSecret::to_base32). `Debug` hides it.
#[derive(Clone, Debug)]
pub struct EnrolledTotp {
    secret: TotpSecret,
    settings: TotpSettings,
    expires_at: Timestamp,
    account: AccountTag,
    enrolment: EnrolmentId,
}

impl EnrolledTotp {
    /// Returns the account and the enrolment, to which recovery codes are bound.
    pub(crate) const fn place(&self) -> (AccountTag, EnrolmentId) {
        (self.account, self.enrolment)
    }

    /// Returns the secret.
    #[must_use]
    pub const fn secret(&self) -> &TotpSecret {
        &self.secret
    }

    /// Returns the settings.
    #[must_use]
    pub const fn settings(&self) -> TotpSettings {
        self.settings
    }

    /// Returns when the enrolment expires, unless a correct code confirms it.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Returns the contents of the URI that the person's app scans.
    #[must_use]
    pub fn key_uri(&self, issuer: UriName, account: UriName) -> KeyUri {
        KeyUri::new(issuer, account, self.secret.clone(), self.settings)
    }
}

impl AccountRecord {
    /// Starts an enrolment. It counts as no factor until its first correct code confirms it.
    ///
    /// A pending enrolment is replaced. An active one is refused, so that nobody replaces the
    /// secret of an authenticator without removing it. No failure is forgotten.
    ///
    /// # Errors
    ///
    /// [`Fault::ClockWentBack`] or [`Fault::ClockOutOfRange`] if the clock is wrong.
    pub fn enrol(
        &self,
        context: &Context<'_>,
        offer: &TotpOffer,
        drawn: &Drawn,
    ) -> Transition<EnrolledTotp, AccountState> {
        let TotpOffer { secret, settings, minutes } = offer;
        let state = State::Pending { started: context.now, minutes: *minutes };
        let Some(next) = self.with_enrolment(context, secret, *settings, state, drawn)? else {
            return Step::refuse(Refusal::AlreadyEnrolled);
        };
        let expires_at = context.now + pending_for(*minutes);
        let (account, enrolment) = (AccountTag(*context.key), EnrolmentId(drawn.enrolment()));
        let (secret, settings) = (secret.clone(), *settings);
        Step::write(next, Ok(EnrolledTotp { secret, settings, expires_at, account, enrolment }))
    }

    /// Enrols an authenticator that the person uses already, such as one of another system. It is
    /// active at once.
    ///
    /// A pending enrolment is replaced. An active one is refused.
    ///
    /// # Errors
    ///
    /// [`Fault::ClockWentBack`] or [`Fault::ClockOutOfRange`] if the clock is wrong.
    pub fn import(
        &self,
        context: &Context<'_>,
        secret: &TotpSecret,
        settings: TotpSettings,
        drawn: &Drawn,
    ) -> Transition<(), AccountState> {
        let state = State::Active { since: context.now };
        match self.with_enrolment(context, secret, settings, state, drawn)? {
            Some(next) => Step::write(next, Ok(())),
            None => Step::refuse(Refusal::AlreadyEnrolled),
        }
    }

    /// Returns the next record, with this enrolment, or `None` if there is an active one.
    fn with_enrolment(
        &self,
        context: &Context<'_>,
        secret: &TotpSecret,
        settings: TotpSettings,
        state: State,
        drawn: &Drawn,
    ) -> Result<Option<Self>, Fault> {
        let mut next = self.open(context)?;
        if next.active_enrolment().is_some() {
            return Ok(None);
        }
        let (key, keys) = (context.key, context.keys);
        let id = EnrolmentId(drawn.enrolment());
        let last =
            next.value.spent.iter().filter_map(|spent| spent.last_of(secret, settings, key, keys)).max();
        let sealed = Sealed::seal(secret, keys, drawn.nonce(), &Binding::new(key, id, settings))?;
        next.value.totp = Some(Enrolment { id, settings, state, last, sealed });
        Ok(Some(next))
    }
}
