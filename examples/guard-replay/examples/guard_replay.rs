//! Replays recorded events against the toll-fraud guard: see the README of this package.
//!
//! ```text
//! cargo run --release --example guard_replay -- --monitor < events.csv > answers.csv
//! ```

use std::path::PathBuf;
use std::process::ExitCode;
use std::{fs, io};

use clap::Parser;
use countersign::store::MemoryTallies;
use countersign_guard_replay::{Failure, Replay, Settings, policy, run};

/// Replay recorded sends and answers against the toll-fraud guard. Reads events as CSV from standard
/// input: time_ms,number,channel,ip,account,event. Writes a decision for each to standard output.
#[derive(Parser)]
#[command(name = "guard_replay")]
struct Options {
    /// The countries to allow, such as US,FR, or `all` for every country that a channel supports.
    #[arg(long, default_value = "all")]
    allow: String,
    /// What sends cost: a CSV file with the header region,channel,price. What is not listed costs
    /// 0.05.
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// Decide and charge as if the guard were enforced, but send nevertheless.
    #[arg(long)]
    monitor: bool,
    /// Set a field of the guard's serde form, such as stake=20 or bases.block_100=9. May be
    /// repeated.
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
}

/// Room for tallies, and for as many numbers: eight times the default, so that months of events
/// evict none. Only what is written takes memory.
const ENTRIES: usize = 1 << 22;

fn main() -> ExitCode {
    match replay(Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let code = failure.exit_code();
            if code != 0 {
                eprintln!("error: {failure}");
            }
            code.into()
        }
    }
}

fn replay(options: Options) -> Result<(), Failure> {
    let Options { allow, prices, monitor, set } = options;
    let unreadable = |path: PathBuf| {
        fs::read_to_string(&path)
            .map_err(|error| Failure::Option(format!("--prices {}: {error}", path.display())))
    };
    let prices = prices.map(unreadable).transpose()?;
    let guard = Settings { prices, monitor, set }.guard()?;
    let tallies = MemoryTallies::with_capacity(ENTRIES, ENTRIES);
    let mut replay = Replay::new(policy(&allow)?, guard, tallies)?;
    run(&mut replay, io::stdin().lock(), io::stdout().lock())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn options_are_consistent() {
        Options::command().debug_assert();
    }

    #[test]
    fn allows_everything_by_default() {
        let options = Options::parse_from(["guard_replay"]);
        assert_eq!((options.allow.as_str(), options.monitor), ("all", false));
        assert!(options.prices.is_none() && options.set.is_empty());
    }

    #[test]
    fn settings_may_be_repeated() {
        let options = Options::parse_from(["guard_replay", "--set", "stake=20", "--set", "monitor=true"]);
        assert_eq!(options.set, ["stake=20", "monitor=true"]);
    }
}
