//! What a passcode's message says: by SMS, WhatsApp and email, in four languages or in words of the host's.
//!
//! ```
//! # #[cfg(feature = "std")] {
//! use countersign::message::{AppName, Domain, PasscodeMessage};
//! use countersign::{Channel, Keys, MemoryStore, PhoneNumber, Timestamp, Verifier};
//! use countersign::message::Locale;
//!
//! let message = PasscodeMessage::new(AppName::new("Acme")?, Locale::En).with_web_otp(Domain::new("example.com")?);
//!
//! # let verifier = Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new());
//! let number: PhoneNumber = "+12025550162".parse()?;
//! let issued = verifier.start(number, Channel::Sms)?;
//! let text = message.render(&issued, Timestamp::now())?;
//! // Your Acme code: 123456. Valid for 2 min. Never share it.
//! // @example.com #123456
//! assert_eq!(text.sms_size().segments(), 1);
//! # let code = issued.code().as_str();
//! # let expected = format!("Your Acme code: {code}. Valid for 2 min. Never share it.\n@example.com #{code}");
//! # assert_eq!(text.to_string(), expected);
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A text is written where the host wants it (it is a [`Display`](core::fmt::Display)) without taking memory. It holds the code: `Debug`
//! hides it, and [`PasscodeText::to_wiped`] is a copy on the heap that is wiped when it is dropped.

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

/// What may pass between a code and its text before the text says a minute less.
const ON_THE_WAY: Duration = Duration::from_secs(5);

/// How the messages of one app in one language read. It borrows its words, and is made once, not per code.
///
/// The built-in SMS fits one segment of GSM 03.38 with both autofill marks, whatever name, domain, code and lifetime are accepted.
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
    /// The built-in messages of this language for this app.
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

    /// Ends the SMS with the line `@example.com #123456`, which browsers fill in on that site and on no other
    /// ("Origin-bound one-time codes delivered via SMS", <https://wicg.github.io/sms-one-time-codes/>).
    ///
    /// There is no host of an embedded frame: the format's own text marks it with `%`, Chromium reads it after `@`, and a mark
    /// that either of them passes over would bind the code to the wrong site.
    #[must_use]
    pub const fn with_web_otp(self, domain: Domain<'a>) -> Self {
        Self { domain: Some(domain), ..self }
    }

    /// Ends the SMS with the hash by which Android hands it to the app, without asking for a permission
    /// ([SMS Retriever](https://developers.google.com/identity/sms-retriever/verify)).
    ///
    /// With [`web_otp`](Self::web_otp) too, it follows the code: `@example.com #123456 FA+9qCX9VSu`. That line has to be the last and to
    /// begin with `@`, and what comes after the code is ignored there; the hash has to be in the message, and earlier
    /// versions of that page asked for it at the very end. So both rules are kept, the older one too.
    ///
    /// The message must be "no longer than 140 bytes" for that: the built-in ones are. For a [`Template`] see
    /// [`SmsSize::fits_sms_retriever`].
    #[must_use]
    pub const fn with_sms_retriever(self, hash: AppHash) -> Self {
        Self { app_hash: Some(hash), ..self }
    }

    /// The SMS in the host's own words; the autofill marks stay.
    #[must_use]
    pub const fn with_sms_template(self, template: Template<'a>) -> Self {
        Self { sms: template, ..self }
    }

    /// The WhatsApp message in the host's own words.
    ///
    /// What a business sends unasked is an authentication template of Meta's, whose words are Meta's too: such a host hands on
    /// the code and the minutes, and needs no text. This one is for those who may send text.
    #[must_use]
    pub const fn with_whatsapp_template(self, template: Template<'a>) -> Self {
        Self { whatsapp: template, ..self }
    }

    /// The email in the host's own words.
    #[must_use]
    pub const fn with_email_template(self, template: EmailTemplate<'a>) -> Self {
        Self { email: template, ..self }
    }

    /// The text for this code, on the channel that it was issued for: of an email the body, whose lines end with `\n` alone.
    ///
    /// It says how many whole minutes are left now, at most 10. Five seconds are allowed for the way:
    /// a code of two minutes that was issued up to five seconds ago is one of 2. The last minute is
    /// called 1, however much of it is left.
    ///
    /// # Errors
    ///
    /// If the code has expired by now.
    pub fn render<'t>(&self, issued: &'t Issued, now: Timestamp) -> Result<PasscodeText<'t>, CodeExpired>
    where
        'a: 't,
    {
        self.text(issued.channel(), issued.code(), issued.expires_at().since(now))
    }

    /// The same for hosts that drive [`otp`](crate::otp) themselves.
    ///
    /// # Errors
    ///
    /// If the code has expired by now.
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

    /// The subject of the email. It has no code: subjects end in the logs of every server on the way.
    #[must_use]
    pub const fn subject(&self) -> Subject<'a> {
        Subject { template: self.email.subject, app: self.app }
    }
}

/// Invisible characters that break a line or turn its direction.
fn is_unseen(c: char) -> bool {
    c.is_control() || is_bidi_control(c) || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}')
}

/// The property Bidi_Control of Unicode: marks, embeddings, overrides and isolates.
const fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}
