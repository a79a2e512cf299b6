//! Does the time of a check reveal anything about a code? Exits with 1 if it does, or if the
//! control, a real leak, is not detected.
//!
//! `cargo run --release -p countersign-evidence --bin constant_time`

use core::error::Error;
use core::hint::black_box;
use std::process::ExitCode;

use clap::Parser;
use countersign::otp::{Attempt, CodeFormat, Record, Step};
use countersign::store::Swap;
use countersign::{Purpose, Refusal};
use countersign_evidence::dudect::{self, Difference, Measured, THRESHOLD};
use countersign_evidence::machine::{Machine, letters};
use countersign_progress as progress;
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;

mod inputs;

use inputs::{Answer, Input, ROWS, Rule, inputs, wrong_at};

/// Times the check of codes that are wrong in different ways, superseded or correct, and compares
/// the times.
#[derive(Parser)]
struct Options {
    /// Minimum number of samples per class.
    #[arg(long, default_value_t = 1_000_000)]
    samples: u64,
    /// Seed of the random order of the classes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Use codes of eight letters instead of six digits.
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
    let alike = check(&options)?;
    println!("{}", if sees && alike { "constant_time: passed" } else { "constant_time: FAILED" });
    Ok(if sees && alike { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Times the whole of [`Record::check`], without a store. Records and entries are copied to one
/// place before the clock starts, so that no class has its own address.
fn check(options: &Options) -> Result<bool, Box<dyn Error>> {
    let format = if options.letters { letters()? } else { CodeFormat::DEFAULT };
    let mut machine = Machine::new()?;
    let inputs = inputs(&mut machine, format)?;
    let context = machine.context();
    let mut record = Record::fresh();
    let mut handle = inputs[0].handle;
    let mut entry = inputs[0].entry.clone();
    let mut run = |input: &Input| {
        record.clone_from(&input.record);
        handle.clone_from(&input.handle);
        entry.clone_from(&input.entry);
        let attempt = Attempt::new(Some(&handle), Purpose::LOGIN, &entry);
        dudect::time(|| black_box(&record).check(black_box(&context), black_box(&attempt)))
    };
    for input in &inputs {
        let (_, step) = run(input);
        let Ok(Step::Write { withheld, .. }) = step else {
            return Err("the check had no verdict".into());
        };
        let answer = match withheld.confirm(Swap::Applied) {
            Some(Ok(_)) => Answer::Right,
            Some(Err(Refusal::Superseded { .. })) => Answer::Superseded,
            _ => Answer::Wrong,
        };
        if answer != input.answer {
            return Err(format!("expected {:?}, the check returned {answer:?}", input.answer).into());
        }
    }
    let measured = measure(options, "check", inputs.len(), |class| run(&inputs[class]).0);
    println!("{:<40} {:>9} {:>8.1}", "wrong everywhere: the baseline", measured.samples(0), measured.mean(0));
    let mut good = true;
    for row in ROWS {
        let difference = measured.compare(row.class, row.baseline);
        let verdict = match (&row.rule, difference.is_seen()) {
            (Rule::Alike, false) => "no difference",
            (Rule::Alike, true) => "DIFFERENCE",
            (Rule::Public, _) => "the answer differs, and the next record with it",
        };
        good &= verdict != "DIFFERENCE";
        print(row.what, &measured, row.class, difference, verdict);
    }
    Ok(good)
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

fn print(what: &str, measured: &Measured, class: usize, difference: Difference, verdict: &str) {
    let Difference { t, visible } = difference;
    let (samples, mean) = (measured.samples(class), measured.mean(class));
    println!("{what:<40} {samples:>9} {mean:>8.1} {visible:>8.2} {t:>9.2}  {verdict}");
}
