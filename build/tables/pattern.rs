//! Parses the subset of regular expressions in which libphonenumber writes prefixes.

use core::iter::Peekable;
use core::str::CharIndices;

/// A problem and its remedy.
pub(super) type Wrong = (String, String);

/// A parsed pattern.
pub(super) struct Pattern {
    pub(super) root: Node,
    /// The number of capturing groups.
    pub(super) groups: u8,
}

pub(super) enum Node {
    /// One digit of a set: bit `d` for the digit `d`.
    Digit(u16),
    /// All of these in sequence.
    Sequence(Vec<Node>),
    /// The first of these with which the rest of the pattern matches too.
    Choice(Vec<Node>),
    /// The node repeated as often as possible, between `min` and `max` times.
    Repeat { of: Box<Node>, min: u8, max: u8 },
    /// A capturing group, numbered from 1.
    Group(u8, Box<Node>),
    /// `$`: the end of the number.
    End,
}

/// The highest count of digits in a prefix.
const MOST: u8 = 15;

/// The deepest nesting of groups. Deeper nesting is a mistake, not a prefix.
const DEEPEST: usize = 20;

/// Parses a pattern. Errors carry the byte offset.
pub(super) fn parse(text: &str) -> Result<Pattern, Wrong> {
    let mut parser = Parser { chars: text.char_indices().peekable(), end: text.len(), groups: 0, depth: 0 };
    let root = parser.choice()?;
    match parser.peek() {
        None => Ok(Pattern { root, groups: parser.groups }),
        Some(_) => Err(parser.wrong("unmatched )", "remove it")),
    }
}

struct Parser<'a> {
    chars: Peekable<CharIndices<'a>>,
    end: usize,
    groups: u8,
    depth: usize,
}

impl Parser<'_> {
    fn choice(&mut self) -> Result<Node, Wrong> {
        let mut choices = vec![self.sequence()?];
        while self.eat('|') {
            choices.push(self.sequence()?);
        }
        Ok(Node::Choice(choices))
    }

    fn sequence(&mut self) -> Result<Node, Wrong> {
        let mut items = Vec::new();
        while !matches!(self.peek(), None | Some('|' | ')')) {
            let item = self.item()?;
            items.push(self.repeated(item)?);
        }
        if items.is_empty() {
            return Err(self.wrong("empty alternative", "write (?:…)? for an optional part"));
        }
        Ok(Node::Sequence(items))
    }

    fn item(&mut self) -> Result<Node, Wrong> {
        let unknown = self.wrong(
            "unsupported syntax",
            "a prefix contains only digits, \\d, classes, groups, |, ?, {n}, {n,m} and $",
        );
        match self.chars.next().map(|(_, c)| c) {
            Some(c @ '0'..='9') => Ok(Node::Digit(1 << value(c))),
            Some('\\') if self.eat('d') => Ok(Node::Digit(0x3FF)),
            Some('[') => self.class(),
            Some('(') => self.group(),
            Some('$') => Ok(Node::End),
            _ => Err(unknown),
        }
    }

    /// Parses the rest of a group after its `(`.
    fn group(&mut self) -> Result<Node, Wrong> {
        let captures = !self.eat('?');
        if !captures && !self.eat(':') {
            return Err(self.wrong("unsupported group", "write (…) or (?:…)"));
        }
        self.groups = self.groups.saturating_add(u8::from(captures));
        let number = self.groups;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.wrong("groups are nested too deep", "write the pattern with fewer groups"));
        }
        let inside = self.choice()?;
        self.depth -= 1;
        if !self.eat(')') {
            return Err(self.wrong("unclosed group", "add a )"));
        }
        Ok(if captures { Node::Group(number, Box::new(inside)) } else { inside })
    }

    /// Parses the rest of a class after its `[`.
    fn class(&mut self) -> Result<Node, Wrong> {
        let wrong =
            |parser: &mut Self| parser.wrong("malformed class", "write digits and ranges, such as [02-46]");
        let mut digits = 0;
        while !self.eat(']') {
            let Some(first) = self.digit() else { return Err(wrong(self)) };
            let last = if self.eat('-') { self.digit().filter(|&last| last > first) } else { Some(first) };
            let Some(last) = last else { return Err(wrong(self)) };
            digits |= (first..=last).fold(0, |set, digit| set | 1 << digit);
        }
        if digits == 0 { Err(wrong(self)) } else { Ok(Node::Digit(digits)) }
    }

    /// Parses the count after an item, if there is one.
    fn repeated(&mut self, item: Node) -> Result<Node, Wrong> {
        let (min, max) = if self.eat('?') {
            (0, 1)
        } else if self.eat('{') {
            let min = self.count();
            let max = if self.eat(',') { self.count() } else { min };
            match (min, max) {
                (Some(min), Some(max)) if min <= max && (1..=MOST).contains(&max) && self.eat('}') => {
                    (min, max)
                }
                _ => return Err(self.wrong("malformed count", "write {n} or {n,m}, up to 15")),
            }
        } else {
            return Ok(item);
        };
        if matches!(self.peek(), Some('?' | '{' | '*' | '+')) || matches!(item, Node::End) {
            return Err(self.wrong("nothing to repeat", "put one count after a digit, class or group"));
        }
        Ok(Node::Repeat { of: Box::new(item), min, max })
    }

    fn count(&mut self) -> Option<u8> {
        let mut count = self.digit()?;
        while let Some(digit) = self.digit() {
            count = count.checked_mul(10)?.checked_add(digit)?;
        }
        Some(count)
    }

    fn digit(&mut self) -> Option<u8> {
        self.chars.next_if(|(_, c)| c.is_ascii_digit()).map(|(_, c)| value(c))
    }

    fn peek(&mut self) -> Option<char> {
        self.chars.peek().map(|&(_, c)| c)
    }

    fn eat(&mut self, wanted: char) -> bool {
        self.chars.next_if(|&(_, c)| c == wanted).is_some()
    }

    fn wrong(&mut self, problem: &str, remedy: &str) -> Wrong {
        let at = self.chars.peek().map_or(self.end, |&(at, _)| at);
        (format!("at byte {at}: {problem}"), remedy.to_owned())
    }
}

/// Returns the value of an ASCII digit.
fn value(c: char) -> u8 {
    c as u8 & 0x0F
}
