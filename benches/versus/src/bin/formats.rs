//! The cost of display formats beside the peers that have libphonenumber's: from a parsed number to
//! its text.
//!
//! ```text
//! cargo run --release --manifest-path benches/versus/Cargo.toml --bin formats
//! ```
//!
//! The clock runs over the numbers of the benches, 10,000 valid ones of the whole world. A text
//! differs if it is not countersign's, which is that of libphonenumber in the version of our
//! metadata (`agreement/formats.py`).

use std::error::Error;
use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use countersign::PhoneNumber;
use countersign::format::Formatted;
use rlibphonenumber::PhoneNumberFormat as Style;

const NUMBERS: &str = include_str!("../../../corpus/numbers.txt");
const HEADER: &str = "/usr/include/phonenumbers/phonenumberutil.h";
const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/cpp/formats.cc");
const STYLES: [(&str, fn(PhoneNumber) -> Formatted, Style); 3] = [
    ("international", PhoneNumber::international, Style::International),
    ("national", PhoneNumber::national, Style::National),
    ("RFC 3966", PhoneNumber::rfc3966, Style::RFC3966),
];
/// How long to repeat the rounds of a format.
const ENOUGH: Duration = Duration::from_secs(3);

fn main() -> Result<(), Box<dyn Error>> {
    let ours = NUMBERS.lines().map(str::parse).collect::<Result<Vec<PhoneNumber>, _>>()?;
    let theirs = NUMBERS.lines().map(str::parse).collect::<Result<Vec<rlibphonenumber::PhoneNumber>, _>>()?;
    let cpp = cpp();
    println!("{:14} {:18} {:>11} {:>8}", "format", "library", "ns a number", "differ");
    for (place, (name, format, style)) in STYLES.into_iter().enumerate() {
        let texts: Vec<String> = ours.iter().map(|number| format(*number).to_string()).collect();
        let differ = |others: &mut dyn Iterator<Item = String>| {
            texts.iter().zip(others).filter(|(a, b)| **a != *b).count()
        };
        let line = |library, nanos, differ| println!("{name:14} {library:18} {nanos:11.1} {differ:8}");
        line("countersign", fastest(&ours, |number| black_box(format(**number)).as_str().len()), 0);
        let text = |number: &rlibphonenumber::PhoneNumber| number.format_as(style).into_owned();
        let nanos = fastest(&theirs, |number| black_box(number.format_as(style)).len());
        line("rlibphonenumber", nanos, differ(&mut theirs.iter().map(text)));
        match &cpp {
            Ok(output) => {
                let mut lines = output.lines().skip(place * (ours.len() + 1));
                let nanos = lines.next().unwrap_or_default().parse()?;
                line("libphonenumber C++", nanos, differ(&mut lines.map(str::to_owned)));
            }
            Err(why) => println!("{name:14} libphonenumber C++ skipped: {why}"),
        }
    }
    Ok(())
}

/// Returns the time of the fastest round, for one number.
fn fastest<T>(numbers: &[T], format: impl Fn(&&T) -> usize) -> f64 {
    let (started, mut fastest) = (Instant::now(), Duration::MAX);
    while started.elapsed() < ENOUGH {
        let round = Instant::now();
        black_box(numbers.iter().map(|number| format(&black_box(number))).sum::<usize>());
        fastest = fastest.min(round.elapsed());
    }
    fastest.as_nanos() as f64 / numbers.len() as f64
}

/// Compiles and runs `cpp/formats.cc`: for each format, a line with the time of the fastest round
/// for one number, and the texts.
fn cpp() -> Result<String, Box<dyn Error>> {
    if !Path::new(HEADER).exists() {
        return Err("not installed; on Debian: apt-get install g++ libphonenumber-dev".into());
    }
    let program = std::env::current_exe()?.with_file_name("libphonenumber-formats");
    let compiled =
        Command::new("g++").args(["-O2", "-std=c++17", SOURCE, "-lphonenumber", "-o"]).arg(&program).status();
    if !compiled.map_err(|error| format!("g++ does not start: {error}"))?.success() {
        return Err(format!("g++ cannot compile {SOURCE}").into());
    }
    let mut child = Command::new(&program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(NUMBERS.as_bytes())?;
    }
    Ok(String::from_utf8(child.wait_with_output()?.stdout)?)
}
