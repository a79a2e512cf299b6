//! How a number is shown while somebody types it.
//!
//! The rules are those of libphonenumber's `AsYouTypeFormatter`, described anew. Three characters
//! decide whether a number is international (`+` or a prefix such as `00`), or begins with a
//! national prefix. From then on, candidates are the formats whose leading digits match. The first
//! of them whose groups the digits fill exactly shows them. If there is none, the digits fill the
//! first candidate from the left, as its longest number. If no candidate is left, they are shown as
//! typed, until a longer prefix or a calling code is found.

mod prefixes;

use super::Input;
use super::buffer::Buffer;
use super::rules::{Code, Row};
use crate::region::Region;
use crate::tables::DIALLING;

/// The fewest digits that choose a format.
const FEWEST: usize = 3;

type Typed = Buffer<{ Input::LONGEST }>;
/// At most one space after each digit, and the punctuation of a format.
type Text = Buffer<{ 2 * Input::LONGEST + 32 }>;

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
    /// The formats that are still possible: bit `n` for row `n` of the calling code.
    candidates: u64,
    /// Whether the candidates are international forms.
    international: bool,
    /// The layout that the digits fill, and the digits that do.
    template: &'static [u8],
    filled: Buffer<16>,
    /// The groups of the format whose layout it is.
    groups: Option<u16>,
    /// Whether that format separates the national prefix from the number.
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
            candidates: 0,
            international: false,
            template: &[],
            filled: Buffer::new(),
            groups: None,
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
        if self.candidates == 0 {
            return self.choose();
        }
        let filled = self.fill(digit);
        if let Some(text) = self.exact() {
            return Some(text);
        }
        self.narrow();
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
        (self.candidates, self.template, self.groups) = (0, &[], None);
        self.filled = Buffer::new();
        self.choose()
    }

    /// Chooses a format by the leading digits.
    fn choose(&mut self) -> Option<Text> {
        if self.national.len() < FEWEST {
            return Some(self.after_prefix(self.national.as_bytes()));
        }
        self.find_candidates();
        self.narrow();
        if let Some(text) = self.exact() {
            return Some(text);
        }
        if self.change_template() { self.fill_anew() } else { None }
    }

    fn rows(&self) -> &'static [Row] {
        self.code.map_or(&[], Code::formats)
    }

    /// Returns the candidates with their bits, in order of precedence.
    fn candidates(&self) -> impl Iterator<Item = (u64, &'static Row)> + use<> {
        let candidates = self.candidates;
        let rows = self.rows().iter().enumerate().map(|(place, row)| (1 << place, row));
        rows.filter(move |(bit, _)| candidates & bit != 0)
    }

    /// Collects the formats that the kind of number allows.
    fn find_candidates(&mut self) {
        let has_prefix = self.prefix.len() > 0;
        let any_international = self.rows().iter().any(Row::is_international);
        self.international = self.is_complete && !has_prefix && any_international;
        for (place, row) in self.rows().iter().enumerate() {
            let excluded = if self.international {
                !row.is_international()
            } else if has_prefix {
                row.excludes_prefix()
            } else {
                !self.is_complete && row.requires_prefix()
            };
            if !excluded && row.can_be_typed(self.international) {
                self.candidates |= 1 << place;
            }
        }
    }

    /// Drops the candidates whose leading digits do not match.
    fn narrow(&mut self) {
        for (bit, row) in self.candidates() {
            if !row.begins(self.national.as_bytes()) {
                self.candidates &= !bit;
            }
        }
    }

    /// Returns the text by the first candidate whose groups the digits fill exactly. It must show
    /// all digits that were typed and no others.
    fn exact(&mut self) -> Option<Text> {
        for (_, row) in self.candidates() {
            let Some(layout) = row.layout(self.national.len(), self.international) else { continue };
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
        for (bit, row) in self.candidates() {
            if self.groups == Some(row.groups) {
                return false;
            }
            let most = usize::from(row.most);
            if let Some(layout) = row.layout(most, self.international).filter(|_| self.national.len() <= most)
            {
                (self.template, self.groups) = (layout, Some(row.groups));
                self.filled = Buffer::new();
                self.separates_prefix = row.separates_prefix();
                return true;
            }
            self.candidates &= !bit;
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
        let room = self.template.iter().filter(|byte| !byte.is_ascii()).count();
        if self.filled.len() >= room || !self.filled.push(&[digit]) {
            self.formats &= self.candidates.count_ones() != 1;
            self.groups = None;
            return None;
        }
        let mut digits = self.filled.as_bytes().iter();
        let mut text = Text::new();
        for &byte in self.template {
            text.push(&[if byte.is_ascii() { byte } else { *digits.next()? }]);
            if digits.as_slice().is_empty() {
                break;
            }
        }
        Some(text)
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
