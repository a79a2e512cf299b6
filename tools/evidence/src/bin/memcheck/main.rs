//! Issues and checks codes under valgrind's memcheck with all secrets marked undefined. Fails if a
//! branch or an index depends on one of them anywhere except at the lines listed in
//! `memcheck/places.rs`.
//!
//! `cargo run --release -p countersign-evidence --bin memcheck`

use core::error::Error;
use std::collections::BTreeMap;
use std::env;
use std::io;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use countersign_evidence::memcheck::{Finding, Place, findings};
use countersign_progress as progress;

mod places;
mod scenarios;

use places::{PLACES, VERDICT};
use scenarios::{SCENARIOS, Scenario};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    // Under valgrind this same program runs one scenario.
    if let Some(name) = env::args().nth(1) {
        let scenario = SCENARIOS.iter().find(|scenario| scenario.name == name);
        (scenario.ok_or_else(|| format!("unknown scenario {name}"))?.run)()?;
        return Ok(ExitCode::SUCCESS);
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let progress = progress::bar(SCENARIOS.len() as u64, "memcheck");
    let mut good = true;
    for scenario in SCENARIOS {
        let found = under_valgrind(scenario.name)?;
        progress.inc(1);
        let (is_good, lines) =
            if scenario.leaks { seen(scenario, &found) } else { judged(scenario, &found, &root) };
        progress.suspend(|| lines.iter().for_each(|line| println!("{line}")));
        good &= is_good;
    }
    progress.finish_and_clear();
    println!("{}", if good { "memcheck: passed" } else { "memcheck: FAILED" });
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn under_valgrind(scenario: &str) -> Result<Vec<Finding>, Box<dyn Error>> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=memcheck", "--xml=yes", "--xml-fd=1", "--leak-check=no", "--error-limit=no"]);
    valgrind.args(["--num-callers=60", "--read-inline-info=yes", "--quiet"]);
    let output = valgrind.arg(env::current_exe()?).arg(scenario).stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            "valgrind is not installed: on Debian and Ubuntu, apt-get install valgrind".into()
        }
        _ => format!("valgrind: {error}"),
    })?;
    if !output.status.success() {
        return Err(format!("the scenario {scenario} failed under valgrind: {}", output.status).into());
    }
    Ok(findings(&String::from_utf8(output.stdout)?)?)
}

/// Judges a scenario with a leak, which must be found; otherwise the instrument is blind.
fn seen(scenario: &Scenario, found: &[Finding]) -> (bool, Vec<String>) {
    match found {
        [] => (false, vec![format!("{}: the leak was NOT seen", scenario.name)]),
        [first, ..] => (true, vec![format!("{}: seen, as it must be: {}", scenario.name, first.what)]),
    }
}

/// Judges a scenario of the library: every finding must be at a listed place, and one of them at
/// the verdict.
fn judged(scenario: &Scenario, found: &[Finding], root: &Path) -> (bool, Vec<String>) {
    let mut placed = BTreeMap::new();
    let mut unplaced = Vec::new();
    for finding in found {
        match Place::of(finding, root, PLACES) {
            Ok(place) => *placed.entry((place.file, place.says, place.why)).or_insert(0) += 1,
            Err(finding) => unplaced.push(finding.to_string()),
        }
    }
    let has_verdict = placed.keys().any(|&(_, _, why)| why == VERDICT);
    let mut lines =
        vec![format!("{}: {} findings at other places than the following", scenario.name, unplaced.len())];
    lines.extend(
        placed.iter().map(|((file, says, why), times)| format!("  {times:>3} at {file} `{says}`: {why}")),
    );
    if !has_verdict {
        lines.push(
            "  the verdict itself was NOT seen: secrets were not marked, or their marks were lost".into(),
        );
    }
    lines.extend_from_slice(&unplaced);
    (has_verdict && unplaced.is_empty(), lines)
}
