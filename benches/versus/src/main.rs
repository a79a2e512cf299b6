//! countersign and its peers, asked the same in the same run: of which region is this number?
//!
//! ```text
//! cargo run --release --manifest-path benches/versus/Cargo.toml
//! ```
//!
//! The numbers are those of the benches, 10,000 valid ones of the whole world. Every library parses the string and names the
//! region, which is all that every one of them can do. What differs, and why, is in `benches/versus/README.md`.

mod measure;
mod peers;

use std::collections::BTreeMap;

use measure::{Measured, measure};
use peers::{Answer, PEERS};

const NUMBERS: &str = include_str!("../../corpus/numbers.txt");

fn main() {
    let numbers: Vec<&str> = NUMBERS.lines().collect();
    println!("{} numbers; the heap is what is still held after the call or round.\n", numbers.len());
    println!(
        "{:30} {:>11} {:>13} {:>14} {:>14} {:>13} {:>8}",
        "library", "ns a number", "first call ms", "heap after it", "after a round", "allocations", "differs"
    );
    let mut ours: Option<Vec<Answer>> = None;
    let mut explained = Vec::new();
    for peer in PEERS {
        let measured = measure(peer.ask, &numbers);
        let ours = ours.get_or_insert_with(|| measured.answers.clone());
        let differences = differences(ours, &measured.answers, &numbers);
        println!("{}", line(peer.name, &measured, differences.values().map(|(count, _)| count).sum()));
        explained.push((peer.name, differences));
    }
    for (name, differences) in explained {
        explain(name, differences);
    }
}

fn line(name: &str, measured: &Measured, differing: usize) -> String {
    let Measured { nanos, first_millis, heap_after_first, heap_after_round, allocations, .. } = measured;
    format!(
        "{name:30} {nanos:11.1} {first_millis:13.3} {:>14} {:>14} {allocations:13.1} {differing:8}",
        bytes(*heap_after_first),
        bytes(*heap_after_round),
    )
}

fn bytes(count: i64) -> String {
    match count {
        0..10_000 => format!("{count} B"),
        10_000..10_000_000 => format!("{} KB", count / 1_000),
        _ => format!("{} MB", count / 1_000_000),
    }
}

/// How often each pair of unlike answers came, and a number for which it did.
type Differences<'a> = BTreeMap<(Answer, Answer), (usize, &'a str)>;

fn differences<'a>(ours: &[Answer], theirs: &[Answer], numbers: &[&'a str]) -> Differences<'a> {
    let mut differences = Differences::new();
    for ((&ours, &theirs), number) in ours.iter().zip(theirs).zip(numbers) {
        if ours != theirs {
            differences.entry((theirs, ours)).or_insert((0, *number)).0 += 1;
        }
    }
    differences
}

fn explain(name: &str, differences: Differences<'_>) {
    const SHOWN: usize = 8;
    if differences.is_empty() {
        return;
    }
    println!("\n{name} says, where countersign says something else:");
    let mut rows: Vec<_> = differences.into_iter().collect();
    rows.sort_by_key(|(_, (count, _))| core::cmp::Reverse(*count));
    for ((theirs, ours), (count, number)) in rows.iter().take(SHOWN) {
        println!("{count:7} times {theirs}, not {ours}, such as {number}");
    }
    let rest: usize = rows.iter().skip(SHOWN).map(|(_, (count, _))| count).sum();
    if rest > 0 {
        println!("{rest:7} times something else");
    }
}
