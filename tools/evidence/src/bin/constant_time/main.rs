//! Does the time of a check reveal anything about a code? Exits with 1 if it does, or if the
//! control, a real leak, is not detected.
//!
//! `cargo run --release -p countersign-evidence --bin constant_time`

use core::error::Error;
use core::hint::black_box;
use std::process::ExitCode;

use clap::Parser;
use countersign_evidence::dudect::{self, Measured, THRESHOLD};
use countersign_progress as progress;
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;

mod authenticators;
mod passcodes;
mod rows;

use passcodes::wrong_at;
use rows::print;

/// Times the check of passcodes and of authenticators' codes that are wrong in different ways, used
/// or correct, and compares the times.
#[derive(Parser)]
struct Options {
    /// Minimum number of samples per class.
    #[arg(long, default_value_t = 1_000_000)]
    samples: u64,
    /// Seed of the random order of the classes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Use passcodes of eight letters instead of six digits.
    #[arg(long)]
    letters: bool,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let options = Options::parse();
    println!(
        "dudect: {} samples a class, no difference is |t| < {THRESHOLD}; times in ticks",
        options.samples
    );
    println!("{:<40} {:>9} {:>8} {:>8} {:>9}", "class", "samples", "mean", "seen at", "t");
    let sees = leaky_compare(&options);
    let alike = passcodes::check(&options)? & authenticators::check(&options)?;
    println!("{}", if sees && alike { "constant_time: passed" } else { "constant_time: FAILED" });
    Ok(if sees && alike { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Times a comparison that stops at the first difference, which must be detected.
fn leaky_compare(options: &Options) -> bool {
    let code = "483920";
    let entries = [wrong_at(code, 0..1), wrong_at(code, 5..6)];
    let mut entry = entries[0].clone();
    let measured = measure(options, "control", entries.len(), |class| {
        entry.clone_from(&entries[class]);
        dudect::time(|| leaky_equal(black_box(&entry), black_box(code))).0
    });
    let difference = measured.compare(1, 0);
    let verdict = if difference.is_seen() { "seen, as it must be" } else { "NOT SEEN" };
    print("control: leaky, last against first", &measured, 1, difference, verdict);
    difference.is_seen()
}

#[inline(never)]
fn leaky_equal(one: &str, other: &str) -> bool {
    one.bytes().zip(other.bytes()).all(|(a, b)| black_box(a) == b)
}

fn measure(
    options: &Options,
    what: &'static str,
    classes: usize,
    time: impl FnMut(usize) -> u64,
) -> Measured {
    let progress = progress::bar(options.samples * classes as u64, what);
    let mut rng = ChaCha8Rng::seed_from_u64(options.seed);
    let measured = dudect::measure(classes, options.samples, &mut rng, time, |taken| progress.inc(taken));
    progress.finish_and_clear();
    measured
}
