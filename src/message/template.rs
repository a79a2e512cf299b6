//! A host's own words, checked when they are made.

use core::fmt;

use super::is_unseen;

/// The words of an SMS or a WhatsApp message: a text with `{code}` once, and where it pleases `{app}` and `{minutes}`, at most once
/// each.
///
/// It may have line breaks (`\n`) but no other control characters, none that turn the direction of a
/// line (the property Bidi_Control of Unicode), and braces only around those three names. `@` and `#` are not
/// for it: phones look for a code after them ([`web_otp`](super::PasscodeMessage::with_web_otp)).
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
    /// These words.
    ///
    /// # Errors
    ///
    /// If they are not as described above: what is wrong, and at which byte.
    pub fn new(text: &'a str) -> Result<Self, TemplateError> {
        Self::checked(text, Part::Text)
    }

    /// Words of our own; a test checks them.
    pub(super) const fn built_in(text: &'a str) -> Self {
        Self(text)
    }

    /// The words as they were written, with their placeholders.
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

/// The words of an email: a subject of one line, in which only `{app}` may stand, and a body as a [`Template`] is, in which `@` and
/// `#` are allowed.
///
/// ```
/// use countersign::message::EmailTemplate;
///
/// let template = EmailTemplate::new("{app}: Ihr Code", "{code}\n\nFragen? hilfe@example.com\n")?;
/// # let _ = template;
/// let error = EmailTemplate::new("{app}\nBcc: a@b.example", "{code}").unwrap_err();
/// assert_eq!(error.to_string(), "subject, byte 5: U+000A is a line break or control character: expected one line");
/// # Ok::<(), countersign::message::TemplateError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmailTemplate<'a> {
    pub(super) subject: Template<'a>,
    pub(super) body: Template<'a>,
}

impl<'a> EmailTemplate<'a> {
    /// These words.
    ///
    /// # Errors
    ///
    /// If they are not as described above: what is wrong, in which part and at which byte.
    pub fn new(subject: &'a str, body: &'a str) -> Result<Self, TemplateError> {
        Ok(Self {
            subject: Template::checked(subject, Part::Subject)?,
            body: Template::checked(body, Part::Body)?,
        })
    }
}

/// What a template is made of.
#[derive(Clone, Copy)]
pub(super) enum Piece<'a> {
    Words(&'a str),
    Code,
    App,
    Minutes,
    /// A brace that begins or ends none of these. No template that was checked has it.
    Unknown,
}

/// The pieces in their order. What has been put in for a placeholder is never read again.
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

/// Words that no message can be made of: what is wrong, in which part and at which byte.
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
    /// The byte at which it is wrong. Where something is missing, the end.
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
            Wrong::NoCode => f.write_str("it ends without the code: expected {code} once"),
            Wrong::Twice => f.write_str("a placeholder for the second time: expected each at most once"),
            Wrong::Placeholder => write!(f, "expected {names}"),
            Wrong::NotInSubject => f.write_str("expected no placeholder but {app}"),
            Wrong::Mark(c) => write!(f, "{c} is not allowed, for phones look for a code after it"),
            Wrong::Unseen(c) => {
                let lines = if self.part == Part::Subject { "one line" } else { "lines that end with \\n" };
                write!(f, "U+{:04X} is a line break or control character: expected {lines}", u32::from(c))
            }
            Wrong::Blank => f.write_str("expected some words"),
        }
    }
}

impl core::error::Error for TemplateError {}

#[cfg(test)]
mod tests;
