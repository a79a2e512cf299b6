//! Calls per second against `MemoryStore`, and bytes per recipient, from a thousand to ten million
//! live recipients, on one thread and on two.
//!
//! ```text
//! cargo bench --bench scale                   # a few minutes and 3 GB; writes docs/images/scale.svg
//! cargo bench --bench scale -- --most 1000000     # no more recipients than these
//! ```
//!
//! The computation of a call does not depend on the number of recipients, so only the path to a
//! record gets slower. The table compares it with the latency of a random read in as much memory
//! (caches and TLB). A call needs a few such reads, each of which depends on the one before.

mod crowd;
mod machine;
mod plot;

use std::env;
use std::io::{self, IsTerminal};

use chacha20::ChaCha20Rng;
use countersign::rng::SystemRng;
use crowd::{Crowd, Outcome, Rates};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rand_core::SeedableRng;

const PLOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/images/scale.svg");

/// The sizes to measure, and the number of rounds.
struct Plan {
    sizes: Vec<usize>,
    rounds: usize,
    plot: bool,
}

/// The source of a call's random bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Generator {
    /// The operating system, for each call.
    System,
    /// A generator in the process, for each thread.
    Userspace,
}

/// A row of the table.
struct Row {
    recipients: usize,
    /// Resident memory per recipient, where the system provides it.
    bytes: Option<f64>,
    /// Nanoseconds of one read from a random place in as much memory.
    random_read: f64,
    threads: usize,
    generator: Generator,
    rates: Rates,
}

fn main() -> Outcome<()> {
    let plan = plan(env::args().skip(1))?;
    let random_reads: Vec<f64> = plan.sizes.iter().map(|&size| machine::random_read(size)).collect();
    // The memory of a process's first threads and calls does not belong to any recipient.
    Crowd::new()?.grow_to(100, &ProgressBar::hidden())?;
    let before = machine::resident();
    let mut crowd = Crowd::new()?;
    let mut rows = Vec::new();

    println!(
        "{:>10} {:>8} {:>12} {:>7} {:9} {:>11} {:>8} {:>11} {:>8}",
        "recipients", "bytes", "random read", "threads", "generator", "start/s", "ns", "check/s", "ns"
    );
    for (&recipients, random_read) in plan.sizes.iter().zip(random_reads) {
        let progress = progress(recipients);
        crowd.grow_to(recipients, &progress)?;
        progress.finish_and_clear();
        let taken = machine::resident().zip(before).map(|(now, before)| now.saturating_sub(before));
        let bytes = taken.map(|taken| taken as f64 / recipients as f64);
        for (threads, generator) in [1, 2].into_iter().flat_map(|threads| {
            [Generator::System, Generator::Userspace].map(|generator| (threads, generator))
        }) {
            let rates = match generator {
                Generator::System => crowd.measure(threads, plan.rounds, || Ok(SystemRng)),
                Generator::Userspace => crowd.measure(threads, plan.rounds, userspace),
            }?;
            let row = Row { recipients, bytes, random_read, threads, generator, rates };
            println!("{}", line(&row));
            rows.push(row);
        }
    }
    if plan.plot {
        std::fs::write(PLOT, plot::svg(&rows)?)?;
    }
    Ok(())
}

/// Parses the arguments of Cargo and the caller. Only `cargo bench` without `--test` measures;
/// otherwise a run with a thousand recipients shows that everything works.
fn plan(mut arguments: impl Iterator<Item = String>) -> Outcome<Plan> {
    let (mut bench, mut test, mut most) = (false, false, 10_000_000);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--bench" => bench = true,
            "--test" => test = true,
            "--most" => most = arguments.next().ok_or("--most: expected a number of recipients")?.parse()?,
            _ => {}
        }
    }
    if test || !bench {
        return Ok(Plan { sizes: vec![1_000], rounds: 1, plot: false });
    }
    let sizes = (3..8).map(|exponent| 10_usize.pow(exponent)).filter(|&size| size <= most).collect();
    Ok(Plan { sizes, rounds: 8, plot: true })
}

/// Creates a generator that calls the operating system once, for its seed.
fn userspace() -> Outcome<ChaCha20Rng> {
    Ok(ChaCha20Rng::try_from_rng(&mut SystemRng)?)
}

fn line(row: &Row) -> String {
    let Row { recipients, bytes, random_read, threads, generator, rates } = row;
    let bytes = bytes.map_or("-".to_owned(), |bytes| format!("{bytes:.0}"));
    let nanos = |rate: f64| *threads as f64 * 1e9 / rate;
    let generator = match generator {
        Generator::System => "system",
        Generator::Userspace => "userspace",
    };
    format!(
        "{recipients:10} {bytes:>8} {random_read:9.1} ns {threads:7} {generator:9} {:11.0} {:8.0} {:11.0} {:8.0}",
        rates.starts,
        nanos(rates.starts),
        rates.checks,
        nanos(rates.checks),
    )
}

/// Creates a progress bar on standard error if that is a terminal.
fn progress(recipients: usize) -> ProgressBar {
    let target =
        if io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let style = ProgressStyle::with_template("{bar:40} {percent:>3}% {pos} recipients ({eta} left)")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(Some(recipients as u64), target).with_style(style)
}
