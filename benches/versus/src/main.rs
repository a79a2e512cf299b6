//! countersign and its peers, asked the same in the same run: is this number valid, of which region
//! and of which kind?
//!
//! ```text
//! cargo run --release --manifest-path benches/versus/Cargo.toml
//! ```
//!
//! The clock runs over the numbers of the benches, 10,000 valid ones of the whole world; the
//! answers are compared with libphonenumber's own about 41,000, valid and not.
//! `benches/versus/README.md` says why they differ. Writes
//! `docs/images/versus.svg`.

mod answer;
mod cpp;
mod expected;
mod measure;
mod peers;
mod plot;

use std::error::Error;

use expected::{Expected, Wrong, expected};
use measure::{Measured, measure};
use peers::PEERS;
use plot::Bar;

const NUMBERS: &str = include_str!("../../corpus/numbers.txt");
const PLOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/images/versus.svg");

/// A row of the table.
struct Row {
    name: &'static str,
    metadata: String,
    measured: Measured,
    wrong: Wrong,
    note: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    let numbers: Vec<&str> = NUMBERS.lines().collect();
    let expected = expected();
    println!("{} numbers for the clock, {} for the answers.\n", numbers.len(), expected.len());
    println!(
        "{:20} {:8} {:>11} {:>13} {:>15} {:>13} {:>11} {:>6} {:>6}  note",
        "library",
        "metadata",
        "ns a number",
        "first call ms",
        "memory after it",
        "after a round",
        "allocations",
        "wrong",
        "of"
    );
    let mut rows = Vec::new();
    for peer in PEERS {
        let timed: Vec<&str> = numbers.iter().copied().step_by(peer.every).collect();
        let sample = || expected.iter().step_by(peer.every);
        let measured = measure(peer.ask, &timed, &texts(sample()));
        let mut note = peer.note.to_owned();
        if peer.every > 1 {
            note = format!("slow, so every {}th number: {} for the clock", peer.every, timed.len());
        }
        let wrong = Wrong::of(sample(), &measured.answers);
        rows.push(Row { name: peer.name, metadata: peer.metadata.to_owned(), measured, wrong, note });
        rows.iter().last().inspect(|row| println!("{}", line(row)));
    }
    match cpp::measure(&numbers, &texts(&expected)) {
        Ok(measured) => {
            let wrong = Wrong::of(&expected, &measured.answers);
            let note = "resident memory; allocations not counted".to_owned();
            rows.push(Row { name: "libphonenumber C++", metadata: cpp::version(), measured, wrong, note });
            rows.iter().last().inspect(|row| println!("{}", line(row)));
        }
        Err(why) => println!("libphonenumber C++   skipped: {why}"),
    }
    println!("\nWrong is what libphonenumber of metadata {} does not say.", countersign::number::METADATA_VERSION);
    println!("Who has metadata of another version differs for that reason too.\n");
    rows.iter().for_each(|row| row.wrong.explain(row.name));
    std::fs::write(
        PLOT,
        plot::svg("Is it valid, where, and what kind? Time for one number (log scale)", &bars(&rows))?,
    )?;
    Ok(())
}

fn texts<'a>(expected: impl IntoIterator<Item = &'a Expected>) -> Vec<&'a str> {
    expected.into_iter().map(|expected| expected.number.as_str()).collect()
}

fn line(Row { name, metadata, measured, wrong, note }: &Row) -> String {
    let allocations = measured.allocations.map_or("-".to_owned(), |count| format!("{count:.1}"));
    format!(
        "{name:20} {metadata:8} {:11.1} {:13.3} {:>15} {:>13} {allocations:>11} {:6} {:6}  {note}",
        measured.nanos,
        measured.first_millis,
        bytes(measured.memory_after_first),
        bytes(measured.memory_after_round),
        wrong.count(),
        measured.answers.len(),
    )
}

fn bytes(count: i64) -> String {
    match count {
        0..10_000 => format!("{count} B"),
        10_000..10_000_000 => format!("{} KB", count / 1_000),
        _ => format!("{} MB", count / 1_000_000),
    }
}

fn bars(rows: &[Row]) -> Vec<Bar> {
    let bar = |row: &Row| Bar {
        name: row.name.to_owned(),
        nanos: row.measured.nanos,
        label: format!(
            "{}, {:.2}% wrong",
            time(row.measured.nanos),
            100.0 * row.wrong.count() as f64 / row.measured.answers.len() as f64
        ),
    };
    rows.iter().map(bar).collect()
}

/// Nanoseconds, in groups of three digits.
fn time(nanos: f64) -> String {
    if nanos < 100.0 {
        return format!("{nanos:.1} ns");
    }
    let digits = format!("{nanos:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + " ns"
}
