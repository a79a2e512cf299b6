//! Custom message texts, validated when they are created.

use core::fmt;

use crate::unseen::is_unseen;

/// The text of an SMS or a WhatsApp message. It contains `{code}` exactly once, and optionally
/// `{app}` and `{minutes}`, each at most once.
///
/// Line breaks (`\n`) are allowed, but no other control characters, no characters that change the
/// direction of a line (the Unicode property Bidi_Control), and no braces other than those of the
/// three placeholders. `@` and `#` are rejected, because phones look for a code after them
/// ([`with_web_otp`](super::PasscodeMessage::with_web_otp)).
///
/// ```
/// use countersign::message::Template;
///
/// let template = Template::new("{code} ist Ihr Code für {app}, {minutes} Minuten lang.")?;
/// # let _ = template;
/// let error = Template::new("Ihr Code: {kode}").unwrap_err();
/// assert_eq!(error.to_string(), "text, byte 10: expected {code}, {app} or {minutes}");
/// # Ok::<(), countersign::message::TemplateError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template<'a>(&'a str);

impl<'a> Template<'a> {
    /// Creates a template.
    ///
    /// # Errors
    ///
    /// If the text is not as described above. The error says what is wrong, and at which byte.
    pub fn new(text: &'a str) -> Result<Self, TemplateError> {
        Self::checked(text, Part::Text)
    }

    /// Creates a built-in template without validation. A test validates all of them.
    pub(super) const fn built_in(text: &'a str) -> Self {
        Self(text)
    }

    /// Returns the text with its placeholders.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.0
    }

    pub(super) const fn pieces(self) -> Pieces<'a> {
        Pieces { text: self.0, at: 0 }
    }

    fn checked(text: &'a str, part: Part) -> Result<Self, TemplateError> {
        let fail = |at, wrong| Err(TemplateError { part, at, wrong });
        for (at, c) in text.char_indices() {
            if is_unseen(c) && !(c == '\n' && part != Part::Subject) {
                return fail(at, Wrong::Unseen(c));
            }
            if matches!(c, '@' | '#') && part == Part::Text {
                return fail(at, Wrong::Mark(c));
            }
        }
        let (mut code, mut app, mut minutes) = (false, false, false);
        let mut pieces = Self(text).pieces();
        loop {
            let at = pieces.at;
            let seen = match pieces.next() {
                None => break,
                Some(Piece::Words(_)) => continue,
                Some(Piece::Code) => &mut code,
                Some(Piece::App) => &mut app,
                Some(Piece::Minutes) => &mut minutes,
                Some(Piece::Unknown) => return fail(at, Wrong::Placeholder),
            };
            if core::mem::replace(seen, true) {
                return fail(at, Wrong::Twice);
            }
        }
        match part {
            Part::Subject if code || minutes => fail(text.find('{').unwrap_or(0), Wrong::NotInSubject),
            Part::Subject if text.trim().is_empty() => fail(0, Wrong::Blank),
            Part::Text | Part::Body if !code => fail(text.len(), Wrong::NoCode),
            _ => Ok(Self(text)),
        }
    }
}

/// The texts of an email: a subject and a body. The subject is one line, whose only placeholder is
/// `{app}`. The body is like a [`Template`], but `@` and `#` are allowed.
///
/// ```
/// use countersign::message::EmailTemplate;
///
/// let template = EmailTemplate::new("{app}: Ihr Code", "{code}\n\nFragen? hilfe@example.com\n")?;
/// # let _ = template;
/// let error = EmailTemplate::new("{app}\nBcc: a@b.example", "{code}").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "subject, byte 5: U+000A is a line break or control character; expected one line"
/// );
/// # Ok::<(), countersign::message::TemplateError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmailTemplate<'a> {
    pub(super) subject: Template<'a>,
    pub(super) body: Template<'a>,
}

impl<'a> EmailTemplate<'a> {
    /// Creates a template.
    ///
    /// # Errors
    ///
    /// If a text is not as described above. The error says what is wrong, in which part, and at
    /// which byte.
    pub fn new(subject: &'a str, body: &'a str) -> Result<Self, TemplateError> {
        Ok(Self {
            subject: Template::checked(subject, Part::Subject)?,
            body: Template::checked(body, Part::Body)?,
        })
    }
}

/// A piece of a template.
#[derive(Clone, Copy)]
pub(super) enum Piece<'a> {
    Words(&'a str),
    Code,
    App,
    Minutes,
    /// A brace that does not belong to a placeholder. No validated template contains one.
    Unknown,
}

/// An iterator over the pieces of a template. Substituted values are never scanned for
/// placeholders.
pub(super) struct Pieces<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let rest = &self.text[self.at..];
        let known = [("{code}", Piece::Code), ("{app}", Piece::App), ("{minutes}", Piece::Minutes)];
        let (length, piece) = match rest.find(['{', '}']) {
            _ if rest.is_empty() => return None,
            None => (rest.len(), Piece::Words(rest)),
            Some(0) => known
                .into_iter()
                .find(|(name, _)| rest.starts_with(name))
                .map_or((1, Piece::Unknown), |(name, piece)| (name.len(), piece)),
            Some(brace) => (brace, Piece::Words(&rest[..brace])),
        };
        self.at += length;
        Some(piece)
    }
}

/// The error of an invalid template: what is wrong, in which part, and at which byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TemplateError {
    part: Part,
    at: usize,
    wrong: Wrong,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Text,
    Subject,
    Body,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    NoCode,
    Twice,
    Placeholder,
    NotInSubject,
    Mark(char),
    Unseen(char),
    Blank,
}

impl TemplateError {
    /// Returns the byte offset of the error. If something is missing, this is the length of the
    /// text.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = match self.part {
            Part::Text => "text",
            Part::Subject => "subject",
            Part::Body => "body",
        };
        let names = if self.part == Part::Subject { "{app}" } else { "{code}, {app} or {minutes}" };
        write!(f, "{part}, byte {}: ", self.at)?;
        match self.wrong {
            Wrong::NoCode => f.write_str("the code is missing; expected {code} once"),
            Wrong::Twice => f.write_str("repeated placeholder; expected each at most once"),
            Wrong::Placeholder => write!(f, "expected {names}"),
            Wrong::NotInSubject => f.write_str("expected no placeholder other than {app}"),
            Wrong::Mark(c) => write!(f, "{c} is not allowed, because phones look for a code after it"),
            Wrong::Unseen(c) => {
                let lines = if self.part == Part::Subject { "one line" } else { "lines that end with \\n" };
                write!(f, "U+{:04X} is a line break or control character; expected {lines}", u32::from(c))
            }
            Wrong::Blank => f.write_str("expected text that is not blank"),
        }
    }
}

impl core::error::Error for TemplateError {}

#[cfg(test)]
mod tests;
