//! A verifier and a [`BufferedRng`] created before a `fork`: the two processes never create the
//! same operation id, and never get the same bytes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[cfg(not(unix))]
fn main() {}

#[cfg(unix)]
fn main() {
    unix::operations_differ();
    unix::buffered_bytes_differ();
    println!("fork: passed");
}

#[cfg(unix)]
mod unix {
    use std::cell::RefCell;
    use std::collections::BTreeSet;
    use std::fs::File;
    use std::io::{Read, Write};
    use std::os::fd::FromRawFd;

    use countersign::otp::Record;
    use countersign::rng::{BufferedRng, SystemRng};
    use countersign::store::{Keep, Loaded, RecordKey, Revision, Store, StoreError, Swap};
    use countersign::{Channel, Handle, Keys, MemoryStore, PhoneNumber, Timestamp, Verifier};
    use rand_chacha::ChaCha20Rng;
    use rand_core::{SeedableRng, TryRng};

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
    const CALLS: usize = 20;

    /// Runs a function in a child process, and returns its bytes.
    #[allow(unsafe_code, reason = "the standard library has no fork")]
    fn in_child(run: impl FnOnce() -> Vec<u8>) -> Vec<u8> {
        let mut ends = [0; 2];
        // SAFETY: `ends` has room for the two descriptors that `pipe` writes.
        assert_eq!(unsafe { libc::pipe(ends.as_mut_ptr()) }, 0);
        // SAFETY: a descriptor that `pipe` has just opened, and that nobody else owns.
        let mut from = unsafe { File::from_raw_fd(ends[0]) };
        // SAFETY: as for the other end.
        let mut to = unsafe { File::from_raw_fd(ends[1]) };
        // SAFETY: this process has one thread, so the child may do whatever the parent may.
        let child = unsafe { libc::fork() };
        assert!(child >= 0, "fork failed");
        if child == 0 {
            to.write_all(&run()).unwrap();
            drop(to);
            // SAFETY: ends the child without running the parent's exit handlers.
            unsafe { libc::_exit(0) };
        }
        drop(to);
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        let mut status = 0;
        // SAFETY: `status` is a valid place, and the child is this process's own.
        assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
        assert_eq!(status, 0, "the child failed");
        bytes
    }

    /// A store that records the operation of each written record.
    struct Noting {
        store: MemoryStore,
        keys: Keys,
        operations: RefCell<Vec<u64>>,
    }

    impl Store for Noting {
        fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
            self.store.load(key)
        }

        fn compare_and_swap(
            &self,
            key: &RecordKey,
            expected: Revision,
            record: &[u8],
            keep: Keep,
        ) -> Result<Swap, StoreError> {
            let decoded = Record::decode(record, key, &self.keys).unwrap();
            self.operations.borrow_mut().push(decoded.operation());
            self.store.compare_and_swap(key, expected, record, keep)
        }
    }

    impl Noting {
        fn new() -> Self {
            let operations = RefCell::default();
            Self { store: MemoryStore::new(), keys: keys(), operations }
        }
    }

    fn keys() -> Keys {
        Keys::from_secret([7; 32]).unwrap()
    }

    fn number() -> PhoneNumber {
        "+12025550162".parse().unwrap()
    }

    /// Returns the operations of a few calls, each with a generator that begins in the same state.
    fn operations(verifier: &Verifier<&Noting>, store: &Noting, handle: Handle) -> Vec<u64> {
        store.operations.borrow_mut().clear();
        for _ in 0..CALLS {
            let mut rng = ChaCha20Rng::from_seed([5; 32]);
            verifier.at(NOW, &mut rng).undelivered(number(), handle).unwrap();
        }
        store.operations.borrow().clone()
    }

    fn bytes(operations: &[u64]) -> Vec<u8> {
        operations.iter().flat_map(|operation| operation.to_le_bytes()).collect()
    }

    fn numbers(bytes: &[u8]) -> Vec<u64> {
        bytes.as_chunks().0.iter().map(|&chunk| u64::from_le_bytes(chunk)).collect()
    }

    /// The parent, two children, and a child that clones the verifier share no operation id.
    pub(super) fn operations_differ() {
        let store = Noting::new();
        let verifier = Verifier::new(keys(), &store);
        let handle = verifier.at(NOW, &mut SystemRng).start(number(), Channel::Sms).unwrap().handle();
        let by_child = || numbers(&in_child(|| bytes(&operations(&verifier, &store, handle))));
        let by_clone = || numbers(&in_child(|| bytes(&operations(&verifier.clone(), &store, handle))));
        let (first, second, cloned) = (by_child(), by_child(), by_clone());
        let by_parent = operations(&verifier, &store, handle);
        let all = [first, second, cloned, by_parent].concat();
        let different: BTreeSet<u64> = all.iter().copied().collect();
        assert_eq!((all.len(), different.len()), (4 * CALLS, 4 * CALLS), "operation ids repeat");
    }

    /// However much of the block is left at the fork: both processes continue with different bytes.
    pub(super) fn buffered_bytes_differ() {
        for used in [0, 1, 16, 200, 255, 256] {
            let mut rng = BufferedRng::new(SystemRng);
            let mut bytes = vec![0; used];
            rng.try_fill_bytes(&mut bytes).unwrap();
            let forty = |rng: &mut BufferedRng<SystemRng>| {
                let mut bytes = vec![0; 40];
                rng.try_fill_bytes(&mut bytes).unwrap();
                bytes
            };
            let (first, second) = (in_child(|| forty(&mut rng)), in_child(|| forty(&mut rng)));
            let by_parent = forty(&mut rng);
            for (one, other) in [(&first, &second), (&first, &by_parent), (&second, &by_parent)] {
                let same = one.chunks(8).zip(other.chunks(8)).any(|(one, other)| one == other);
                assert!(!same, "the same bytes after a fork, {used} bytes into the block");
            }
        }
    }
}
