//! Searches the long forms and prints a table. Arguments: `short` for the short forms; any other
//! argument selects scenarios by a part of their name.

use std::io::{self, Write};
use std::process::ExitCode;

use countersign_model::scenarios::{LONG, SHORT, all};
use countersign_model::{Findings, Scenario, SetupError, Trial, explore};

fn main() -> Result<ExitCode, SetupError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (sizes, names): (Vec<_>, Vec<_>) = arguments.iter().partition(|argument| *argument == "short");
    let size = if sizes.is_empty() { LONG } else { SHORT };
    let wanted = |trial: &Trial| {
        names.is_empty() || names.iter().any(|name| trial.scenario.name.contains(name.as_str()))
    };
    let mut out = io::stdout().lock();
    writeln!(out, "| scenario | clients | lost, crashes | states | steps | depth | laws held | seconds |")?;
    writeln!(out, "|---|---|---|---|---|---|---|---|")?;
    let (mut states, mut failures) = (0, String::new());
    for trial in all(size).into_iter().filter(wanted) {
        let scenario = trial.scenario.clone();
        let findings = explore(&trial.race()?);
        writeln!(out, "{}", row(&scenario, &findings))?;
        out.flush()?;
        states += findings.unique;
        failures += &complaints(&scenario, &findings);
    }
    writeln!(out, "\n{states} states in all\n{failures}")?;
    Ok(if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn row(scenario: &Scenario, findings: &Findings) -> String {
    let Findings { unique, steps, depth, time, held, broken, .. } = findings;
    format!(
        "| {} | {} | {}, {} | {unique} | {steps} | {depth} | {held} of {} | {:.1} |",
        scenario.name,
        scenario.cast(),
        scenario.faults.lost,
        scenario.faults.crashes,
        held + broken.len(),
        time.as_secs_f64(),
    )
}

fn complaints(scenario: &Scenario, findings: &Findings) -> String {
    let broken = findings.broken.iter().map(|broken| format!("\nBROKEN: {}\n{}", broken.law, broken.trace));
    let unseen = findings.unseen.iter().map(|sight| format!("\nNEVER {sight} ({})\n", scenario.name));
    broken.chain(unseen).collect()
}
