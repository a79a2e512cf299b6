//! Removes quoted values from a format's errors.
//!
//! A format that finds a number in place of a string reports it before calling any of our visitors:
//! "invalid type: integer `12025550162`, expected …". That number would end up in a log.

use core::fmt::{self, Write};

use serde_core::de::Error;

/// Returns the error, or an equivalent one that hides quoted values. Errors that quote nothing are
/// returned unchanged and keep their category.
pub(super) fn quiet<E: Error>(error: E) -> E {
    let mut looked = Mask::onto(Nowhere);
    let written = write!(looked, "{error}");
    if written.is_ok() && !looked.hid { error } else { E::custom(Masked(&error)) }
}

/// Displays the error with `…` for quoted values.
struct Masked<'e, E>(&'e E);

impl<E: fmt::Display> fmt::Display for Masked<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Mask::onto(f), "{}", self.0)
    }
}

/// Hides the values that serde quotes ([`Unexpected`](serde_core::de::Unexpected)): numbers in
/// backticks and strings in double quotes, including their escapes.
struct Mask<W> {
    to: W,
    within: Within,
    hid: bool,
}

#[derive(Clone, Copy)]
enum Within {
    Text,
    /// After a backtick: the next character decides whether the rest is shown.
    Backtick,
    Shown,
    Number,
    String,
    Escape,
}

impl<W: Write> Mask<W> {
    const fn onto(to: W) -> Self {
        Self { to, within: Within::Text, hid: false }
    }

    fn hide(&mut self, within: Within) -> Result<Within, fmt::Error> {
        self.hid = true;
        self.to.write_char('…')?;
        Ok(within)
    }
}

impl<W: Write> Write for Mask<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|c| self.write_char(c))
    }

    fn write_char(&mut self, c: char) -> fmt::Result {
        let hidden = matches!(self.within, Within::Number | Within::String | Within::Escape);
        let next = match (self.within, c) {
            (Within::Backtick, '-' | '0'..='9') => {
                return self.hide(Within::Number).map(|next| self.within = next);
            }
            (Within::Escape, _) => Within::String,
            (Within::String, '\\') => Within::Escape,
            (Within::String, '"') | (Within::Number | Within::Shown | Within::Backtick, '`') => Within::Text,
            (Within::Backtick, _) => Within::Shown,
            (Within::Text, '`') => Within::Backtick,
            (Within::Text, '"') => Within::String,
            (same, _) => same,
        };
        let opens_string = matches!((self.within, next), (Within::Text, Within::String));
        let closes = matches!(next, Within::Text);
        self.within = next;
        if !hidden || closes {
            self.to.write_char(c)?;
        }
        if opens_string {
            self.within = self.hide(Within::String)?;
        }
        Ok(())
    }
}

struct Nowhere;

impl Write for Nowhere {
    fn write_str(&mut self, _: &str) -> fmt::Result {
        Ok(())
    }
}

#[cfg(test)]
#[cfg(feature = "alloc")]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn hides_numbers_in_backticks_and_strings_in_quotes() {
        for (said, masked) in [
            (
                "invalid type: integer `-12`, expected u64 at line 1 column 7",
                "invalid type: integer `…`, expected u64 at line 1 column 7",
            ),
            ("integer `12` as u128", "integer `…` as u128"),
            ("string \"+12 \\\" 34\\\\\", expected u64", "string \"…\", expected u64"),
            ("character `7`; `8`", "character `…`; `…`"),
            ("string \"12", "string \"…"),
        ] {
            assert_eq!(format!("{}", Masked(&said)), masked);
        }
        for said in ["expected `+` or `\"` at line 12 column 34", "invalid type: null, expected `a1` or ``"] {
            assert_eq!(format!("{}", Masked(&said)), said);
        }
    }
}
