//! A recursive descent parser of patterns.

use core::{iter::Peekable, str::CharIndices, str::FromStr};

use super::{Pattern, PatternError, Problem};
use crate::digits::DigitSet;

/// The deepest nesting. Real patterns nest four groups; the limit keeps a hostile file from
/// exhausting the stack.
const MAX_DEPTH: u8 = 50;

/// The highest count: the longest national number that libphonenumber accepts
/// (`MAX_LENGTH_FOR_NSN`).
const MAX_COUNT: u8 = 17;

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let mut parser = Parser { chars: text.char_indices().peekable(), end: text.len() };
        let pattern = parser.choice(0)?;
        match parser.peek() {
            None => Ok(pattern),
            Some(_) => Err(parser.error(Problem::UnopenedGroup)),
        }
    }
}

struct Parser<'a> {
    chars: Peekable<CharIndices<'a>>,
    end: usize,
}

impl Parser<'_> {
    /// Parses alternatives up to the end of the text or of the group.
    fn choice(&mut self, depth: u8) -> Result<Pattern, PatternError> {
        let mut alternatives = vec![self.sequence(depth)?];
        while self.eat('|') {
            alternatives.push(self.sequence(depth)?);
        }
        Ok(single(alternatives, Pattern::Choice))
    }

    fn sequence(&mut self, depth: u8) -> Result<Pattern, PatternError> {
        let mut items = Vec::new();
        while !matches!(self.peek(), None | Some('|' | ')')) {
            items.push(self.repeated(depth)?);
        }
        if items.is_empty() {
            return Err(self.error(Problem::EmptyAlternative));
        }
        Ok(single(items, Pattern::Sequence))
    }

    /// Parses an atom and an optional count.
    fn repeated(&mut self, depth: u8) -> Result<Pattern, PatternError> {
        let atom = self.atom(depth)?;
        let (min, max) = match self.peek() {
            Some('?') => {
                self.next();
                (0, 1)
            }
            Some('{') => self.count()?,
            _ => return Ok(atom),
        };
        if let Some('?' | '{') = self.peek() {
            return Err(self.error(Problem::NothingToRepeat));
        }
        Ok(Pattern::Repeat { of: Box::new(atom), min, max })
    }

    fn atom(&mut self, depth: u8) -> Result<Pattern, PatternError> {
        let at = self.at();
        let error = |problem| Err(PatternError { at, problem });
        match self.next() {
            Some(c @ '0'..='9') => {
                let digit = digit(c);
                Ok(Pattern::Digit(DigitSet::range(digit, digit)))
            }
            Some('\\') if self.eat('d') => Ok(Pattern::Digit(DigitSet::ANY)),
            Some('[') => Ok(Pattern::Digit(self.class(at)?)),
            Some('(') => {
                if !(self.eat('?') && self.eat(':')) {
                    return error(Problem::UnsupportedGroup);
                }
                if depth == MAX_DEPTH {
                    return error(Problem::TooDeep);
                }
                let inner = self.choice(depth + 1)?;
                if self.eat(')') { Ok(inner) } else { error(Problem::UnclosedGroup) }
            }
            Some('?' | '{') => error(Problem::NothingToRepeat),
            Some(other) => error(Problem::Unsupported(other)),
            None => error(Problem::EmptyAlternative),
        }
    }

    /// Parses the rest of a class whose `[` is at `at`.
    fn class(&mut self, at: usize) -> Result<DigitSet, PatternError> {
        let bad = PatternError { at, problem: Problem::BadClass };
        let mut set = DigitSet::default();
        loop {
            match self.next() {
                Some(c @ '0'..='9') => {
                    let first = digit(c);
                    let mut last = first;
                    if self.eat('-') {
                        match self.next() {
                            Some(c @ '0'..='9') if digit(c) > first => last = digit(c),
                            _ => return Err(bad),
                        }
                    }
                    set = set.union(DigitSet::range(first, last));
                }
                Some(']') if set != DigitSet::default() => return Ok(set),
                _ => return Err(bad),
            }
        }
    }

    /// Parses `{n}` or `{n,m}`.
    fn count(&mut self) -> Result<(u8, u8), PatternError> {
        let bad = self.error(Problem::BadCount);
        self.next();
        let Some(min) = self.small_number() else { return Err(bad) };
        let max = if self.eat(',') { self.small_number() } else { Some(min) };
        match max {
            Some(max) if min <= max && max > 0 && self.eat('}') => Ok((min, max)),
            _ => Err(bad),
        }
    }

    fn small_number(&mut self) -> Option<u8> {
        let mut number = None;
        while let Some(c @ '0'..='9') = self.peek() {
            self.next();
            let value = number.unwrap_or(0) * 10 + digit(c);
            if value > MAX_COUNT {
                return None;
            }
            number = Some(value);
        }
        number
    }

    fn peek(&mut self) -> Option<char> {
        while self.chars.next_if(|(_, c)| c.is_whitespace()).is_some() {}
        self.chars.peek().map(|&(_, c)| c)
    }

    fn next(&mut self) -> Option<char> {
        self.peek()?;
        self.chars.next().map(|(_, c)| c)
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.next();
        }
        found
    }

    fn at(&mut self) -> usize {
        self.peek();
        self.chars.peek().map_or(self.end, |&(at, _)| at)
    }

    fn error(&mut self, problem: Problem) -> PatternError {
        PatternError { at: self.at(), problem }
    }
}

/// Returns the only item of a list, or combines several.
fn single(mut items: Vec<Pattern>, several: fn(Vec<Pattern>) -> Pattern) -> Pattern {
    match items.pop() {
        Some(only) if items.is_empty() => only,
        last => {
            items.extend(last);
            several(items)
        }
    }
}

/// Returns the value of an ASCII digit.
fn digit(c: char) -> u8 {
    c as u8 - b'0'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Pattern, PatternError> {
        text.parse()
    }

    fn one(digit: u8) -> Pattern {
        Pattern::Digit(DigitSet::range(digit, digit))
    }

    #[test]
    fn parses_the_syntax_of_the_metadata() {
        assert_eq!(parse("7"), Ok(one(7)));
        assert_eq!(parse(r"\d"), Ok(Pattern::Digit(DigitSet::ANY)));
        assert_eq!(parse("[2-46]"), Ok(Pattern::Digit([2, 3, 4, 6].into_iter().collect())));
        assert_eq!(parse("12|3"), Ok(Pattern::Choice(vec![Pattern::Sequence(vec![one(1), one(2)]), one(3)])));
        let optional = Pattern::Repeat { of: Box::new(one(1)), min: 0, max: 1 };
        assert_eq!(parse("1?"), Ok(optional.clone()));
        assert_eq!(parse("(?:1)?"), Ok(optional));
        assert_eq!(
            parse("(?:1|2){3,12}"),
            Ok(Pattern::Repeat { of: Box::new(Pattern::Choice(vec![one(1), one(2)])), min: 3, max: 12 })
        );
    }

    #[test]
    fn ignores_white_space() {
        assert_eq!(parse("\n  (?:\n    1 |\n  [2 3]\n )\\d{ 4 }\n"), parse(r"(?:1|[23])\d{4}"));
    }

    #[test]
    fn rejects_other_syntax_with_its_position() {
        let problems = [
            ("1*", 1, Problem::Unsupported('*')),
            ("^1", 0, Problem::Unsupported('^')),
            (r"1\w", 1, Problem::Unsupported('\\')),
            ("1é", 1, Problem::Unsupported('é')),
            ("1(2)", 1, Problem::UnsupportedGroup),
            ("(?=2)", 0, Problem::UnsupportedGroup),
            ("3(?:1|2", 1, Problem::UnclosedGroup),
            ("12)", 2, Problem::UnopenedGroup),
            ("[^1]", 0, Problem::BadClass),
            ("[3-1]", 0, Problem::BadClass),
            ("[]", 0, Problem::BadClass),
            ("[1", 0, Problem::BadClass),
            (r"[\d]", 0, Problem::BadClass),
            ("1{2,}", 1, Problem::BadCount),
            ("1{3,2}", 1, Problem::BadCount),
            ("1{18}", 1, Problem::BadCount),
            ("1{999}", 1, Problem::BadCount),
            ("1{0}", 1, Problem::BadCount),
            ("1{", 1, Problem::BadCount),
            ("?", 0, Problem::NothingToRepeat),
            ("1??", 2, Problem::NothingToRepeat),
            ("1{2}{3}", 4, Problem::NothingToRepeat),
            ("", 0, Problem::EmptyAlternative),
            ("1||2", 2, Problem::EmptyAlternative),
            ("(?:|2)", 3, Problem::EmptyAlternative),
        ];
        for (text, at, problem) in problems {
            assert_eq!(parse(text), Err(PatternError { at, problem }), "{text}");
        }
        let deep = format!("{}1{}", "(?:".repeat(1000), ")".repeat(1000));
        assert_eq!(parse(&deep), Err(PatternError { at: 150, problem: Problem::TooDeep }));
    }

    #[test]
    fn errors_say_what_was_expected() {
        assert_eq!(
            parse("1{2,}").unwrap_err().to_string(),
            "at byte 1: malformed count; expected {n} or {n,m}, with n <= m <= 17"
        );
    }
}
