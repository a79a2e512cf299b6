//! Every row of the provider's published lists is denied on its channel, and cannot be allowed.
//!
//! The lists in `tests/data/` are kept as published, duplicates and mistakes included. Their
//! resolution is repeated here, independently of `data/`, so that the two check each other.

use std::collections::BTreeSet;
use std::path::Path;

use countersign::number::Allocation;
use countersign::policy::Decision;
use countersign::region::RegionSet;
use countersign::{Channel, PhoneNumber, Policy, Reason, Region};

/// Wrong codes in the lists: French Southern Territories.
const MISTAKES: [(&str, &str); 1] = [("YF", "TF")];

/// Labels that cover more than the code next to them.
const COVERED_TOO: [(&str, &str); 3] = [
    ("China – including Hong Kong", "HK"),
    ("Curaçao and Caribbean Netherlands", "BQ"),
    ("Reunion/Mayotte", "YT"),
];

/// Codes that are only in the older list; SX by its label for Curaçao.
const ONLY_IN_THE_OLDER_LIST: [&str; 3] = ["DK", "SE", "SX"];

/// Rows whose published prefix belongs mainly to another country, or to none (Inmarsat's +870).
const PREFIX_OF_ANOTHER: [(&str, &str, Option<&str>); 10] = [
    ("AQ", "+672", Some("NF")),
    ("BV", "+47", Some("NO")),
    ("GS", "+500", Some("FK")),
    ("HM", "+672", Some("NF")),
    ("JE", "+44", Some("GB")),
    ("KZ", "+7", Some("RU")),
    ("PN", "+64", Some("NZ")),
    ("PN", "+870", None),
    ("TF", "+262", Some("RE")),
    ("YF", "+262", Some("RE")),
];

/// Codes without ranges of their own: no number belongs to them.
const WITHOUT_NUMBERS: [&str; 7] = ["BV", "GS", "HM", "PN", "TF", "UM", "YF"];

#[test]
fn denies_every_country_of_the_sms_list() {
    let rows = rows("published_sms_unsupported.csv");
    assert_eq!(rows.len(), 141);
    let regions = regions(&rows);
    assert_eq!(regions.len(), 137 + COVERED_TOO.len());
    assert_denied(&regions, Channel::Sms, RegionSet::SMS_UNSUPPORTED);
}

#[test]
fn denies_every_country_of_the_whatsapp_list() {
    let rows = rows("published_whatsapp_unsupported.csv");
    assert_eq!(rows.len(), 16);
    let regions = regions(&rows);
    assert_eq!(regions.len(), 16);
    assert_denied(&regions, Channel::WhatsApp, RegionSet::WHATSAPP_UNSUPPORTED);
}

#[test]
fn countries_only_in_the_older_list_can_be_allowed() {
    let current: BTreeSet<_> = labels("published_sms_unsupported.csv").collect();
    let older: Vec<_> =
        labels("published_sms_unsupported_older.csv").filter(|label| !current.contains(label)).collect();
    assert_eq!(
        older,
        [
            "Curaçao and Caribbean Netherlands (Bonaire, Sint Eustatius, Sint Maarten, Saba)", // SX
            "Denmark",
            "Northen Mariana Islands", // a spelling of MP
            "Sweden",
        ]
    );
    let extra: RegionSet = ONLY_IN_THE_OLDER_LIST.map(region).into_iter().collect();
    assert_eq!(RegionSet::SMS_UNSUPPORTED_OLDER, extra);
    assert!(RegionSet::SMS_UNSUPPORTED.intersection(extra).is_empty());
    assert!(Policy::default().allow(Channel::Sms, extra).is_ok());
}

#[test]
fn published_prefixes_belong_to_their_countries() {
    for file in ["published_sms_unsupported.csv", "published_whatsapp_unsupported.csv"] {
        for record in records(file).iter().filter(|record| !record[2].is_empty()) {
            let (code, prefix) = (&record[1], &record[2]);
            let number: PhoneNumber = format!("{prefix}0000000").parse().unwrap();
            let other = PREFIX_OF_ANOTHER.iter().find(|other| (other.0, other.1) == (code, prefix));
            let expected = other.map_or(Some(code), |other| other.2).map(region);
            assert_eq!(number.region(), expected, "{code} {prefix}");
        }
    }
}

/// The plan also denies unallocated numbers, but the list takes precedence: the country is the
/// reason.
#[test]
fn denies_numbers_of_listed_countries_because_of_the_country() {
    for (file, channel) in [
        ("published_sms_unsupported.csv", Channel::Sms),
        ("published_whatsapp_unsupported.csv", Channel::WhatsApp),
    ] {
        let others = RegionSet::ALL.difference(Policy::unsupported(channel));
        let policy = Policy::default().allow(channel, others).unwrap();
        for record in records(file).iter().filter(|record| !WITHOUT_NUMBERS.contains(&&record[1])) {
            let region = region(&record[1]);
            let assigned = numbers(&record[2], region).find(|number| number.kind().is_some());
            let unallocated =
                numbers(&record[2], region).find(|number| number.allocation() == Allocation::Unallocated);
            for number in [assigned, unallocated] {
                let number = number.ok_or_else(|| format!("no number of {region}")).unwrap();
                let denied = Decision::Deny(Reason::UnsupportedCountry);
                assert_eq!(policy.decide(number, channel), denied, "{region} {number}");
            }
        }
    }
}

/// Checks that `listed` equals the channel's table, and that the policy denies each of its regions.
#[track_caller]
fn assert_denied(listed: &BTreeSet<Region>, channel: Channel, unsupported: RegionSet) {
    for &region in listed {
        assert!(unsupported.contains(region), "{region}");
        let denied = Decision::Deny(Reason::UnsupportedCountry);
        assert_eq!(Policy::default().decide_region(Some(region), channel), denied, "{region}");
        assert!(Policy::default().allow(channel, [region]).is_err(), "{region}");
    }
    assert_eq!(unsupported.len(), listed.len());
}

/// Returns the countries of `label,code` rows.
fn regions(rows: &[(String, String)]) -> BTreeSet<Region> {
    let mut regions = BTreeSet::new();
    for (label, code) in rows {
        let corrected = MISTAKES.iter().find(|(mistake, _)| mistake == code);
        regions.insert(region(corrected.map_or(code, |(_, right)| right)));
        regions.extend(
            COVERED_TOO.iter().filter(|(covering, _)| covering == label).map(|(_, code)| region(code)),
        );
    }
    regions
}

fn region(code: &str) -> Region {
    code.parse().unwrap()
}

/// Returns numbers of a region: the digits after the prefix count up from 0000, and the last one is
/// repeated up to each length.
fn numbers(prefix: &str, region: Region) -> impl Iterator<Item = PhoneNumber> {
    let lengths = |next| (7..=15).map(move |length| (next, length));
    (0..10_000).flat_map(lengths).filter_map(move |(next, length)| {
        let (next, free) = (format!("{next:04}"), (length + 1_usize).checked_sub(prefix.len() + 4)?);
        let number: PhoneNumber = format!("{prefix}{next}{}", next[3..].repeat(free)).parse().unwrap();
        Some(number).filter(|number| number.region() == Some(region))
    })
}

fn labels(file: &str) -> impl Iterator<Item = String> {
    records(file).into_iter().map(|record| record[0].to_owned())
}

fn rows(file: &str) -> Vec<(String, String)> {
    records(file).iter().map(|record| (record[0].to_owned(), record[1].to_owned())).collect()
}

fn records(file: &str) -> Vec<csv::StringRecord> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(file);
    csv::Reader::from_path(path).unwrap().records().collect::<Result<_, _>>().unwrap()
}
