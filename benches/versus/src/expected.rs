//! libphonenumber's own answers, and which of a library's are wrong by them.

use std::collections::BTreeMap;

use crate::answer::Answer;

const ANSWERS: &str = include_str!("../../../tests/data/agreement.csv");

/// A number, as `+` and digits, and what libphonenumber says of it.
pub(crate) struct Expected {
    pub(crate) number: String,
    pub(crate) answer: Answer,
}

/// All but those for which the file holds countersign's answer instead (`agreement/README.md`):
/// +672 1, and numbers of six digits.
pub(crate) fn expected() -> Vec<Expected> {
    let rows = ANSWERS.lines().skip(2).filter_map(|line| line.split_once(','));
    rows.filter(|(digits, _)| digits.len() > 6 && !digits.starts_with("6721"))
        .map(|(digits, answer)| Expected { number: format!("+{digits}"), answer: Answer::read(answer) })
        .collect()
}

/// How often a library errs in which way, and the first number for which it does, with what it
/// says.
#[derive(Default)]
pub(crate) struct Wrong(BTreeMap<&'static str, (usize, String)>);

impl Wrong {
    pub(crate) fn of<'a>(expected: impl IntoIterator<Item = &'a Expected>, answers: &[Answer]) -> Self {
        let mut wrong = Self::default();
        for (expected, &answer) in expected.into_iter().zip(answers) {
            if let Some(way) = way(answer, expected.answer) {
                let Expected { number, answer: wanted } = expected;
                let first = || (0, format!("{number}: {answer}; libphonenumber: {wanted}"));
                wrong.0.entry(way).or_insert_with(first).0 += 1;
            }
        }
        wrong
    }

    pub(crate) fn count(&self) -> usize {
        self.0.values().map(|(count, _)| count).sum()
    }

    pub(crate) fn explain(&self, name: &str) {
        for (way, (count, example)) in &self.0 {
            println!("{name}: {count} times {way}, such as {example}");
        }
    }
}

fn way(answer: Answer, expected: Answer) -> Option<&'static str> {
    match (answer, expected) {
        (Answer::NotValid, Answer::NotValid) => None,
        (Answer::NotValid, Answer::Valid { .. }) => Some("not valid, though it is"),
        (Answer::Valid { .. }, Answer::NotValid) => Some("valid, though it is not"),
        (Answer::Valid { region: theirs, .. }, Answer::Valid { region, .. }) if theirs != region => {
            Some("another region")
        }
        (Answer::Valid { kind: theirs, .. }, Answer::Valid { kind, .. }) => {
            (theirs != kind).then_some("another kind")
        }
    }
}
