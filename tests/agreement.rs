//! What libphonenumber answers about tens of thousands of numbers is what we answer, the few exceptions of
//! `agreement/README.md` aside. `agreement/compare.py` compares millions; this is the part that needs no Python.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use countersign::number::METADATA_VERSION;
use countersign::{PhoneNumber, Region};

const ANSWERS: &str = include_str!("data/agreement.csv");

#[test]
fn the_answers_are_libphonenumbers() {
    let mut differences = Vec::new();
    for line in ANSWERS.lines().skip(2) {
        let (digits, expected) = line.split_once(',').unwrap();
        let (region, kind) = answer(digits);
        let same = match expected.strip_prefix("?,") {
            // libphonenumber names no region, though the calling code has some: ours is a guess from the prefix.
            Some(expected) => kind == expected,
            None => format!("{region},{kind}") == expected,
        };
        if !same {
            differences.push(format!("+{digits}: {region},{kind}, not {expected}"));
        }
    }
    let first: Vec<_> = differences.iter().take(20).collect();
    assert!(differences.is_empty(), "{} differences: {first:#?}", differences.len());
}

/// The region and the allocation, or the name of the error.
fn answer(digits: &str) -> (&'static str, &'static str) {
    match format!("+{digits}").parse::<PhoneNumber>() {
        Ok(number) => (number.region().map_or("", Region::as_str), number.allocation().as_str()),
        Err(error) => ("", error.kind().as_str()),
    }
}

/// If this fails, `data/` is of newer metadata: `python3 agreement/compare.py --write-expected` makes the answers anew.
#[test]
fn the_answers_are_of_the_same_metadata() {
    let first = ANSWERS.lines().next().unwrap();
    assert!(first.ends_with(&format!("phonenumbers=={METADATA_VERSION}")), "{first}");
    assert!(ANSWERS.lines().count() > 40_000);
}
