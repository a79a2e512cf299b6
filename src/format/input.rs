//! Text fields that format a number while it is being typed.

mod buffer;
mod rules;
mod state;

use core::fmt;

pub(crate) use rules::Row;

use crate::number::{Lenient, ParseError, PhoneNumber};
use crate::region::Region;
use buffer::Typed;
use state::State;

/// The content of a text field for a phone number: characters in, formatted text out.
///
/// After each character, the text is what libphonenumber's `AsYouTypeFormatter` shows, except for a
/// few intended differences, which `agreement/README.md` lists. Once somebody types punctuation of
/// their own, the text stays as typed.
///
/// Takes at most 64 bytes of typed text, which is more than any number has; further characters are
/// ignored. It takes about 700 bytes of memory and allocates nothing. [`pop`](Self::pop) types all
/// characters but the last one again.
///
/// `Display` writes the text. `Debug` hides it, because a phone number is personal data.
///
/// ```
/// use countersign::Region;
/// use countersign::format::Input;
///
/// let mut input = Input::new(Region::GB);
/// for c in "02079460".chars() {
///     input.push(c);
/// }
/// assert_eq!(input.as_str(), "020 7946 0");
/// assert_eq!(input.pop(), "020 7946");
/// for c in "0958".chars() {
///     input.push(c);
/// }
/// assert_eq!(input.number()?.to_string(), "+442079460958");
///
/// input.clear();
/// for c in "+33612".chars() {
///     input.push(c);
/// }
/// assert_eq!(input.as_str(), "+33 6 12");
/// # Ok::<(), countersign::number::ParseError>(())
/// ```
#[derive(Clone)]
pub struct Input {
    region: Option<Region>,
    /// What was typed.
    typed: Typed,
    /// Whether a character was ignored for lack of room. All later ones are ignored, too.
    is_full: bool,
    state: State,
}

impl Input {
    /// Creates an empty text field for somebody in `region`, who may type national and
    /// international numbers.
    ///
    /// A few regions have no numbers of their own (BV, GS, HM, PN, TF, UM). For these, this is the
    /// same as [`international`](Self::international).
    #[must_use]
    pub fn new(region: Region) -> Self {
        let region = Some(region);
        Self { region, typed: Typed::new(), is_full: false, state: State::new(region) }
    }

    /// Creates an empty text field in which only numbers with a `+` are formatted.
    ///
    /// ```
    /// use countersign::format::Input;
    ///
    /// let mut input = Input::international();
    /// let texts: Vec<String> = "+12025".chars().map(|c| input.push(c).to_owned()).collect();
    /// assert_eq!(texts, ["+", "+1", "+1 2", "+1 20", "+1 202", "+1 202-5"]);
    /// ```
    #[must_use]
    pub fn international() -> Self {
        Self { region: None, typed: Typed::new(), is_full: false, state: State::new(None) }
    }

    /// Types a character, and returns the text.
    ///
    /// Full-width and Arabic-Indic digits count as digits.
    pub fn push(&mut self, c: char) -> &str {
        self.is_full = self.is_full || !self.typed.push_char(c);
        if !self.is_full {
            self.state.push(c, &self.typed);
        }
        self.as_str()
    }

    /// Deletes the last character that was typed, if any, and returns the text, as if it had never
    /// been typed.
    pub fn pop(&mut self) -> &str {
        let typed = self.typed;
        let mut rest = typed.as_str().chars();
        rest.next_back();
        self.clear();
        rest.for_each(|c| {
            self.push(c);
        });
        self.as_str()
    }

    /// Deletes everything.
    pub fn clear(&mut self) {
        self.typed = Typed::new();
        self.is_full = false;
        self.state = State::new(self.region);
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.state.shown(&self.typed)
    }

    /// Parses what was typed, as [`Lenient`] does in this region.
    ///
    /// # Errors
    ///
    /// If it is not a phone number, or not yet. Positions in the error are byte offsets in the
    /// typed characters, with their digits in ASCII.
    pub fn number(&self) -> Result<PhoneNumber, ParseError> {
        let lenient = match self.region {
            Some(region) => Lenient::new().with_region(region),
            None => Lenient::new(),
        };
        lenient.parse(self.state.digits().unwrap_or_else(|| self.typed.as_str()))
    }
}

impl AsRef<str> for Input {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Shows the region and none of the text, because a phone number is personal data.
impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input").field("region", &self.region).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
