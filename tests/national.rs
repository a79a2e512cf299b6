//! Dialled numbers, compared with the answers of libphonenumber's parser (collected by
//! `agreement/national.py`).
//!
//! Where it finds a valid number, ours is the same. Where it finds none, ours is the same, or one
//! that the plan does not know. Numbers with fewer than 7 or more than 15 digits in all count as
//! none: strict E.164 rejects them, and none of the valid numbers of 6 digits (AT, DE, IR) belongs
//! to a person's phone. [`DIFFERENCES`] lists the exceptions, each with its reason.

use std::collections::BTreeSet;

use countersign::number::{Lenient, METADATA_VERSION, ParseError};
use countersign::{PhoneNumber, Region};

const ANSWERS: &str = include_str!("data/national.csv");

/// Region, text, and the reason why the answer differs from libphonenumber's.
const DIFFERENCES: [(&str, &str, &str); 3] = [
    (
        "",
        "+1 (1)3101234",
        "a valid number of Canada; libphonenumber checks lengths for the main region of a code only",
    ),
    ("BR", "55800123456", "a valid number without its +; libphonenumber's pattern takes 55 for an area code"),
    (
        "VA",
        "3906698790",
        "two valid readings, ours is the Vatican's number without its +; libphonenumber reads 390 as an Italian mobile",
    ),
];

#[test]
fn dialled_numbers_agree_with_libphonenumber() {
    let mut unexpected = Vec::new();
    let mut listed: BTreeSet<_> = DIFFERENCES.iter().map(|(region, text, _)| (*region, *text)).collect();
    for line in ANSWERS.lines().skip(2) {
        let [region, text, number, valid] = fields(line);
        let read = parse(region, text);
        let ours = read.map_or(String::new(), |number| number.digits().to_string());
        let known = read.is_ok_and(|number| number.kind().is_some());
        let is_one = valid == "yes" && (7..=15).contains(&number.len());
        let agrees = ours == number || !(is_one || known);
        if !agrees && !listed.remove(&(region, text)) {
            unexpected.push(format!("{region:2} {text}: +{ours}, not +{number} (valid: {valid})"));
        }
    }
    let first: Vec<_> = unexpected.iter().take(20).collect();
    assert!(unexpected.is_empty(), "{} differences: {first:#?}", unexpected.len());
    assert!(listed.is_empty(), "listed, but no longer different: {listed:?}");
}

/// A prefix is removed only from numbers that the plan does not know.
#[test]
fn known_international_numbers_are_unchanged() {
    let regions: Vec<_> = Region::all().collect();
    let answers = include_str!("data/agreement.csv").lines().skip(2);
    for (line, region) in answers.zip(regions.iter().cycle()) {
        let text = format!("+{}", line.split(',').next().unwrap());
        match text.parse::<PhoneNumber>() {
            Ok(number) if number.kind().is_some() => {
                assert_eq!(Lenient::new().parse(&text), Ok(number));
                assert_eq!(Lenient::new().with_region(*region).parse(&text), Ok(number));
            }
            _ => {}
        }
    }
}

#[test]
fn any_digits_give_a_number_or_an_error_within_the_text() {
    let mut random = 1_u64;
    for region in Region::all() {
        for length in (0..=64).cycle().take(400) {
            let text: String = (0..length)
                .map(|_| {
                    random = random
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407);
                    b"00112345567889- (+)"[(random >> 33) as usize % 19] as char
                })
                .collect();
            if let Err(error) = Lenient::new().with_region(region).parse(&text) {
                assert!(error.at() <= text.len(), "{text} in {region}: {error}");
            }
        }
    }
}

/// If this fails, `data/` has newer metadata: recreate the answers with `python3
/// agreement/national.py`.
#[test]
fn fixtures_match_the_metadata_version() {
    let first = ANSWERS.lines().next().unwrap();
    assert!(first.ends_with(&format!("phonenumbers=={METADATA_VERSION}")), "{first}");
    assert!(ANSWERS.lines().count() > 10_000);
}

fn parse(region: &str, text: &str) -> Result<PhoneNumber, ParseError> {
    match region {
        "" => Lenient::new().parse(text),
        region => Lenient::new().with_region(region.parse().unwrap()).parse(text),
    }
}

fn fields(line: &str) -> [&str; 4] {
    line.split(',').collect::<Vec<_>>().try_into().unwrap()
}
