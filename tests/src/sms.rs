//! The published rules of text messages, implemented plainly: the alphabet as another program knows
//! it, segments filled one by one, and the origin-bound format parsed by the steps of its
//! specification.

use std::collections::HashMap;

use countersign::message::Encoding;

/// For its origin see `tests/data/README.md`.
const ALPHABET: &str = include_str!("../data/gsm0338.csv");

/// Returns how many septets each character of the GSM alphabet takes.
pub fn alphabet() -> HashMap<char, usize> {
    let row = |line: &str| {
        let (septets, character) = line.split_once(",U+")?;
        Some((char::from_u32(u32::from_str_radix(character, 16).ok()?)?, septets.len() / 2))
    };
    ALPHABET.lines().skip(1).map(|line| row(line).unwrap()).collect()
}

/// Returns encoding, units and segments. Each segment is a list of characters.
pub fn size(alphabet: &HashMap<char, usize>, text: &str) -> (Encoding, usize, usize) {
    let septets: Option<Vec<usize>> = text.chars().map(|c| alphabet.get(&c).copied()).collect();
    let (encoding, widths, alone, joined) = match septets {
        Some(widths) => (Encoding::Gsm7, widths, 160, 153),
        None => (Encoding::Ucs2, text.chars().map(char::len_utf16).collect(), 70, 67),
    };
    let units = widths.iter().sum();
    let mut segments: Vec<Vec<usize>> = vec![vec![]];
    for width in widths {
        if segments.last().unwrap().iter().sum::<usize>() + width > joined {
            segments.push(vec![]);
        }
        segments.last_mut().unwrap().push(width);
    }
    (encoding, units, if units <= alone { 1 } else { segments.len() })
}

/// An origin-bound one-time code: host, code, and the host of an embedded frame.
#[derive(Debug, PartialEq, Eq)]
pub struct OriginBound {
    pub host: String,
    pub code: String,
    pub embedded: Option<String>,
}

/// Implements "Parse an origin-bound one-time code message",
/// <https://wicg.github.io/sms-one-time-codes/#parsing>, step by step.
pub fn origin_bound(message: &str) -> Option<OriginBound> {
    let normalized = message.replace("\r\n", "\n").replace('\r', "\n");
    let line: Vec<char> = normalized.split('\n').next_back()?.chars().collect();
    let mut position = 0;
    let host = marked_token(&line, &mut position, '@')?;
    if *line.get(position)? != ' ' {
        return None;
    }
    position += 1;
    let code = marked_token(&line, &mut position, '#')?;
    let mut embedded = None;
    if line.get(position) == Some(&' ') {
        position += 1;
        embedded = marked_token(&line, &mut position, '%');
    }
    Some(OriginBound { host, code, embedded })
}

/// Implements "Extract a marked token".
fn marked_token(line: &[char], position: &mut usize, marker: char) -> Option<String> {
    if *line.get(*position)? != marker {
        return None;
    }
    *position += 1;
    let is_space = |c: &char| matches!(c, '\t' | '\n' | '\u{c}' | '\r' | ' ');
    let token: String = line[*position..].iter().take_while(|c| !is_space(c)).collect();
    *position += token.chars().count();
    Some(token).filter(|token| !token.is_empty())
}

/// Returns how many places a browser that searches the whole message could take for the autofill
/// line: white space or the beginning, then `@`, then ` #` before the next space. Chromium takes
/// the first.
pub fn marked_places(message: &str) -> usize {
    let starts = message
        .char_indices()
        .filter(|&(at, c)| c == '@' && message[..at].chars().next_back().is_none_or(char::is_whitespace));
    starts
        .filter(|&(at, _)| message[at..].split_once(' ').is_some_and(|(_, rest)| rest.starts_with('#')))
        .count()
}
