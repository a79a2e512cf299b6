//! Tests that every example number of the metadata has libphonenumber's region and type.
//!
//! `data/example_numbers.csv` contains libphonenumber's answers. `data/make_example_numbers.py`
//! generates it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashSet;

use countersign_numbering::{calling_code::calling_codes, metadata::Metadata, territory::Territory};

const ANSWERS: &str = include_str!("data/example_numbers.csv");

fn territories() -> Vec<Territory> {
    Metadata::in_tree().unwrap().territories
}

#[test]
fn example_numbers_have_libphonenumbers_region_and_type() {
    let codes = calling_codes(&territories(), &[]).unwrap();
    let mut answers = csv::Reader::from_reader(ANSWERS.as_bytes());
    let mut differences = Vec::new();
    for record in answers.records().map(Result::unwrap) {
        let code = codes.iter().find(|code| code.code.to_string() == record[0]).unwrap();
        let expected = format!("{},{}", &record[2], &record[3]);
        let found = match code.numbers.label(&record[1]) {
            Some(label) => {
                format!(
                    "{},{}",
                    label.number_type,
                    label.region.map(|region| region.to_string()).unwrap_or_default()
                )
            }
            None => "UNKNOWN,".to_owned(),
        };
        if found != expected {
            differences.push(format!("+{} {}: {found}, expected {expected}", &record[0], &record[1]));
        }
    }
    assert!(differences.is_empty(), "{differences:#?}");
}

/// If this fails, the metadata and the answers are of different versions: regenerate the answers.
#[test]
fn answers_cover_all_example_numbers() {
    let mut numbers = HashSet::new();
    for territory in territories() {
        let described =
            territory.types.iter().map(|(_, description)| description).chain([&territory.general]);
        for example in described.filter_map(|description| description.example.as_ref()) {
            numbers.insert(format!("{},{example}", territory.calling_code));
        }
    }
    let mut answers = csv::Reader::from_reader(ANSWERS.as_bytes());
    let answered: HashSet<String> = answers
        .records()
        .map(Result::unwrap)
        .map(|record| format!("{},{}", &record[0], &record[1]))
        .collect();
    assert_eq!(numbers, answered);
}

/// The order of the metadata that the rules rely on.
#[test]
fn territories_are_sorted_with_the_main_region_first() {
    let territories = territories();
    assert_eq!(territories.len(), 254);
    assert_eq!(territories.iter().filter(|territory| territory.region.is_none()).count(), 9);

    let sharing = territories.chunk_by(|a, b| a.calling_code == b.calling_code);
    let main: Vec<String> = sharing
        .filter(|sharing| sharing.len() > 1)
        .map(|sharing| format!("{} {}", sharing[0].calling_code, sharing[0].region.unwrap()))
        .collect();
    assert_eq!(
        main,
        [
            "1 US", "7 RU", "39 IT", "44 GB", "47 NO", "61 AU", "212 MA", "262 RE", "290 SH", "358 FI",
            "590 GP", "599 CW"
        ]
    );
    assert!(territories.is_sorted_by_key(|territory| territory.calling_code));
}
