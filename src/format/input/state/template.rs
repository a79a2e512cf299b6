//! A layout that digits fill from the left.

use super::super::buffer::{Buffer, Text};
use super::super::rules::Row;

#[derive(Clone)]
pub(super) struct Template {
    layout: &'static [u8],
    digits: Buffer<16>,
    /// The groups of the format whose layout it is, unless the digits did not fit.
    groups: Option<u16>,
}

impl Template {
    pub(super) const NONE: Self = Self { layout: &[], digits: Buffer::new(), groups: None };

    pub(super) fn new(layout: &'static [u8], row: &Row) -> Self {
        Self { layout, digits: Buffer::new(), groups: Some(row.groups) }
    }

    /// Returns whether the layout is one of this format, or of another with the same groups.
    pub(super) fn is_of(&self, row: &Row) -> bool {
        self.groups == Some(row.groups)
    }

    /// Puts a digit into the layout, and returns the layout up to it. Returns `None` if there is no
    /// room.
    pub(super) fn fill(&mut self, digit: u8) -> Option<Text> {
        let room = self.layout.iter().filter(|byte| !byte.is_ascii()).count();
        if self.digits.len() >= room || !self.digits.push(&[digit]) {
            self.groups = None;
            return None;
        }
        let mut digits = self.digits.as_bytes().iter();
        let mut text = Text::new();
        for &byte in self.layout {
            text.push(&[if byte.is_ascii() { byte } else { *digits.next()? }]);
            if digits.as_slice().is_empty() {
                break;
            }
        }
        Some(text)
    }
}
