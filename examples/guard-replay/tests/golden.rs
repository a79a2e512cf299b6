//! Replays the event files of `data/` and compares every byte of the output. `data/README.md` says
//! what the files show.
//!
//! `COUNTERSIGN_WRITE_EXPECTED=1 cargo test -p countersign-guard-replay --test golden` writes the
//! expected outputs instead. Read the difference before you commit it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::{env, fs};

use countersign_guard_replay::{Replay, Settings, fuzz, policy, run};

#[test]
fn tour() {
    replay("tour", "tour", &with_prices());
}

#[test]
fn tour_in_monitor_mode() {
    replay("tour", "tour-monitor", &Settings { monitor: true, ..with_prices() });
}

#[test]
fn bad_lines() {
    replay("lines", "lines", &Settings::default());
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn with_prices() -> Settings {
    Settings { prices: Some(fs::read_to_string(data("prices.csv")).unwrap()), ..Settings::default() }
}

fn replay(events: &str, expected: &str, settings: &Settings) {
    let input = fs::read(data(&format!("{events}.csv"))).unwrap();
    let mut replay = Replay::new(policy("all").unwrap(), settings.guard().unwrap()).unwrap();
    let mut output = Vec::new();
    run(&mut replay, input.as_slice(), &mut output).unwrap();

    let header = input.iter().position(|byte| *byte == b'\n').unwrap();
    fuzz::check(&input[header + 1..], &output);

    let path = data(&format!("{expected}.expected.csv"));
    if env::var_os("COUNTERSIGN_WRITE_EXPECTED").is_some() {
        fs::write(&path, &output).unwrap();
    }
    let expected = fs::read(&path).unwrap();
    let differing = output.split(|byte| *byte == b'\n').zip(expected.split(|byte| *byte == b'\n'));
    for (number, (line, expected)) in (1..).zip(differing) {
        let [line, expected] = [line, expected].map(String::from_utf8_lossy);
        assert_eq!(line, expected, "{}, line {number}", path.display());
    }
    assert_eq!(output.len(), expected.len());
}
