//! Sequences of calls on accounts, at any times, over a store that loses replies: each code
//! succeeds once, failures are at most those that were charged, and a lock lets nothing through.

mod ledger;
mod world;

use countersign::store::Store;

use super::bytes::Bytes;
use crate::faulty::{Faulty, StoreFault};
use world::World;

/// The operations of a sequence, at most.
const LONGEST: usize = 48;

const FAULTS: [StoreFault; 6] = [
    StoreFault::LoadFails,
    StoreFault::SwapFails,
    StoreFault::Conflict,
    StoreFault::LostBefore,
    StoreFault::LostAfter,
    StoreFault::Late,
];

/// Takes whether the store has faults, a seed for codes, and operations.
pub fn run(data: &[u8]) {
    let mut bytes = Bytes(data);
    let has_faults = bytes.below(2) == 1;
    let seed = bytes.byte().into();
    if has_faults {
        let store = Faulty::default();
        sequence(&mut World::new(&store, seed), &mut bytes, |bytes| {
            let fault = FAULTS.get(bytes.below(16));
            store.scripted.borrow_mut().clear();
            store.scripted.borrow_mut().extend(fault);
            fault.is_some()
        });
    } else {
        let store = countersign::MemoryStore::new();
        sequence(&mut World::new(&store, seed), &mut bytes, |_| false);
    }
}

/// `fault` returns whether the next call meets a fault.
fn sequence<S: Store>(
    world: &mut World<'_, S>,
    bytes: &mut Bytes<'_>,
    fault: impl Fn(&mut Bytes<'_>) -> bool,
) {
    for _ in 0..LONGEST {
        if bytes.is_empty() {
            return;
        }
        world.may_fail = fault(bytes);
        world.step(bytes);
        world.may_fail = false;
        world.look();
    }
}
