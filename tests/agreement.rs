//! Compares region and kind with libphonenumber's answers for tens of thousands of numbers, except
//! for the few listed in `agreement/README.md`. `agreement/compare.py` compares millions; this part
//! needs no Python.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use countersign::number::METADATA_VERSION;
use countersign::{PhoneNumber, Region};

const ANSWERS: &str = include_str!("data/agreement.csv");

#[test]
fn agrees_with_libphonenumber() {
    let mut differences = Vec::new();
    for line in ANSWERS.lines().skip(2) {
        let (digits, expected) = line.split_once(',').unwrap();
        let (region, kind) = answer(digits);
        let same = match expected.strip_prefix("?,") {
            // libphonenumber names no region although the calling code has some. Ours is inferred
            // from the prefix.
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

/// Returns the region and the allocation, or the name of the error.
fn answer(digits: &str) -> (&'static str, &'static str) {
    match format!("+{digits}").parse::<PhoneNumber>() {
        Ok(number) => (number.region().map_or("", Region::as_str), number.allocation().as_str()),
        Err(error) => ("", error.kind().as_str()),
    }
}

/// If this fails, `data/` has newer metadata: recreate the answers with `python3
/// agreement/compare.py --write-expected`.
#[test]
fn fixtures_match_the_metadata_version() {
    let first = ANSWERS.lines().next().unwrap();
    assert!(first.ends_with(&format!("phonenumbers=={METADATA_VERSION}")), "{first}");
    assert!(ANSWERS.lines().count() > 40_000);
}
