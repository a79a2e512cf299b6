//! Issuing and checking a code, in the pure state machine and with the in-memory store, next to
//! floors in the same run.
//!
//! `cargo bench --bench passcode`

mod machine;
mod memory_store;

use core::error::Error;
use core::hint::black_box;
use core::time::Duration;

use countersign::rng::SystemRng;
use criterion::Criterion;
use hmac::{Hmac, KeyInit, Mac};
use rand_core::TryRng;
use sha2::Sha256;

fn main() -> Result<(), Box<dyn Error>> {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    floors(&mut criterion)?;
    machine::check(&mut criterion)?;
    machine::issue(&mut criterion)?;
    machine::record(&mut criterion)?;
    memory_store::start(&mut criterion)?;
    memory_store::check(&mut criterion)?;
    criterion.final_summary();
    Ok(())
}

/// The least work of a check: an HMAC-SHA256 with an expanded key, of a message as long as the
/// input of a tag. And the least work of a verifier call: eight bytes of the operating system's
/// generator.
fn floors(criterion: &mut Criterion) -> Result<(), Box<dyn Error>> {
    const KEY: [u8; 32] = [7; 32];
    const MESSAGE: [u8; 53] = [42; 53];
    let keyed: Hmac<Sha256> = Hmac::new_from_slice(&KEY)?;
    let hmac = |message: &[u8]| {
        let mut mac = keyed.clone();
        mac.update(message);
        mac.finalize().into_bytes()
    };
    let mut keyed_anew: Hmac<Sha256> = Hmac::new_from_slice(&KEY)?;
    keyed_anew.update(&MESSAGE);
    assert_eq!(hmac(&MESSAGE), keyed_anew.finalize().into_bytes());

    let mut group = criterion.benchmark_group("floor");
    group.bench_function("hmac_prekeyed_53", |bencher| bencher.iter(|| hmac(black_box(&MESSAGE))));
    assert_ne!(SystemRng.try_next_u64()?, SystemRng.try_next_u64()?);
    group.bench_function("system_rng_8_bytes", |bencher| bencher.iter(|| SystemRng.try_next_u64()));
    group.finish();
    Ok(())
}
