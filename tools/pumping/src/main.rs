//! SMS pumping against countersign's guard: what attacks cost with and without it, and which honest
//! logins it refuses: `cargo run --release -p countersign-pumping -- --seed 1`.

extern crate alloc;

mod countries;
mod journal;
mod mobile;
mod outcome;
mod people;
mod plot;
mod queue;
mod ring;
mod rng;
mod run;
mod scenario;
mod service;
mod session;
mod table;

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use clap::Parser;

use countersign_progress::bar;

use outcome::{Outcome, Verdict};
use run::{Run, World};
use scenario::{DAYS, EVENTFUL_FROM, Scenario};
use table::{Row, Table};

#[derive(Parser)]
#[command(about = "Measures what SMS pumping costs with and without countersign's guard")]
struct Options {
    /// The seed of the first run.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The number of consecutive seeds to run. The table shows means.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// Run this scenario only. May be given several times.
    #[arg(long, value_parser = scenario)]
    scenario: Vec<Scenario>,
    /// Show which rules refused honest people at first ask.
    #[arg(long)]
    rules: bool,
    /// Write a plot to this file, as SVG.
    #[arg(long)]
    plot: Option<PathBuf>,
    /// Fail if a scenario misses its limits.
    #[arg(long)]
    check: bool,
    /// Write one scenario's events to this file, as input for the example `guard_replay`.
    #[arg(long, conflicts_with_all = ["seeds", "rules", "plot", "check"])]
    events: Option<PathBuf>,
    /// Write the events of so many days only, from the day before the attack on.
    #[arg(long, requires = "events", value_parser = clap::value_parser!(u8).range(1..=8))]
    days: Option<u8>,
    /// Write the prices to this file too, as the price list of `guard_replay`.
    #[arg(long, requires = "events")]
    prices: Option<PathBuf>,
    /// Change the number of logins a day.
    #[arg(long)]
    logins: Option<f64>,
}

fn scenario(name: &str) -> Result<Scenario, String> {
    let all = scenario::all();
    let names: Vec<&str> = all.iter().map(|scenario| scenario.name).collect();
    let unknown = format!("the scenarios are: {}", names.join("; "));
    all.into_iter().find(|scenario| scenario.name == name).ok_or(unknown)
}

fn main() -> Result<(), String> {
    let options = Options::parse();
    let mut scenarios = if options.scenario.is_empty() { scenario::all() } else { options.scenario.clone() };
    if let Some(logins) = options.logins {
        scenarios.iter_mut().for_each(|scenario| scenario.logins_per_day = logins);
    }
    let world = World::new()?;
    match (&options.events, scenarios.as_slice()) {
        (Some(file), [scenario]) => export(&world, scenario, &options, file),
        (Some(_), _) => Err("--events takes exactly one --scenario".into()),
        (None, scenarios) => report(&world, scenarios, &options),
    }
}

/// Runs the scenarios and prints the table.
fn report(world: &World, scenarios: &[Scenario], options: &Options) -> Result<(), String> {
    let seeds = options.seed..options.seed.saturating_add(options.seeds);
    let bar = bar(2 * options.seeds * scenarios.len() as u64, "scenarios");
    let run = |scenario: &Scenario, is_guarded: bool| {
        let run = |seed| {
            let outcome = Run::new(world, scenario, seed, is_guarded).run();
            bar.inc(1);
            outcome
        };
        let outcomes = seeds.clone().map(run).collect::<Result<Vec<_>, _>>()?;
        Ok::<_, String>(Outcome::mean(&outcomes))
    };
    let row = |scenario: &Scenario| {
        let (guarded, unguarded) = (run(scenario, true)?, run(scenario, false)?);
        Ok::<_, String>(Row { scenario: scenario.clone(), guarded, unguarded })
    };
    let rows = scenarios.iter().map(row).collect::<Result<Vec<_>, _>>()?;
    bar.finish_and_clear();
    let title = match options.seeds {
        1 => format!("seed {}", options.seed),
        seeds => format!("means of {seeds} seeds from {}", options.seed),
    };
    print!("{title}\n\n{}", Table { rows: &rows, shows_rules: options.rules });
    if let Some(file) = &options.plot {
        let subtitle = format!("Sums over {DAYS} days, attacks from day {EVENTFUL_FROM}; {title}");
        svg::save(file, &plot::plot(&rows, &subtitle)).map_err(|error| in_file(file, error))?;
    }
    let missed: Vec<&str> =
        rows.iter().filter(|row| row.verdict() == Verdict::Missed).map(|row| row.scenario.name).collect();
    if options.check && !missed.is_empty() {
        return Err(format!("limits missed: {}", missed.join("; ")));
    }
    Ok(())
}

/// Writes a scenario's events.
fn export(world: &World, scenario: &Scenario, options: &Options, file: &Path) -> Result<(), String> {
    let days =
        options.days.map_or(0.0..DAYS, |days| EVENTFUL_FROM - 1.0..EVENTFUL_FROM - 1.0 + f64::from(days));
    let run = Run::new(world, scenario, options.seed, true);
    if let Some(file) = &options.prices {
        std::fs::write(file, countries::price_list(&run.countries)).map_err(|error| in_file(file, error))?;
    }
    let journal = run.record(days)?;
    let writer = BufWriter::new(File::create(file).map_err(|error| in_file(file, error))?);
    let lines = journal.write(writer).map_err(|error| in_file(file, error))?;
    println!("{lines} lines in {}", file.display());
    Ok(())
}

fn in_file(file: &Path, error: impl core::fmt::Display) -> String {
    format!("{}: {error}", file.display())
}
