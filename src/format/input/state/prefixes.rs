//! The prefixes of a number that is being typed: international and national prefixes, and calling
//! codes.

use super::super::buffer::{Buffer, Typed};
use super::super::rules::Code;
use super::State;
use crate::number::plan;

impl State {
    /// Looks for `+` or an international prefix, and moves it before the national number.
    pub(super) fn find_international_prefix(&mut self) -> bool {
        let digits = self.digits;
        let has_plus = digits.as_bytes().starts_with(b"+");
        let found = if has_plus {
            Some(1)
        } else {
            self.code.and_then(|code| code.international_prefix(digits.as_bytes()))
        };
        let Some((prefix, rest)) = found.and_then(|end| digits.as_bytes().split_at_checked(end)) else {
            return false;
        };
        self.is_complete = true;
        self.national = Buffer::new();
        self.national.push(rest);
        self.before = Buffer::new();
        self.before.push(prefix);
        if !has_plus {
            self.before.push(b" ");
        }
        true
    }

    /// Moves a calling code before the national number, if it begins with one.
    pub(super) fn take_calling_code(&mut self) -> bool {
        let national = self.national;
        let digits = national.as_bytes();
        if !matches!(digits, [b'1'..=b'9', ..]) {
            return false;
        }
        let values = digits.iter().map(|byte| u16::from(byte & 0x0F));
        let Some(code) = plan::calling_code(values).and_then(Code::of) else { return false };
        let length = match code.number() {
            0..10 => 1,
            10..100 => 2,
            _ => 3,
        };
        let (prefix, rest) = digits.split_at(length.min(digits.len()));
        // If this is the field's own code, the formats stay: a shorter international prefix may
        // have selected another code before (KR: 008 212 … or 00 82 12…). libphonenumber does the
        // same.
        if self.home != Some(code) {
            self.code = Some(code);
        }
        self.national = Buffer::new();
        self.national.push(rest);
        self.before.push(prefix);
        self.before.push(b" ");
        self.prefix = Buffer::new();
        true
    }

    /// Moves a national prefix before the national number, and returns it; empty if there is none.
    pub(super) fn take_national_prefix(&mut self) -> Typed {
        let national = self.national;
        let digits = national.as_bytes();
        let is_north_american = self.code.is_some_and(|code| code.number() == 1);
        // In North America, the prefix is 1, and numbers begin with 2 to 9. 10 and 11 begin short
        // numbers.
        let length = if is_north_american && matches!(digits, [b'1', b'2'..=b'9', ..]) {
            self.before.push(b"1 ");
            1
        } else {
            let length = self.code.and_then(|code| code.national_prefix(digits)).unwrap_or_default();
            self.before.push(digits.get(..length).unwrap_or_default());
            length
        };
        self.is_complete |= length > 0;
        let (prefix, rest) = digits.split_at(length.min(digits.len()));
        self.national = Buffer::new();
        self.national.push(rest);
        let mut taken = Buffer::new();
        taken.push(prefix);
        taken
    }

    /// Puts the national prefix of the first three digits back, and looks for one again. Returns
    /// whether it is another one.
    pub(super) fn take_longer_national_prefix(&mut self) -> bool {
        let prefix = self.prefix;
        if prefix.len() > 0 {
            let national = self.national;
            self.national = Buffer::new();
            self.national.push(prefix.as_bytes());
            self.national.push(national.as_bytes());
            let mut places = self.before.as_bytes().windows(prefix.len());
            let place = places.rposition(|part| part == prefix.as_bytes());
            self.before.truncate(place.unwrap_or_default());
        }
        self.take_national_prefix().as_bytes() != prefix.as_bytes()
    }
}
