//! The comparison of an entry with every code of the window.

use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use super::entry::TypedTotp;
use super::hotp::Keyed;
use super::secret::TotpSecret;
use super::settings::{TimeStep, TotpSettings, Window};

/// A check of entries at one point in time, with the newest step that was accepted before.
///
/// Its time depends on the window and on which of its steps exist, but not on the secret, on the
/// codes or on which of them matches: every step is computed and compared.
///
/// ```
/// use countersign::totp::{TimeStep, TotpCheck, TotpSecret, TotpSettings, TotpVerdict, Window};
///
/// let (secret, settings) = (TotpSecret::from_bytes(b"12345678901234567890")?, TotpSettings::DEFAULT);
/// let check = TotpCheck::new(&secret, settings, TimeStep::new(2)).with_window(Window::new(3)?);
/// // The code of step 1, from a clock that is one step behind.
/// assert_eq!(check.check("287 082"), TotpVerdict::Right { step: TimeStep::new(1), drift: -1 });
/// assert_eq!(check.check("287083"), TotpVerdict::Wrong);
/// let later = check.with_last_accepted(Some(TimeStep::new(1)));
/// assert_eq!(later.check("287082"), TotpVerdict::AlreadyUsed);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TotpCheck<'a> {
    secret: &'a TotpSecret,
    settings: TotpSettings,
    window: Window,
    last: Option<TimeStep>,
    now: TimeStep,
}

/// The verdict on an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum TotpVerdict {
    /// The entry is the code of a step that was not accepted before. The step must be remembered as
    /// the last accepted one, or the code counts twice.
    Right {
        /// The newest step whose code it is.
        step: TimeStep,
        /// How many steps the authenticator's clock is ahead (negative: behind). It is reported,
        /// but later checks do not follow it: a window that moves would admit older codes.
        drift: i8,
    },
    /// The entry is the code of a step at or before the last accepted one: it was used, or a newer
    /// one was.
    AlreadyUsed,
    /// The entry is not a code of the window.
    Wrong,
    /// The entry does not have the form of a code. Nothing was compared.
    Malformed,
}

impl<'a> TotpCheck<'a> {
    /// Creates a check with the default window, before any code was accepted.
    #[must_use]
    pub const fn new(secret: &'a TotpSecret, settings: TotpSettings, now: TimeStep) -> Self {
        Self { secret, settings, window: Window::DEFAULT, last: None, now }
    }

    /// Sets the window.
    #[must_use]
    pub const fn with_window(mut self, window: Window) -> Self {
        self.window = window;
        self
    }

    /// Sets the newest step that was accepted before. Codes of this step and of older ones are no
    /// longer valid: a code counts once (RFC 6238 §5.2, NIST SP 800-63B-4 §3.1.4.2).
    #[must_use]
    pub const fn with_last_accepted(mut self, step: Option<TimeStep>) -> Self {
        self.last = step;
        self
    }

    /// Compares an entry with the code of every step of the window. Spaces in it are ignored.
    ///
    /// If codes of several steps match, the newest one counts.
    pub fn check(&self, entry: &str) -> TotpVerdict {
        self.check_typed(&TypedTotp::parse(entry))
    }

    /// Compares an entry that was parsed before: see [`check`](Self::check).
    pub fn check_typed(&self, typed: &TypedTotp) -> TotpVerdict {
        let digits = self.settings.digits();
        let Some(typed) = typed.with_digits(digits) else { return TotpVerdict::Malformed };
        let keyed = Keyed::new(self.settings.algorithm(), self.secret);
        let (now, reach) = (self.now.number(), u64::from(self.window.steps()));
        let (mut newest, mut is_right, mut is_used) = (0, Choice::from(0), Choice::from(0));
        // Steps before the epoch and after 2^64 - 1 do not exist.
        for step in now.saturating_sub(reach)..=now.saturating_add(reach) {
            let is_later = Choice::from(u8::from(self.last.is_none_or(|last| step > last.number())));
            let matches = keyed.value(step, digits).ct_eq(typed);
            newest.conditional_assign(&step, matches & is_later);
            is_right |= matches & is_later;
            is_used |= matches & !is_later;
        }
        match (bool::from(is_right), bool::from(is_used)) {
            // At most ten steps away.
            (true, _) => {
                TotpVerdict::Right { step: TimeStep::new(newest), drift: newest.wrapping_sub(now) as i8 }
            }
            (false, true) => TotpVerdict::AlreadyUsed,
            (false, false) => TotpVerdict::Wrong,
        }
    }
}
