//! Records outlive releases: the samples in `data/records.csv` can still be read and keep their
//! meaning.

#[cfg(feature = "totp")]
mod accounts;

use countersign::otp::{CodeFormat, Record};
use countersign::store::RecordKey;
use countersign::{Challenge, Channel, Handle, Refusal};
use countersign_tests::desk::{Desk, MINUTE, keys, number, refusal};
use countersign_tests::faulty::Faulty;

/// A record and its expected meaning.
struct Sample {
    kind: String,
    name: String,
    /// The time right after it was written, in milliseconds of Unix time.
    now: u64,
    /// The handle of a passcode, otherwise empty.
    handle: String,
    /// A code that is right at this time.
    code: String,
    key: RecordKey,
    bytes: Vec<u8>,
}

/// Returns samples made by operations of the current code, with a fixed generator and clock.
fn samples() -> Vec<Sample> {
    type Story = fn(&mut Desk<&Faulty>) -> (Handle, String);
    let stories: [(&str, Story); 6] = [
        ("running", |desk| {
            let issued = desk.at().start(number(), Channel::Sms).unwrap();
            (issued.handle(), issued.code().as_str().to_owned())
        }),
        ("resent twice, one failure", |desk| {
            let issued = desk.at().start(number(), Channel::WhatsApp).unwrap();
            desk.now += MINUTE;
            let _ = desk.at().resend(number(), issued.handle()).unwrap();
            desk.now += MINUTE;
            let last = desk.at().resend(number(), issued.handle()).unwrap();
            desk.fail(&last);
            (last.handle(), last.code().as_str().to_owned())
        }),
        ("used", |desk| {
            let issued = desk.at().start(number(), Channel::Sms).unwrap();
            let _ = desk.at().check(number(), issued.handle(), issued.code().as_str()).unwrap();
            (issued.handle(), issued.code().as_str().to_owned())
        }),
        ("locked", |desk| {
            let mut last = None;
            for _ in 0..2 {
                let issued = desk.at().start(number(), Channel::Sms).unwrap();
                (0..5).for_each(|_| _ = desk.fail(&issued));
                desk.now += MINUTE;
                last = Some(issued);
            }
            let last = last.unwrap();
            (last.handle(), last.code().as_str().to_owned())
        }),
        ("forgotten", |desk| {
            let issued = desk.at().start(number(), Channel::Sms).unwrap();
            desk.at().forget(number()).unwrap();
            (issued.handle(), issued.code().as_str().to_owned())
        }),
        ("letters, after many sends", |desk| {
            let terms = || Challenge::new(number()).with_format(CodeFormat::alphanumeric(10).unwrap());
            let sends = (0..12).map(|_| {
                desk.now += 10 * MINUTE;
                let issued = desk.at().start(terms(), Channel::Sms).unwrap();
                (issued.handle(), issued.code().as_str().to_owned())
            });
            sends.last().unwrap()
        }),
    ];
    let make = |(name, story): &(&'static str, Story)| {
        let store = Faulty::default();
        let mut desk = Desk::new(&store);
        let (handle, code) = story(&mut desk);
        let (key, bytes) = store.only();
        let (kind, handle) = ("passcode".to_owned(), handle.to_string());
        Sample { kind, name: (*name).to_owned(), now: desk.now, handle, code, key, bytes }
    };
    stories.iter().map(make).collect()
}

/// Formats a sample as a row: kind, name, now, handle, code, record key, record.
fn row(sample: &Sample) -> String {
    let hexadecimal = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!(
        "{},\"{}\",{},{},{},{},{}",
        sample.kind,
        sample.name,
        sample.now,
        sample.handle,
        sample.code,
        hexadecimal(sample.key.as_bytes()),
        hexadecimal(&sample.bytes)
    )
}

/// `cargo test --test laws records -- --ignored --nocapture` prints the rows of
/// tests/data/records.csv. Once a version is released, its rows never change.
#[test]
#[ignore = "prints the samples"]
fn print_the_samples() {
    samples().iter().for_each(|sample| println!("{}", row(sample)));
    #[cfg(feature = "totp")]
    accounts::samples().iter().for_each(|sample| println!("{}", row(sample)));
}

/// Returns the stored rows of a kind, as written when their version was new.
fn kept(kind: &str) -> Vec<Sample> {
    let bytes = |hexadecimal: &str| -> Vec<u8> {
        let digits = hexadecimal.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
        digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
    };
    let mut rows = csv::Reader::from_reader(&include_bytes!("data/records.csv")[..]);
    let sample = |row: csv::StringRecord| Sample {
        kind: row[0].to_owned(),
        name: row[1].to_owned(),
        now: row[2].parse().unwrap(),
        handle: row[3].to_owned(),
        code: row[4].to_owned(),
        key: RecordKey::from_bytes(bytes(&row[5]).try_into().unwrap()),
        bytes: bytes(&row[6]),
    };
    rows.records().map(|row| sample(row.unwrap())).filter(|sample| sample.kind == kind).collect()
}

#[test]
fn stored_samples_keep_their_meaning() {
    assert_eq!(kept("passcode").len(), 7);
    for sample in kept("passcode") {
        let what = &sample.name;
        let record = Record::decode(&sample.bytes, &sample.key, &keys()).unwrap();
        assert_eq!(record.encode(&sample.key, &keys()).unwrap().as_slice(), sample.bytes, "{what}");

        let store = Faulty::default();
        store.put(sample.key, &sample.bytes);
        let mut desk = Desk { now: sample.now, ..Desk::new(&store) };
        let failures = if sample.name.contains("one failure") { 1 } else { 0 };
        assert_eq!(desk.failures(), if sample.name == "locked" { 10 } else { failures }, "{what}");
        let checked = desk.at().check(number(), sample.handle.parse().unwrap(), &sample.code);
        match sample.name.as_str() {
            "used" => assert_eq!(refusal(checked), Refusal::AlreadyUsed),
            "of an account" => assert_eq!(refusal(checked), Refusal::UnknownHandle, "of no account"),
            "forgotten" => assert_eq!(refusal(checked), Refusal::UnknownHandle),
            "locked" => assert!(matches!(refusal(checked), Refusal::Locked { .. })),
            _ => assert!(checked.is_ok(), "{what}"),
        }
    }
}
