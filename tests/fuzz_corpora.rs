//! Replays the corpora of the fuzz targets, on stable and without a fuzzer, so that fixed bugs stay
//! fixed.

use std::fs;
use std::path::Path;

use countersign_tests::fuzz;

#[test]
fn parser() {
    replay("parser", fuzz::parser::run);
}

#[test]
fn lenient() {
    replay("lenient", fuzz::lenient::run);
}

#[test]
fn many() {
    replay("many", fuzz::many::run);
}

#[test]
fn record() {
    replay("record", fuzz::record::run);
}

#[test]
fn operations() {
    replay("operations", fuzz::operations::run);
}

#[test]
fn policy() {
    replay("policy", fuzz::policy::run);
}

#[test]
fn device_token() {
    replay("device_token", fuzz::device_token::run);
}

#[test]
fn tally_entry() {
    replay("tally_entry", fuzz::tally_entry::run);
}

#[cfg(feature = "format")]
#[test]
fn format() {
    replay("format", fuzz::format::run);
}

#[cfg(feature = "totp")]
#[test]
fn base32() {
    replay("base32", fuzz::base32::run);
}

#[cfg(feature = "totp")]
#[test]
fn otpauth() {
    replay("otpauth", fuzz::otpauth::run);
}

#[cfg(feature = "totp")]
#[test]
fn account_record() {
    replay("account_record", fuzz::account_record::run);
}

#[cfg(feature = "totp")]
#[test]
fn recovery_record() {
    replay("recovery_record", fuzz::recovery_record::run);
}

#[cfg(feature = "totp")]
#[test]
fn accounts() {
    replay("accounts", fuzz::accounts::run);
}

/// Runs a target on every file of its corpus. The name of a failing file is printed.
fn replay(target: &str, run: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let mut files: Vec<_> = fs::read_dir(corpus).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "the corpus is empty");
    for file in files {
        println!("{}", file.display());
        run(&fs::read(file).unwrap());
    }
}
