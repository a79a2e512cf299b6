//! Passcodes: the classes of checked codes, and which of them must not be distinguishable.

use core::error::Error;
use core::hint::black_box;

use countersign::otp::{Attempt, CodeFormat, NewCode, Record, Step, Terms};
use countersign::store::Swap;
use countersign::{Channel, Handle, Purpose, Refusal};
use countersign_evidence::dudect;
use countersign_evidence::machine::{Machine, letters};
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;

use crate::rows::{Row, Rule, judge, row};
use crate::{Options, measure};

/// A record and a code that is checked against it.
struct Input {
    record: Record,
    handle: Handle,
    entry: String,
    answer: Answer,
}

/// The expected answer. With any other, the wrong thing is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Wrong,
    Superseded,
    Right,
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

const ROWS: &[Row] = &[
    row("wrong everywhere, the same again", AGAIN, WRONG, Rule::Alike),
    row("wrong at the first character", FIRST, WRONG, Rule::Alike),
    row("wrong at the last character", LAST, WRONG, Rule::Alike),
    row("superseded by the newest code", NEWER, WRONG, Rule::Alike),
    row("superseded by the one before", OLDER, WRONG, Rule::Alike),
    row("right, another code than the baseline", OTHER, RIGHT, Rule::Alike),
    row("right", RIGHT, WRONG, Rule::Public),
];

/// Times the whole of [`Record::check`], without a store. Records and entries are copied to one
/// place before the clock starts, so that no class has its own address.
pub(crate) fn check(options: &Options) -> Result<bool, Box<dyn Error>> {
    let format = if options.letters { letters()? } else { CodeFormat::DEFAULT };
    let mut machine = Machine::new()?;
    let inputs = inputs(&mut machine, format)?;
    let context = machine.context();
    let mut record = Record::fresh();
    let mut handle = inputs[0].handle;
    let mut entry = inputs[0].entry.clone();
    let mut run = |input: &Input| {
        record.clone_from(&input.record);
        handle.clone_from(&input.handle);
        entry.clone_from(&input.entry);
        let attempt = Attempt::new(Some(&handle), Purpose::LOGIN, &entry);
        dudect::time(|| black_box(&record).check(black_box(&context), black_box(&attempt)))
    };
    for input in &inputs {
        let (_, step) = run(input);
        let Ok(Step::Write { withheld, .. }) = step else {
            return Err("the check had no verdict".into());
        };
        let answer = match withheld.confirm(Swap::Applied) {
            Some(Ok(_)) => Answer::Right,
            Some(Err(Refusal::Superseded { .. })) => Answer::Superseded,
            _ => Answer::Wrong,
        };
        if answer != input.answer {
            return Err(format!("expected {:?}, the check returned {answer:?}", input.answer).into());
        }
    }
    let measured = measure(options, "check", inputs.len(), |class| run(&inputs[class]).0);
    Ok(judge("passcode, wrong everywhere: the baseline", ROWS, &measured))
}

/// Returns a record with a live code and two superseded ones, with entries for it, and another
/// record with another code.
fn inputs(machine: &mut Machine, format: CodeFormat) -> Result<Vec<Input>, Box<dyn Error>> {
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
