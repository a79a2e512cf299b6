//! Replays the event files of `data/` and compares every byte of the output. `data/README.md` says
//! what the files show.
//!
//! `COUNTERSIGN_WRITE_EXPECTED=1 cargo test -p countersign-guard-replay --test golden` writes the
//! expected outputs instead. Read the difference before you commit it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::{env, fs};

use countersign::store::MemoryTallies;
use countersign_guard_replay::{Replay, Settings, fuzz, policy, run};

#[test]
fn tour() {
    replay(&data("tour.csv"), "tour.expected.csv", &with_prices(&data("prices.csv")));
}

#[test]
fn tour_in_monitor_mode() {
    let settings = Settings { monitor: true, ..with_prices(&data("prices.csv")) };
    replay(&data("tour.csv"), "tour-monitor.expected.csv", &settings);
}

#[test]
fn bad_lines() {
    replay(&data("lines.csv"), "lines.expected.csv", &Settings::default());
}

#[test]
fn simulated_attack() {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/pumping/results");
    let settings = with_prices(&results.join("prices.csv"));
    replay(&results.join("events.csv"), "pumping.expected.csv", &settings);
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn with_prices(path: &Path) -> Settings {
    Settings { prices: Some(fs::read_to_string(path).unwrap()), ..Settings::default() }
}

fn replay(events: &Path, expected: &str, settings: &Settings) {
    let input = fs::read(events).unwrap();
    let mut replay =
        Replay::new(policy("all").unwrap(), settings.guard().unwrap(), MemoryTallies::new()).unwrap();
    let mut output = Vec::new();
    run(&mut replay, input.as_slice(), &mut output).unwrap();

    let header = input.iter().position(|byte| *byte == b'\n').unwrap();
    fuzz::check(&input[header + 1..], &output);

    let path = data(expected);
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
