//! Replays the corpus of the fuzz target `replay_lines`, on stable and without a fuzzer, so that
//! fixed bugs stay fixed.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use countersign_guard_replay::fuzz;

#[test]
fn replay_lines() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/replay_lines");
    let mut files: Vec<_> = fs::read_dir(corpus).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "the corpus is empty");
    for file in files {
        println!("{}", file.display());
        fuzz::replay_lines(&fs::read(file).unwrap());
    }
}
