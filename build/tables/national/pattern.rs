//! The part of regular expressions that libphonenumber writes prefixes in.

use core::iter::Peekable;
use core::str::CharIndices;

use super::Wrong;

/// A parsed pattern.
pub(super) struct Pattern {
    pub(super) root: Node,
    /// How many groups capture.
    pub(super) groups: u8,
}

pub(super) enum Node {
    /// One digit of a set: bit `d` for the digit `d`.
    Digit(u16),
    /// All of these, one after the other.
    Sequence(Vec<Node>),
    /// The first of these with which all that follows matches too.
    Choice(Vec<Node>),
    /// As often as possible, but not more than `max` times.
    Repeat { of: Box<Node>, min: u8, max: u8 },
    /// A group that captures, numbered from 1.
    Group(u8, Box<Node>),
    /// `$`: the number ends here.
    End,
}

/// The longest run of digits that a prefix can ask for.
const MOST: u8 = 15;

/// Groups nested deeper than this are a mistake, not a prefix.
const DEEPEST: usize = 20;

/// Parses a pattern, or says at which byte it is wrong.
pub(super) fn parse(text: &str) -> Result<Pattern, Wrong> {
    let mut parser = Parser { chars: text.char_indices().peekable(), end: text.len(), groups: 0, depth: 0 };
    let root = parser.choice()?;
    match parser.peek() {
        None => Ok(Pattern { root, groups: parser.groups }),
        Some(_) => Err(parser.wrong("this ) closes nothing", "remove it")),
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
            return Err(self.wrong("nothing stands here", "write (?:…)? for what may be absent"));
        }
        Ok(Node::Sequence(items))
    }

    fn item(&mut self) -> Result<Node, Wrong> {
        let unknown = self.wrong(
            "this is not understood",
            "a prefix has digits, \\d, classes, groups, |, ?, {n}, {n,m} and $ only",
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

    /// What follows a `(`.
    fn group(&mut self) -> Result<Node, Wrong> {
        let captures = !self.eat('?');
        if !captures && !self.eat(':') {
            return Err(self.wrong("this group is not understood", "write (…) or (?:…)"));
        }
        self.groups = self.groups.saturating_add(u8::from(captures));
        let number = self.groups;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.wrong("groups are nested too deep", "write it with fewer"));
        }
        let inside = self.choice()?;
        self.depth -= 1;
        if !self.eat(')') {
            return Err(self.wrong("a group is not closed", "write a )"));
        }
        Ok(if captures { Node::Group(number, Box::new(inside)) } else { inside })
    }

    /// What follows a `[`.
    fn class(&mut self) -> Result<Node, Wrong> {
        let wrong = |parser: &mut Self| {
            parser.wrong("this class is not one", "write digits and ranges, such as [02-46]")
        };
        let mut digits = 0;
        while !self.eat(']') {
            let Some(first) = self.digit() else { return Err(wrong(self)) };
            let last = if self.eat('-') { self.digit().filter(|&last| last > first) } else { Some(first) };
            let Some(last) = last else { return Err(wrong(self)) };
            digits |= (first..=last).fold(0, |set, digit| set | 1 << digit);
        }
        if digits == 0 { Err(wrong(self)) } else { Ok(Node::Digit(digits)) }
    }

    /// The item with the count behind it, if there is one.
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
                _ => return Err(self.wrong("this count is not one", "write {n} or {n,m}, up to 15")),
            }
        } else {
            return Ok(item);
        };
        if matches!(self.peek(), Some('?' | '{' | '*' | '+')) || matches!(item, Node::End) {
            return Err(self.wrong("nothing here can be repeated", "count one digit, class or group, once"));
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

/// The value of an ASCII digit.
fn value(c: char) -> u8 {
    c as u8 & 0x0F
}
