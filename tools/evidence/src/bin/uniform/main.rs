//! Are all codes equally likely? Issues codes by the hundred million, and tests each place,
//! neighbours, and whole codes by chi-square. Exits with 1 if the counts are not explained by
//! chance.
//!
//! `cargo run --release -p countersign-evidence --bin uniform`

use core::error::Error;
use std::process::ExitCode;

use clap::Parser;
use countersign::Channel;
use countersign::otp::{CodeFormat, Terms};
use countersign_evidence::chi_square::ChiSquare;
use countersign_evidence::machine::{Machine, letters};
use countersign_progress as progress;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

mod tally;

use tally::Tally;

/// Issues codes, and tests by chi-square whether all are equally likely.
#[derive(Parser)]
struct Options {
    /// Number of six-digit codes. A quarter as many of eight letters are issued.
    #[arg(long, default_value_t = 100_000_000)]
    codes: u64,
    /// Seed of the generator. Another seed fails by chance with a probability of 1 in 500,000 per
    /// row.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let options = Options::parse();
    println!("{:<44} {:>9} {:>14} {:>12}", "six digits", "cells", "chi-square", "probability");
    let digits = issue(CodeFormat::DEFAULT, "0123456789", options.codes, options.seed)?;
    let mut good = judge(&digits);
    let least = digits.whole.iter().min().copied().unwrap_or(0);
    let (first, last) = (digits.whole.first().copied(), digits.whole.last().copied());
    let [first, last] = [first, last].map(|times| times.unwrap_or(0));
    println!("000000 occurred {first} times, 999999 {last} times, the rarest code {least} times");

    println!("{:<44} {:>9} {:>14} {:>12}", "eight letters", "cells", "chi-square", "probability");
    good &= judge(&issue(letters()?, "23456789ABCDEFGHJKMNPQRSTVWXYZ", options.codes / 4, options.seed)?);
    println!("{}", if good { "uniform: passed" } else { "uniform: FAILED" });
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Issues codes, each for a new challenge in a fresh record of the state machine.
fn issue(format: CodeFormat, alphabet: &str, codes: u64, seed: u64) -> Result<Tally, Box<dyn Error>> {
    const AT_ONCE: u64 = 100_000;
    let machine = Machine::new()?;
    let terms = Terms::new(Channel::Sms).with_format(format);
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let mut tally = Tally::new(alphabet, format.length());
    let progress = progress::bar(codes, "codes");
    for number in 1..=codes {
        let (_, issue) = machine.start(&terms, &mut rng)?;
        tally.count(issue.code.as_str())?;
        if number % AT_ONCE == 0 {
            progress.inc(AT_ONCE);
        }
    }
    progress.finish_and_clear();
    Ok(tally)
}

/// Prints a row for each test, and returns whether all of them pass.
fn judge(tally: &Tally) -> bool {
    let mut good = true;
    for (what, counts) in tally.rows() {
        let row = ChiSquare::of(counts);
        let verdict = if row.is_even() { "" } else { "  UNEVEN" };
        let (cells, statistic, probability) = (counts.len(), row.statistic, row.probability());
        println!("{what:<44} {cells:>9} {statistic:>14.1} {probability:>12.6}{verdict}");
        good &= row.is_even();
    }
    good
}
