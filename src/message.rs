//! Passcode messages for SMS, WhatsApp and email, in four languages or with custom wording.
//!
//! ```
//! # #[cfg(feature = "std")] {
//! use countersign::message::{AppName, Domain, PasscodeMessage};
//! use countersign::message::Locale;
//! use countersign::{Channel, Keys, MemoryStore, PhoneNumber, Timestamp, Verifier};
//!
//! let message = PasscodeMessage::new(AppName::new("Acme")?, Locale::En)
//!     .with_web_otp(Domain::new("example.com")?);
//!
//! # let verifier = Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new());
//! let number: PhoneNumber = "+12025550162".parse()?;
//! let issued = verifier.start(number, Channel::Sms)?;
//! let text = message.render(&issued, Timestamp::now())?;
//! // Your Acme code: 123456. Valid for 2 min. Never share it.
//! // @example.com #123456
//! assert_eq!(text.sms_size().segments(), 1);
//! # let code = issued.code().as_str();
//! # let expected = format!(
//! #     "Your Acme code: {code}. Valid for 2 min. Never share it.\n@example.com #{code}"
//! # );
//! # assert_eq!(text.to_string(), expected);
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A message implements [`Display`](core::fmt::Display), so it can be written anywhere without an
//! allocation. It contains the code: `Debug` hides it, and [`PasscodeText::to_wiped`] makes a copy
//! on the heap that is wiped when it is dropped.

mod app_hash;
mod app_name;
mod domain;
mod expired;
mod gsm;
mod locale;
mod size;
mod template;
mod text;
#[cfg(feature = "alloc")]
mod wiped;
mod wording;

pub use app_hash::{AppHash, AppHashError};
pub use app_name::{AppName, AppNameError};
pub use domain::{Domain, DomainError};
pub use expired::CodeExpired;
pub use locale::{Locale, UnknownLocale};
pub use size::{Encoding, SmsSize};
pub use template::{EmailTemplate, Template, TemplateError};
pub use text::{PasscodeText, Subject};
#[cfg(feature = "alloc")]
pub use wiped::WipedText;

use core::time::Duration;

use crate::otp::NewCode;
use crate::{Channel, Code, Issued, Timestamp};

/// The delay between issuing a code and rendering its text that does not reduce the minutes shown.
const ON_THE_WAY: Duration = Duration::from_secs(5);

/// The messages of one app in one language. It borrows its texts, and is created once, not for each
/// code.
///
/// The built-in SMS fits one GSM 03.38 segment, with both autofill marks, for every accepted name,
/// domain, code and lifetime.
#[derive(Clone, Copy, Debug)]
pub struct PasscodeMessage<'a> {
    app: AppName<'a>,
    domain: Option<Domain<'a>>,
    app_hash: Option<AppHash>,
    sms: Template<'a>,
    whatsapp: Template<'a>,
    email: EmailTemplate<'a>,
}

impl<'a> PasscodeMessage<'a> {
    /// Creates the built-in messages in this language for this app.
    #[must_use]
    pub const fn new(app: AppName<'a>, locale: Locale) -> Self {
        Self {
            app,
            domain: None,
            app_hash: None,
            sms: wording::sms(locale),
            whatsapp: wording::whatsapp(locale),
            email: wording::email(locale),
        }
    }

    /// Ends the SMS with the line `@example.com #123456`. Browsers fill the code in on that site
    /// only ("Origin-bound one-time codes delivered via SMS",
    /// <https://wicg.github.io/sms-one-time-codes/>).
    ///
    /// The host of an embedded frame is not supported. The format's own text marks it with `%`, but
    /// Chromium reads it after `@`. A mark that one of them ignores would bind the code to the
    /// wrong site.
    #[must_use]
    pub const fn with_web_otp(self, domain: Domain<'a>) -> Self {
        Self { domain: Some(domain), ..self }
    }

    /// Ends the SMS with the app's hash, by which Android delivers it to the app without asking for
    /// a permission ([SMS Retriever](https://developers.google.com/identity/sms-retriever/verify)).
    ///
    /// Combined with [`with_web_otp`](Self::with_web_otp), the hash follows the code:
    /// `@example.com #123456 FA+9qCX9VSu`. The line for browsers must be the last one and begin
    /// with `@`, and browsers ignore what follows the code. Android requires the hash in the
    /// message, and earlier versions of its page required it at the very end. This layout satisfies
    /// both, including the older rule.
    ///
    /// For this, the message must be "no longer than 140 bytes". The built-in ones are. For a
    /// [`Template`], see [`SmsSize::fits_sms_retriever`].
    #[must_use]
    pub const fn with_sms_retriever(self, hash: AppHash) -> Self {
        Self { app_hash: Some(hash), ..self }
    }

    /// Replaces the text of the SMS. The autofill marks are kept.
    #[must_use]
    pub const fn with_sms_template(self, template: Template<'a>) -> Self {
        Self { sms: template, ..self }
    }

    /// Replaces the text of the WhatsApp message.
    ///
    /// Businesses that send unprompted must use an authentication template of Meta's, with Meta's
    /// wording. Such an application passes on the code and the minutes, and needs no text. This
    /// text is for applications that may send free text.
    #[must_use]
    pub const fn with_whatsapp_template(self, template: Template<'a>) -> Self {
        Self { whatsapp: template, ..self }
    }

    /// Replaces the subject and body of the email.
    #[must_use]
    pub const fn with_email_template(self, template: EmailTemplate<'a>) -> Self {
        Self { email: template, ..self }
    }

    /// Renders the text for this code, for the channel it was issued on. For email, this is the
    /// body, whose lines end with `\n`.
    ///
    /// The text states the whole minutes that are left at `now`, at most 10. Five seconds are
    /// allowed for delivery: a code of two minutes that was issued up to five seconds ago is valid
    /// for 2 minutes. During the last minute, the text says 1.
    ///
    /// # Errors
    ///
    /// If the code has expired at `now`.
    pub fn render<'t>(&self, issued: &'t Issued, now: Timestamp) -> Result<PasscodeText<'t>, CodeExpired>
    where
        'a: 't,
    {
        self.text(issued.channel(), issued.code(), issued.expires_at().since(now))
    }

    /// Does the same as [`render`](Self::render), for applications that drive [`otp`](crate::otp)
    /// themselves.
    ///
    /// # Errors
    ///
    /// If the code has expired at `now`.
    pub fn render_issue<'t>(
        &self,
        issue: &'t NewCode,
        now: Timestamp,
    ) -> Result<PasscodeText<'t>, CodeExpired>
    where
        'a: 't,
    {
        self.text(issue.channel, &issue.code, issue.expires_at.since(now))
    }

    fn text<'t>(
        &self,
        channel: Channel,
        code: &'t Code,
        left: Duration,
    ) -> Result<PasscodeText<'t>, CodeExpired>
    where
        'a: 't,
    {
        if left.is_zero() {
            return Err(CodeExpired);
        }
        let (template, domain, app_hash) = match channel {
            Channel::Sms => (self.sms, self.domain, self.app_hash),
            Channel::WhatsApp => (self.whatsapp, None, None),
            Channel::Email => (self.email.body, None, None),
        };
        let minutes = left.saturating_add(ON_THE_WAY).as_secs() / 60;
        Ok(PasscodeText { template, app: self.app, code, minutes: minutes.clamp(1, 10), domain, app_hash })
    }

    /// Returns the subject of the email. It does not contain the code, because every server on the
    /// way logs subjects.
    #[must_use]
    pub const fn subject(&self) -> Subject<'a> {
        Subject { template: self.email.subject, app: self.app }
    }
}
