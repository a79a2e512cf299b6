//! Engines and servers that are killed and paused under load: what must not happen then, counted.

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
use scenario::{Held, SCENARIOS, Scenario, Trouble};
use tally::{Counts, Tally};
use visitors::{Crowd, Visitors};

/// How much.
#[derive(Args)]
pub(crate) struct Options {
    /// How long the load goes on for each fault, in seconds: a third of it before, and a third after.
    #[arg(long, default_value_t = 15)]
    seconds: u64,
    /// Less of everything, in less than a minute.
    #[arg(long)]
    quick: bool,
    /// Only faults whose names have this in them.
    #[arg(long, default_value = "")]
    only: String,
    /// Draws there, as SVG, how the requests were answered over time.
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    #[command(flatten)]
    which: Which,
}

/// Whether every promise was kept, and the control was seen to break them.
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
        (counts.broken() > 0) == scenario.forgets && counts.errors_are_named(scenario.kills_a_server())
    });
    println!("faults: {}", if good { "passed" } else { "FAILED" });
    Ok(good)
}

/// How long, and how many.
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

/// Load, a fault in the middle of it, and then questions that only a memory without gaps answers right.
async fn endure(scenario: &Scenario, plan: &Plan, which: &Which) -> Outcome<Counts> {
    let progress = countersign_progress::bar(4, scenario.name);
    let held = Held::start(scenario, which)?;
    let tally = Tally::default();
    let visitors = Visitors::new(Api::new()?, held.bases(), tally.clone(), &plan.crowd).await?;
    progress.inc(1);
    let down = match scenario.trouble {
        Trouble::Pause => plan.pause,
        // From the snapshot to the end: long enough that much is forgotten.
        Trouble::KillAfterSnapshot => plan.load / 3,
        Trouble::Kill | Trouble::KillServer => plan.down,
    };
    tally.begin_load();
    let load = tokio::spawn(visitors.clone().come_and_go(plan.load / 3 * 2 + down));
    sleep(plan.load / 3).await;
    tally.begin_fault();
    held.suffer(scenario.trouble, down).await?;
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
