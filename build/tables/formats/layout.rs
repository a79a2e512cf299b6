//! Forms such as `$1 $2-$3`, and the layouts that they give numbers of a length.
//!
//! A layout is a sequence of bytes: ASCII for itself, or `0x80 + n` for digit `n` of the national
//! number.

use std::collections::BTreeMap;

/// The bit that distinguishes digits of the number from other characters.
pub(super) const DIGIT: u8 = 0x80;

/// The punctuation between groups. RFC 3966 has a hyphen instead, and none before the first group.
const PUNCTUATION: [char; 6] = [' ', '-', '.', '/', '(', ')'];

/// The most bytes of a layout. The library's buffer has room for them, with bullets instead of
/// digits.
pub(super) const MOST: usize = 32;

/// A form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// ASCII punctuation or a digit.
    Literal(u8),
    /// A group, counted from 0.
    Group(usize),
}

impl Form {
    /// Parses a form of `groups` groups. Returns a problem if it is malformed.
    pub(super) fn parse(text: &str, groups: usize) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            parts.push(match c {
                '$' => {
                    let number = chars.next().and_then(|c| c.to_digit(10)).unwrap_or(0) as usize;
                    if !(1..=groups).contains(&number) {
                        return Err(format!("$ does not name one of its {groups} groups"));
                    }
                    Part::Group(number - 1)
                }
                '0'..='9' => Part::Literal(c as u8),
                c if PUNCTUATION.contains(&c) => Part::Literal(c as u8),
                c => return Err(format!("{c:?} is not a digit, a group such as $1, or one of \" -./()\"")),
            });
        }
        if !parts.iter().any(|part| matches!(part, Part::Group(_))) {
            return Err("it has no group".to_owned());
        }
        Ok(Self { parts })
    }

    /// Returns the form in which `rule`, a form of one group, takes the place of the first group.
    pub(super) fn with_prefix(&self, rule: &Self) -> Self {
        let first = self.parts.iter().position(|part| matches!(part, Part::Group(_)));
        let mut parts = self.parts.clone();
        if let Some(first) = first {
            let group = parts[first];
            let rule = rule.parts.iter().map(|part| if let Part::Group(_) = part { group } else { *part });
            parts.splice(first..=first, rule);
        }
        Self { parts }
    }

    /// Returns whether the form is only the first group, in parentheses or not.
    pub(super) fn is_first_group_only(&self) -> bool {
        let before = self.parts.strip_prefix(&[Part::Literal(b'(')]).unwrap_or(&self.parts);
        matches!(before, [Part::Group(0)] | [Part::Group(0), Part::Literal(b')')])
    }

    /// Returns whether the form has a space or a hyphen.
    pub(super) fn has_separator(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Literal(b' ' | b'-')))
    }

    /// Returns whether the form shows a number that is being typed: it begins with the first group,
    /// and adds no digits.
    pub(super) fn is_for_typing(&self) -> bool {
        let literal_digit = |part: &Part| matches!(part, Part::Literal(b'0'..=b'9'));
        let first = self.parts.iter().find(|part| matches!(part, Part::Group(_)));
        first == Some(&Part::Group(0)) && !self.parts.iter().any(literal_digit)
    }

    /// Returns the layout of a number of `length` digits, in groups that each take as many digits
    /// as they can.
    pub(super) fn layout(&self, groups: &[(u8, u8)], length: u8) -> Vec<u8> {
        let mut starts = Vec::new();
        let (mut start, mut fewest_left) = (0, groups.iter().map(|group| group.0).sum::<u8>());
        for &(fewest, most) in groups {
            fewest_left -= fewest;
            let end = (start + most).min(length.saturating_sub(fewest_left));
            starts.push(start..end);
            start = end;
        }
        let part = |part: &Part| match *part {
            Part::Literal(byte) => vec![byte],
            Part::Group(group) => starts[group].clone().map(|digit| DIGIT | digit).collect(),
        };
        self.parts.iter().flat_map(part).collect()
    }
}

/// Returns the layout of RFC 3966 for a layout of the international form.
pub(super) fn rfc3966(layout: &[u8]) -> Vec<u8> {
    let mut hyphens = Vec::new();
    for &byte in layout {
        if !PUNCTUATION.contains(&char::from(byte)) {
            hyphens.push(byte);
        } else if !hyphens.is_empty() && hyphens.last() != Some(&b'-') {
            hyphens.push(b'-');
        }
    }
    hyphens
}

/// Returns the layout of a number without a format.
pub(super) fn plain(length: usize) -> Vec<u8> {
    (0..length as u8).map(|digit| DIGIT | digit).collect()
}

/// All layouts, numbered in the order of their first appearance.
#[derive(Default)]
pub(super) struct Layouts {
    layouts: Vec<Vec<u8>>,
    numbers: BTreeMap<Vec<u8>, u16>,
}

impl Layouts {
    pub(super) fn number(&mut self, layout: Vec<u8>) -> u16 {
        let next = self.layouts.len() as u16;
        *self.numbers.entry(layout).or_insert_with_key(|layout| {
            self.layouts.push(layout.clone());
            next
        })
    }

    pub(super) fn count(&self) -> usize {
        self.layouts.len()
    }

    /// Returns one text in which every layout is found, with 16 bytes after it, and for each layout
    /// its start and length.
    pub(super) fn texts(&self) -> (Vec<u8>, Vec<(u16, u8)>) {
        let mut longest_first: Vec<&Vec<u8>> = self.layouts.iter().collect();
        longest_first.sort_by_key(|layout| (core::cmp::Reverse(layout.len()), *layout));
        let mut text = Vec::new();
        let find = |text: &[u8], layout: &[u8]| text.windows(layout.len()).position(|part| part == layout);
        for layout in longest_first {
            if find(&text, layout).is_none() {
                text.extend_from_slice(layout);
            }
        }
        let place = |layout: &Vec<u8>| (find(&text, layout).unwrap_or(0) as u16, layout.len() as u8);
        let places = self.layouts.iter().map(place).collect();
        text.extend([b' '; 16]);
        (text, places)
    }
}
