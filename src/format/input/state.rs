//! How a number is shown while somebody types it.
//!
//! The rules are those of libphonenumber's `AsYouTypeFormatter`, reimplemented. Three characters
//! decide whether a number is international (`+` or a prefix such as `00`), or begins with a
//! national prefix. From then on, candidates are the formats whose leading digits match. The first
//! of them whose groups the digits fill exactly shows them. If there is none, the digits fill the
//! first candidate from the left, as its longest number. If no candidate is left, they are shown as
//! typed, until a longer prefix or a calling code is found.

mod candidates;
mod prefixes;
mod template;

use super::buffer::{Buffer, Text, Typed};
use super::rules::Code;
use crate::region::Region;
use crate::tables::DIALLING;
use candidates::Candidates;
use template::Template;

/// The fewest digits that choose a format.
const FEWEST: usize = 3;

#[derive(Clone)]
pub(super) struct State {
    /// The calling code whose formats and prefixes apply.
    code: Option<Code>,
    /// The calling code whose main region the text field is in.
    home: Option<Code>,
    /// `+` and digits, all in ASCII.
    digits: Typed,
    /// The digits after all prefixes.
    national: Typed,
    /// What is shown before the national number.
    before: Text,
    /// The national prefix that the first three digits began with.
    prefix: Buffer<4>,
    /// What is shown, unless it is the typed text.
    shown: Option<Text>,
    candidates: Candidates,
    template: Template,
    /// Whether the format that is shown separates the national prefix from the number.
    separates_prefix: bool,
    /// Whether digits are formatted at the moment.
    formats: bool,
    /// Whether somebody typed punctuation.
    verbatim: bool,
    /// Whether an international or a national prefix was found, so that the number is complete.
    is_complete: bool,
    /// Whether an international prefix was found, but no calling code yet.
    expects_code: bool,
}

impl State {
    pub(super) fn new(region: Option<Region>) -> Self {
        let code = region.and_then(|region| DIALLING.get(region.index()).map(|&(code, ..)| code));
        let code = code.and_then(Code::of);
        Self {
            code,
            home: code.filter(|code| code.main_region() == region),
            digits: Buffer::new(),
            national: Buffer::new(),
            before: Buffer::new(),
            prefix: Buffer::new(),
            shown: None,
            candidates: Candidates::NONE,
            template: Template::NONE,
            separates_prefix: false,
            formats: true,
            verbatim: false,
            is_complete: false,
            expects_code: false,
        }
    }

    /// Returns the text that is shown.
    pub(super) fn shown<'a>(&'a self, typed: &'a Typed) -> &'a str {
        self.shown.as_ref().map_or_else(|| typed.as_str(), Buffer::as_str)
    }

    /// Returns `+` and the digits in ASCII, unless there is something else.
    pub(super) fn digits(&self) -> Option<&str> {
        (!self.verbatim).then(|| self.digits.as_str())
    }

    /// Takes the next character, which is the last of `typed`.
    pub(super) fn push(&mut self, c: char, typed: &Typed) {
        let is_first = typed.len() == c.len_utf8();
        match digit(c) {
            Some(digit) => {
                self.digits.push(&[digit]);
                self.national.push(&[digit]);
                self.shown = if self.formats { self.next(digit) } else { self.resume() };
            }
            None if is_first && matches!(c, '+' | '\u{FF0B}') => {
                self.digits.push(b"+");
                self.shown = None;
            }
            None => {
                (self.formats, self.verbatim) = (false, true);
                self.shown = None;
            }
        }
    }

    /// Returns what is shown after a digit, or `None` for the typed text.
    fn next(&mut self, digit: u8) -> Option<Text> {
        match self.digits.len() {
            ..FEWEST => return None,
            FEWEST => {
                if self.find_international_prefix() {
                    self.expects_code = true;
                } else {
                    let found = self.take_national_prefix();
                    self.prefix.push(&found.as_bytes()[..found.len().min(FEWEST)]);
                    return self.choose();
                }
            }
            _ => {}
        }
        if self.expects_code {
            self.expects_code = !self.take_calling_code();
            let mut text = self.before;
            text.push(self.national.as_bytes());
            return Some(text);
        }
        if self.candidates.is_empty() {
            return self.choose();
        }
        let filled = self.fill(digit);
        if let Some(text) = self.exact() {
            return Some(text);
        }
        self.candidates.narrow(self.national.as_bytes());
        if self.change_template() {
            return self.fill_anew();
        }
        if !self.formats {
            return None;
        }
        filled.map(|text| self.after_prefix(text.as_bytes()))
    }

    /// Tries to format again, once the digits could not be formatted: an international prefix or a
    /// national one may be longer than it seemed.
    fn resume(&mut self) -> Option<Text> {
        if self.verbatim {
            return None;
        }
        if self.find_international_prefix() {
            return if self.take_calling_code() { self.start_over() } else { None };
        }
        if self.take_longer_national_prefix() {
            self.before.push(b" ");
            return self.start_over();
        }
        None
    }

    fn start_over(&mut self) -> Option<Text> {
        (self.formats, self.expects_code) = (true, false);
        (self.candidates, self.template) = (Candidates::NONE, Template::NONE);
        self.choose()
    }

    /// Chooses a format by the leading digits.
    fn choose(&mut self) -> Option<Text> {
        if self.national.len() < FEWEST {
            return Some(self.after_prefix(self.national.as_bytes()));
        }
        let rows = self.code.map_or(&[][..], Code::formats);
        self.candidates = Candidates::of(rows, self.is_complete, self.prefix.len() > 0);
        self.candidates.narrow(self.national.as_bytes());
        if let Some(text) = self.exact() {
            return Some(text);
        }
        if self.change_template() { self.fill_anew() } else { None }
    }

    /// Returns the text by the first candidate whose groups the digits fill exactly. It must show
    /// all digits that were typed and no others.
    fn exact(&mut self) -> Option<Text> {
        for row in self.candidates.iter() {
            let Some(layout) = self.candidates.layout(row, self.national.len()) else { continue };
            self.separates_prefix = row.separates_prefix();
            let mut formatted = Text::new();
            for &byte in layout {
                let digit = self.national.as_bytes().get(usize::from(byte & 0x0F));
                formatted.push(&[if byte.is_ascii() { byte } else { *digit.unwrap_or(&b'0') }]);
            }
            let text = self.after_prefix(formatted.as_bytes());
            let dialled = text.as_bytes().iter().filter(|byte| byte.is_ascii_digit() || **byte == b'+');
            if dialled.eq(self.digits.as_bytes()) {
                return Some(text);
            }
        }
        None
    }

    /// Takes the layout of the first candidate that has room for the digits, and drops those before
    /// it. Returns whether it is another one.
    fn change_template(&mut self) -> bool {
        while let Some(row) = self.candidates.iter().next() {
            if self.template.is_of(row) {
                return false;
            }
            let most = usize::from(row.most);
            let layout = self.candidates.layout(row, most);
            if let Some(layout) = layout.filter(|_| self.national.len() <= most) {
                self.template = Template::new(layout, row);
                self.separates_prefix = row.separates_prefix();
                return true;
            }
            self.candidates.drop_first();
        }
        self.formats = false;
        false
    }

    /// Fills the layout with all digits.
    fn fill_anew(&mut self) -> Option<Text> {
        let national = self.national;
        let mut filled = None;
        for &digit in national.as_bytes() {
            filled = self.fill(digit);
        }
        if self.formats { filled.map(|text| self.after_prefix(text.as_bytes())) } else { None }
    }

    /// Puts a digit into the layout, and returns the layout up to it. Returns `None` if there is no
    /// room, and then gives up if there is no other candidate.
    fn fill(&mut self, digit: u8) -> Option<Text> {
        let text = self.template.fill(digit);
        self.formats &= text.is_some() || !self.candidates.is_single();
        text
    }

    /// Returns a text after all prefixes.
    fn after_prefix(&self, text: &[u8]) -> Text {
        let mut shown = self.before;
        if self.separates_prefix && shown.as_bytes().last().is_some_and(|&last| last != b' ') {
            shown.push(b" ");
        }
        shown.push(text);
        shown
    }
}

/// Returns the ASCII digit of a digit in ASCII, full-width, Arabic-Indic or extended Arabic-Indic.
fn digit(c: char) -> Option<u8> {
    let value = ['0', '\u{FF10}', '\u{660}', '\u{6F0}']
        .into_iter()
        .find_map(|zero| u32::from(c).checked_sub(u32::from(zero)).filter(|value| *value < 10))?;
    Some(b'0' | value as u8)
}
