//! Faults under load: kills and pauses engines and servers, and counts broken guarantees.

mod plot;
mod scenario;
mod tally;
mod visitors;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use tokio::time::sleep;

use crate::api::Api;
use crate::outcome::Outcome;
use crate::program::Which;
use scenario::{Deployment, Fault, SCENARIOS, Scenario};
use tally::{Counts, Tally};
use visitors::{Crowd, Visitors};

/// Options of `faults`.
#[derive(Args)]
pub(crate) struct Options {
    /// Seconds of load per fault; a third is before the fault and a third after it.
    #[arg(long, default_value_t = 15)]
    seconds: u64,
    /// A short run, in less than a minute.
    #[arg(long)]
    quick: bool,
    /// Only run faults whose names contain this text.
    #[arg(long, default_value = "")]
    only: String,
    /// Write an SVG plot of successful requests over time to this file.
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    #[command(flatten)]
    which: Which,
}

/// Runs the scenarios. Returns whether every guarantee held and the control run broke one.
pub(crate) async fn run(options: &Options) -> Outcome<bool> {
    let plan = if options.quick { Plan::QUICK } else { Plan::of(Duration::from_secs(options.seconds)) };
    let mut rows = Vec::new();
    for scenario in SCENARIOS.iter().filter(|scenario| scenario.name.contains(&options.only)) {
        rows.push((scenario, endure(scenario, &plan, &options.which).await?));
    }
    print(&rows);
    if let Some(file) = &options.plot {
        let strips: Vec<_> = rows.iter().map(|(scenario, counts)| (scenario.name, counts)).collect();
        std::fs::write(file, plot::svg(&strips)?)?;
    }
    let good = rows.iter().all(|(scenario, counts)| {
        (counts.broken() > 0) == scenario.loses_writes && counts.errors_are_named(scenario.kills_a_server())
    });
    println!("faults: {}", if good { "passed" } else { "FAILED" });
    Ok(good)
}

/// Durations and numbers of visitors.
pub(crate) struct Plan {
    pub(crate) load: Duration,
    pub(crate) down: Duration,
    pub(crate) pause: Duration,
    pub(crate) crowd: Crowd,
}

impl Plan {
    const QUICK: Self = Self {
        load: Duration::from_secs(3),
        down: Duration::from_millis(500),
        pause: Duration::from_millis(1_500),
        crowd: Crowd { waiting: 50, guessed: 20, exhausted: 8, coming: 4 },
    };

    const fn of(load: Duration) -> Self {
        Self {
            load,
            down: Duration::from_secs(2),
            pause: Duration::from_secs(5),
            crowd: Crowd { waiting: 400, guessed: 60, exhausted: 20, coming: 16 },
        }
    }
}

/// Runs a scenario: load with a fault in the middle, followed by an audit.
async fn endure(scenario: &Scenario, plan: &Plan, which: &Which) -> Outcome<Counts> {
    let progress = countersign_progress::bar(4, scenario.name);
    let deployment = Deployment::start(scenario, which)?;
    let tally = Tally::default();
    let visitors = Visitors::new(Api::new()?, deployment.bases(), tally.clone(), &plan.crowd).await?;
    progress.inc(1);
    let down = match scenario.fault {
        Fault::Pause => plan.pause,
        // From the snapshot to the kill: long enough for many writes to be lost.
        Fault::KillAfterSnapshot => plan.load / 3,
        Fault::Kill | Fault::KillServer => plan.down,
    };
    tally.begin_load();
    let load = tokio::spawn(visitors.clone().come_and_go(plan.load / 3 * 2 + down));
    sleep(plan.load / 3).await;
    tally.begin_fault();
    deployment.inject(scenario.fault, down).await?;
    tally.end_fault();
    progress.inc(1);
    sleep(plan.load / 3).await;
    visitors.stop();
    load.await??;
    tally.end_load();
    progress.inc(1);
    visitors.audit().await;
    progress.finish_and_clear();
    Ok(tally.counts())
}

fn print(rows: &[(&Scenario, Counts)]) {
    for [fault, requests, sends, logins, wrong, twice, tries, beyond, used, back, error, slowest] in [
        ["", "", "", "", "wrong", "accepted", "tries", "sends", "used,", "", "last", "slowest"],
        [
            "fault",
            "requests",
            "sends",
            "logins",
            "taken",
            "twice",
            "beyond",
            "beyond",
            "not in",
            "back after",
            "error",
            "answer",
        ],
    ] {
        println!(
            "{fault:<40} {requests:>8} {sends:>7} {logins:>7} {wrong:>6} {twice:>8} {tries:>6} {beyond:>6} {used:>7} {back:>10} {error:>9} {slowest:>10}"
        );
    }
    for (scenario, counts) in rows {
        println!("{:<40} {}", scenario.name, counts.line());
    }
    println!();
    for (scenario, counts) in rows {
        println!("{:<40} {}", scenario.name, counts.errors());
    }
}
