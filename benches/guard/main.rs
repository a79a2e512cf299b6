//! Deciding sends and charging them over tallies in memory, next to floors in the same run.
//!
//! `cargo bench --bench guard`. Filling the largest table takes some ten seconds.

#![allow(clippy::unwrap_used, reason = "a bench that cannot continue stops")]

mod floor;
mod world;

use core::error::Error;
use core::hint::black_box;
use core::time::Duration;

use criterion::{BenchmarkId, Criterion};
use floor::Floor;
use world::World;

/// Entries in the tables.
const SIZES: [usize; 3] = [10_000, 1_000_000, 10_000_000];

fn main() -> Result<(), Box<dyn Error>> {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    for size in SIZES {
        let mut world = World::new(size)?;
        println!("{} entries: {} numbers and their blocks", world.entries(), world.numbers());
        world.assert_answers();
        floors(&mut criterion, size);
        let mut group = criterion.benchmark_group("guard");
        group.bench_function(BenchmarkId::new("known", size), |bencher| {
            let mut people = world.known().cycle();
            bencher.iter(|| world.decide_known(black_box(people.next().unwrap())));
        });
        group.bench_function(BenchmarkId::new("stranger", size), |bencher| {
            let mut people = world.strangers().cycle();
            bencher.iter(|| world.decide(black_box(people.next().unwrap())));
        });
        group.bench_function(BenchmarkId::new("stranger_charged", size), |bencher| {
            bencher.iter(|| world.charge_next());
        });
        group.finish();
    }
    criterion.final_summary();
    Ok(())
}

/// The least work of each decision, in a table as long: one SHA-256 compression and one random load
/// for each entry that is read.
fn floors(criterion: &mut Criterion, size: usize) {
    let mut floor = Floor::new(size);
    let mut group = criterion.benchmark_group("guard");
    group.bench_function(BenchmarkId::new("floor_known", size), |bencher| bencher.iter(|| floor.read::<1>()));
    group.bench_function(BenchmarkId::new("floor_stranger", size), |bencher| {
        bencher.iter(|| floor.read::<{ world::ENTRIES_OF_A_STRANGER }>());
    });
    group.finish();
}
