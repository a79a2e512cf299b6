//! The classes of checked codes, and which of them must not be distinguishable.

use core::error::Error;

use countersign::otp::{CodeFormat, NewCode, Record, Terms};
use countersign::{Channel, Handle};
use countersign_evidence::machine::Machine;
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;

/// A record and a code that is checked against it.
pub(crate) struct Input {
    pub(crate) record: Record,
    pub(crate) handle: Handle,
    pub(crate) entry: String,
    pub(crate) answer: Answer,
}

/// The expected answer. With any other, the wrong thing is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Wrong,
    Superseded,
    Right,
}

/// A class and its baseline.
pub(crate) struct Row {
    pub(crate) what: &'static str,
    pub(crate) class: usize,
    pub(crate) baseline: usize,
    pub(crate) rule: Rule,
}

pub(crate) enum Rule {
    /// The classes must not be distinguishable.
    Alike,
    /// The answer itself distinguishes the classes, and requires different work.
    Public,
}

/// In the order of [`inputs`].
const WRONG: usize = 0;
const AGAIN: usize = 1;
const FIRST: usize = 2;
const LAST: usize = 3;
const NEWER: usize = 4;
const OLDER: usize = 5;
const RIGHT: usize = 6;
const OTHER: usize = 7;

pub(crate) const ROWS: &[Row] = &[
    row("wrong everywhere, the same again", AGAIN, WRONG, Rule::Alike),
    row("wrong at the first character", FIRST, WRONG, Rule::Alike),
    row("wrong at the last character", LAST, WRONG, Rule::Alike),
    row("superseded by the newest code", NEWER, WRONG, Rule::Alike),
    row("superseded by the one before", OLDER, WRONG, Rule::Alike),
    row("right, another code than the baseline", OTHER, RIGHT, Rule::Alike),
    row("right", RIGHT, WRONG, Rule::Public),
];

const fn row(what: &'static str, class: usize, baseline: usize, rule: Rule) -> Row {
    Row { what, class, baseline, rule }
}

/// Returns a record with a live code and two superseded ones, with entries for it, and another
/// record with another code.
pub(crate) fn inputs(machine: &mut Machine, format: CodeFormat) -> Result<Vec<Input>, Box<dyn Error>> {
    let terms = Terms::new(Channel::Sms).with_format(format);
    let mut other = Machine::new()?;
    let (record, issued) = machine.start_and_resend_twice(&terms, &mut ChaCha8Rng::seed_from_u64(1))?;
    let (another, [right_there, ..]) =
        other.start_and_resend_twice(&terms, &mut ChaCha8Rng::seed_from_u64(2))?;
    let [right, newer, older] = issued.each_ref().map(text);
    let input =
        |entry: String, answer| Input { record: record.clone(), handle: issued[0].handle, entry, answer };
    let everywhere = || wrong_at(&right, 0..right.len());
    Ok(vec![
        input(everywhere(), Answer::Wrong),
        input(everywhere(), Answer::Wrong),
        input(wrong_at(&right, 0..1), Answer::Wrong),
        input(wrong_at(&right, right.len() - 1..right.len()), Answer::Wrong),
        input(newer, Answer::Superseded),
        input(older, Answer::Superseded),
        input(right, Answer::Right),
        Input {
            record: another,
            handle: right_there.handle,
            entry: text(&right_there),
            answer: Answer::Right,
        },
    ])
}

fn text(issue: &NewCode) -> String {
    issue.code.as_str().to_owned()
}

/// Returns the code with other characters at these places. `2` to `9` are in both alphabets.
pub(crate) fn wrong_at(code: &str, places: core::ops::Range<usize>) -> String {
    let wrong = |c| if c == '7' { '4' } else { '7' };
    code.chars().enumerate().map(|(place, c)| if places.contains(&place) { wrong(c) } else { c }).collect()
}
