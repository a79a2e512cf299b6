//! What SMS pumping of several kinds gets out of a service with countersign's guard, and who is
//! refused meanwhile: `cargo run --release -p countersign-pumping -- --seed 1`.
//!
//! The rule is driven directly, over tallies in memory.

extern crate alloc;

mod countries;
mod rng;
mod run;
mod scenario;
mod service;

use clap::Parser;

use countersign::region::RegionSet;
use countersign::{Channel, Policy};

use countries::{ABROAD, COUNTRIES, Country};
use rng::Rng;
use run::Outcome;
use scenario::Scenario;

#[derive(Parser)]
#[command(about = "What SMS pumping gets out of a service with countersign's guard")]
struct Options {
    /// The seed of the first run.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many seeds to run, one after the other; the table shows means.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// One scenario alone.
    #[arg(long)]
    scenario: Option<String>,
    /// Show which rules refused honest people at first ask.
    #[arg(long)]
    rules: bool,
}

fn main() -> Result<(), String> {
    let options = Options::parse();
    let every = RegionSet::ALL.difference(Policy::unsupported(Channel::Sms));
    let policy = Policy::default().allow(Channel::Sms, every.iter()).map_err(|error| error.to_string())?;
    // The same for every seed: to find them takes longer than a run.
    let world = countries::countries(&policy, &mut Rng::new(1));
    if world.len() < COUNTRIES + ABROAD {
        return Err(format!("only {} countries may be sent to", world.len()));
    }
    println!(
        "{:<16} {:>8} {:>9} {:>8} {:>8} {:>9} {:>8} {:>8}  ",
        "scenario", "planned", "unguarded", "lost", "most", "refused", "most", "locked"
    );
    for scenario in scenario::all() {
        if options.scenario.as_deref().is_none_or(|name| name == scenario.name) {
            show(&scenario, &world, &policy, &options)?;
        }
    }
    Ok(())
}

/// One line: means over the seeds, and whether all numbers were reached.
fn show(scenario: &Scenario, world: &[Country], policy: &Policy, options: &Options) -> Result<(), String> {
    let seeds = options.seed..options.seed + options.seeds.max(1);
    let run = |seed, is_guarded| run::run(scenario, world, policy, seed, is_guarded);
    let runs = seeds.clone().map(|seed| run(seed, true)).collect::<Result<Vec<_>, _>>()?;
    let unguarded = seeds.map(|seed| run(seed, false)).collect::<Result<Vec<_>, _>>()?;
    let mean =
        |runs: &[Outcome], of: fn(&Outcome) -> f64| runs.iter().map(of).sum::<f64>() / runs.len() as f64;
    let planned = mean(&runs, |run| run.planned);
    let lost = mean(&runs, |run| run.lost);
    let most = (0.05 * planned).max(80.0);
    let refused = if scenario.outage.is_some() {
        mean(&runs, |run| part(run.in_outage.1, run.in_outage.0))
    } else {
        mean(&runs, |run| part(run.refused, run.logins))
    };
    let locked = mean(&runs, |run| part(run.locked_out, run.logins));
    let is_reached = lost <= most && refused <= scenario.refused && locked <= 0.001;
    println!(
        "{:<16} {:>8.0} {:>9.0} {:>8.1} {:>8.0} {:>8.3}% {:>7.1}% {:>7.3}%  {}",
        scenario.name,
        planned,
        mean(&unguarded, |run| run.lost),
        lost,
        most,
        100.0 * refused,
        100.0 * scenario.refused,
        100.0 * locked,
        if is_reached { "" } else { "MISSED" },
    );
    if options.rules {
        for run in &runs {
            println!("  {} logins, refused at first ask: {:?}", run.logins, run.rules);
        }
    }
    Ok(())
}

fn part(some: u32, all: u32) -> f64 {
    f64::from(some) / f64::from(all.max(1))
}
