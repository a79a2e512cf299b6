//! Authenticators, and passcodes that belong to an account: in the pure state machine and with the
//! in-memory store, next to floors in the same run.
//!
//! `cargo bench --bench accounts`

mod machine;
mod memory_store;

use core::error::Error;
use core::time::Duration;

use criterion::Criterion;

fn main() -> Result<(), Box<dyn Error>> {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    machine::floors(&mut criterion)?;
    machine::checks(&mut criterion)?;
    memory_store::totp(&mut criterion)?;
    memory_store::passcodes(&mut criterion)?;
    criterion.final_summary();
    Ok(())
}
