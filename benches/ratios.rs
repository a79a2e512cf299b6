//! Prints the results of the other benches, each next to its floor and its target. `cargo bench`
//! runs it last.
//!
//! It times nothing: it reads criterion's results, and reports missing ones. Both figures of a
//! ratio are those of the fastest sample: other work on the machine can only slow a sample down,
//! and it never slows two benches alike. The median shows how much other work there was.

use core::error::Error;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// A bench, its floor, and its target.
type Row = (&'static str, &'static str, Option<Target>);

/// A multiple of the floor, plus a number of nanoseconds.
#[derive(Clone, Copy)]
struct Target(f64, f64);

/// Walking the plan may take 10 ns more: it also determines kind and validity.
const WITH_PLAN: Option<Target> = Some(Target(2.0, 10.0));
/// Each of many numbers, whose loads overlap.
const MANY: Option<Target> = Some(Target(0.0, 7.0));
const CHECK: Option<Target> = Some(Target(1.25, 0.0));

/// The guard's decisions, over 10⁶ entries.
const KNOWN: Option<Target> = Some(Target(0.0, 400.0));
const STRANGER: Option<Target> = Some(Target(0.0, 1_000.0));
/// A decision and its charge: each at most 1 µs.
const CHARGED: Option<Target> = Some(Target(0.0, 2_000.0));
/// From 10⁴ entries to 10⁷.
const GROWTH: Option<Target> = Some(Target(2.0, 0.0));

/// A check of an authenticator's code.
const TOTP: Option<Target> = Some(Target(1.5, 0.0));

const ROWS: [Row; 37] = [
    ("totp/check_wrong", "totp/floor", TOTP),
    ("totp/check_right", "totp/floor", TOTP),
    ("totp/check_right_after_a_rotation", "totp/floor_with_seal", TOTP),
    ("totp/whole_wrong", "totp/floor_with_seal", TOTP),
    ("totp/whole_right", "totp/floor_with_seal", TOTP),
    ("totp/whole_right_after_a_rotation", "totp/floor_with_seal", TOTP),
    ("totp/memory_store_right", "totp/floor", None),
    ("totp/memory_store_wrong", "totp/floor", None),
    ("passcode/start_of_account", "passcode/start_alone", None),
    ("passcode/check_of_account", "passcode/check_alone", None),
    ("guard/known/1000000", "guard/floor_known/1000000", KNOWN),
    ("guard/stranger/1000000", "guard/floor_stranger/1000000", STRANGER),
    ("guard/stranger_charged/1000000", "guard/stranger/1000000", CHARGED),
    ("guard/known/10000000", "guard/known/10000", GROWTH),
    ("guard/stranger/10000000", "guard/stranger/10000", GROWTH),
    ("guard/stranger_charged/10000000", "guard/stranger_charged/10000", GROWTH),
    ("floor/validate_and_load", "floor/empty_loop", None),
    ("number/string_to_decision", "floor/validate_and_load", WITH_PLAN),
    ("number/strings_to_decisions", "floor/validate_and_load", MANY),
    ("number/strings_to_decisions", "number/string_to_decision", None),
    ("number/parse", "floor/validate_and_load", None),
    ("number/region", "floor/empty_loop", None),
    ("number/region_code", "number/region", None),
    ("number/policy_alone", "floor/empty_loop", None),
    ("chained/string_to_decision", "chained/floor_validate_and_load", WITH_PLAN),
    ("cold/string_to_decision", "floor/validate_and_load", None),
    ("check/pure_machine_wrong", "floor/hmac_prekeyed_53", CHECK),
    ("check/pure_machine_right", "floor/hmac_prekeyed_53", CHECK),
    ("issue/pure_machine", "floor/hmac_prekeyed_53", None),
    ("issue/pure_machine_system_rng", "floor/system_rng_8_bytes", None),
    ("record/encode", "floor/hmac_prekeyed_53", None),
    ("record/decode", "floor/hmac_prekeyed_53", None),
    ("start/memory_store", "floor/system_rng_8_bytes", None),
    ("start/memory_store_buffered_rng", "floor/system_rng_8_bytes", None),
    ("check/memory_store_wrong", "floor/system_rng_8_bytes", None),
    ("check/memory_store_right", "floor/system_rng_8_bytes", None),
    ("check/memory_store_right_buffered_rng", "floor/system_rng_8_bytes", None),
];

fn main() {
    let Some(folder) = criterion_folder() else {
        println!("No results yet: run `cargo bench` first.");
        return;
    };
    println!("Nanoseconds per number or call: the fastest sample, and the median of all samples.\n");
    println!(
        "{:37} {:>8} {:>8}   {:32} {:>8}   {:>6}",
        "bench", "fastest", "median", "floor", "fastest", "ratio"
    );
    for row in ROWS {
        println!("{}", line(&folder, row));
    }
}

fn line(folder: &Path, (bench, floor, target): Row) -> String {
    match (figure(folder, bench), figure(folder, floor)) {
        (Ok(Figure { fastest, median }), Ok(base)) => {
            let ratio = fastest / base.fastest;
            let verdict = target.map_or(String::new(), |target| target.verdict(fastest, base.fastest));
            format!(
                "{bench:37} {fastest:8.2} {median:8.2}   {floor:32} {:8.2}   {ratio:6.2}{verdict}",
                base.fastest
            )
        }
        (Err(error), _) => format!("{bench:37} no result: {error}"),
        (_, Err(error)) => format!("{bench:37} no result for its floor {floor}: {error}"),
    }
}

impl Target {
    fn verdict(self, nanos: f64, floor: f64) -> String {
        let Self(times, plus) = self;
        let verdict = if nanos <= times * floor + plus { "meets" } else { "misses" };
        match (times > 0.0, plus > 0.0) {
            (true, true) => format!("  {verdict} {times} x floor + {plus} ns"),
            (true, false) => format!("  {verdict} {times} x floor"),
            (false, _) => format!("  {verdict} {plus} ns"),
        }
    }
}

/// The result of one bench, in nanoseconds.
struct Figure {
    fastest: f64,
    median: f64,
}

fn figure(folder: &Path, bench: &str) -> Result<Figure, Box<dyn Error>> {
    let kept = folder.join(bench).join("new");
    let [about, estimates, sample] = ["benchmark.json", "estimates.json", "sample.json"].map(|file| {
        let path = kept.join(file);
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        serde_json::from_str::<Value>(&text).map_err(|error| format!("{}: {error}", path.display()))
    });
    let (about, estimates, sample) = (about?, estimates?, sample?);

    let elements = about["throughput"]["Elements"].as_f64().unwrap_or(1.0);
    let median = estimates["median"]["point_estimate"].as_f64().ok_or("criterion's result has no median")?;
    let numbers =
        |list: &Value| list.as_array().map(|list| list.iter().filter_map(Value::as_f64).collect::<Vec<_>>());
    let times = numbers(&sample["times"]).ok_or("criterion's result has no times")?;
    let iterations = numbers(&sample["iters"]).ok_or("criterion's result has no iterations")?;
    let fastest =
        times.iter().zip(iterations).map(|(time, count)| time / count).fold(f64::INFINITY, f64::min);
    Ok(Figure { fastest: fastest / elements, median: median / elements })
}

/// Returns criterion's folder: as configured, or in the target folder, which also contains this
/// program.
fn criterion_folder() -> Option<PathBuf> {
    if let Some(told) = env::var_os("CRITERION_HOME") {
        return Some(PathBuf::from(told));
    }
    let program = env::current_exe().ok()?;
    program.ancestors().map(|folder| folder.join("criterion")).find(|folder| folder.is_dir())
}
