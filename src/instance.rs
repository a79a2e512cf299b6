//! Keeps operation ids distinct even if generators are in the same state.

use core::sync::atomic::{AtomicUsize, Ordering};

/// Counts the operations of all verifiers in this process.
static OPERATIONS: AtomicUsize = AtomicUsize::new(0);

/// The part of an operation id that keeps it unique, besides the draw from the generator.
///
/// Two generators can be in the same state: after a fork, in a resumed snapshot of a virtual
/// machine, or where each request seeds its own from the same value. If two calls had the same id,
/// each would take the other's write for its own, and a code would be accepted twice.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Instance {
    /// Drawn from the system when the verifier was created; the counter and the process id are
    /// added.
    Own(u64),
    /// Given by the caller.
    Given(u64),
}

impl Instance {
    pub(crate) fn new() -> Self {
        #[cfg(feature = "std")]
        // Without a generator nothing is issued; checks still have the counter and the process id.
        let value = getrandom::u64().unwrap_or_default();
        #[cfg(not(feature = "std"))]
        let value = 0;
        Self::Own(value)
    }

    /// Returns an operation id for a draw of the generator.
    ///
    /// For one draw and one instance value it is injective in the process id (24 bits) and the
    /// counter (40 bits). No two operations of a process and its forks share an id, even if their
    /// draws are equal. A draw that cannot repeat after a fork, such as the system generator's,
    /// omits the process id, which costs a system call.
    pub(crate) fn operation(self, draw: u64, may_repeat: bool) -> u64 {
        let apart = match self {
            Self::Given(value) => value,
            Self::Own(value) => {
                let process = if may_repeat { process() } else { 0 };
                value ^ process << 40 ^ (next() & ((1 << 40) - 1))
            }
        };
        draw.wrapping_add(spread(apart))
    }
}

fn next() -> u64 {
    OPERATIONS.fetch_add(1, Ordering::Relaxed) as u64
}

/// Read at each call, because a fork changes it.
fn process() -> u64 {
    #[cfg(feature = "std")]
    return std::process::id().into();
    #[cfg(not(feature = "std"))]
    0
}

/// A permutation of 64-bit numbers that scatters adjacent values: the finalizer of `SplitMix64`
/// (Steele, Lea and Flood, OOPSLA 2014).
const fn spread(number: u64) -> u64 {
    let number = (number ^ number >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ number >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ number >> 31
}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use alloc::collections::BTreeSet;

    #[test]
    fn equal_draws_give_different_operation_ids() {
        let instance = Instance::new();
        let clone = instance;
        let ids: BTreeSet<_> =
            (0..500).flat_map(|_| [instance.operation(7, true), clone.operation(7, true)]).collect();
        assert_eq!(ids.len(), 1000);
    }

    #[test]
    fn with_a_given_instance_the_id_depends_only_on_the_draw() {
        let instance = Instance::Given(3);
        assert_eq!(instance.operation(7, true), instance.operation(7, true));
        assert_ne!(instance.operation(7, true), Instance::Given(4).operation(7, true));
        assert_ne!(instance.operation(7, true), instance.operation(8, true));
    }

    /// Known outputs of `SplitMix64`: seeded with 0, its first states are multiples of the odd
    /// fraction of the golden ratio.
    #[test]
    fn spread_matches_published_splitmix64_outputs() {
        const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;
        assert_eq!(spread(GAMMA), 0xE220_A839_7B1D_CDAF);
        assert_eq!(spread(GAMMA.wrapping_mul(2)), 0x6E78_9E6A_A1B9_65F4);
    }

    #[cfg(feature = "std")]
    #[test]
    fn instances_of_one_process_differ() {
        let [Instance::Own(one), Instance::Own(two)] = [Instance::new(), Instance::new()] else {
            panic!("drawn from the system");
        };
        assert_ne!(one, two);
    }
}
