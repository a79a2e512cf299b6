//! The corpora of the fuzz targets, replayed: what a fuzzer has found stays found, on stable and without it.

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

/// Every file of a corpus; its name is said when it breaks a law.
fn replay(target: &str, run: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let mut files: Vec<_> = fs::read_dir(corpus).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "the corpus is gone");
    for file in files {
        println!("{}", file.display());
        run(&fs::read(file).unwrap());
    }
}
