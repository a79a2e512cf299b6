//! An allocator that searches freed memory for secrets.
//!
//! A test makes [`Watcher`] its global allocator, and runs its code within [`watch`].

use core::cell::Cell;
use core::hint::black_box;
use core::ptr;
use std::alloc::{GlobalAlloc, Layout, System};

/// Bytes that must not be found in freed memory.
pub struct Secret {
    /// A description of the secret.
    pub name: &'static str,
    /// At least six bytes, because shorter ones are found by chance.
    pub bytes: Vec<u8>,
}

/// The system's allocator. While a thread is in [`watch`], each block that it frees is searched
/// first. A block that moves because it grows is freed too: it is copied by hand, not by the
/// system.
pub struct Watcher;

thread_local! {
    // Const-initialised and without destructors: an allocator must not allocate.
    static SECRETS: Cell<(*const Secret, usize)> = const { Cell::new((ptr::null(), 0)) };
    static SEEN: Cell<Seen> = const { Cell::new(Seen { blocks: 0, leaks: 0, first: None }) };
}

/// The findings in freed blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The number of searched blocks.
    pub blocks: u64,
    /// How often a secret was found in one.
    pub leaks: u64,
    /// The first secret that was found.
    pub first: Option<&'static str>,
}

/// Runs a function, and returns what was found in the memory that it freed.
pub fn watch(secrets: &[Secret], run: impl FnOnce()) -> Seen {
    SEEN.set(Seen::default());
    SECRETS.set((secrets.as_ptr(), secrets.len()));
    let watching = Watching;
    run();
    drop(watching);
    SEEN.get()
}

/// Ends the watch on drop, even after a panic: secrets must not be searched for after they are
/// gone.
struct Watching;

impl Drop for Watching {
    fn drop(&mut self) {
        SECRETS.set((ptr::null(), 0));
    }
}

#[allow(unsafe_code, reason = "a global allocator is unsafe to implement")]
// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Watcher {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Zeroed, because a block would otherwise contain what its last owner left, including the
        // searched bytes.
        // SAFETY: the caller's promises are the system's conditions.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let (secrets, count) = SECRETS.get();
        if !secrets.is_null() {
            // SAFETY: `watch` borrows the secrets for as long as they are set.
            let secrets = unsafe { core::slice::from_raw_parts(secrets, count) };
            search(&Block { start: block, length: layout.size() }, secrets);
        }
        // SAFETY: the caller's promises are the system's conditions.
        unsafe { System.dealloc(block, layout) }
    }
}

fn search(block: &Block, secrets: &[Secret]) {
    let mut seen = SEEN.get();
    seen.blocks += 1;
    for secret in secrets {
        let starts = 0..(block.length + 1).saturating_sub(secret.bytes.len());
        let is_at =
            |start: usize| (start..).zip(&secret.bytes).all(|(place, &byte)| block.byte(place) == byte);
        if starts.into_iter().any(is_at) {
            seen.leaks += 1;
            seen.first = seen.first.or(Some(secret.name));
        }
    }
    SEEN.set(seen);
}

/// Memory that is still allocated.
struct Block {
    start: *const u8,
    length: usize,
}

impl Block {
    #[allow(unsafe_code, reason = "memory about to be freed has no safe access")]
    fn byte(&self, place: usize) -> u8 {
        assert!(place < self.length);
        // SAFETY: within the block.
        let byte = unsafe { self.start.add(place) };
        // SAFETY: within the block, which is not freed yet. Bytes that were never written have no
        // value by the rules of the language; a volatile read returns the contents of the memory.
        unsafe { ptr::read_volatile(byte) }
    }
}

/// Returns the words in which two values differ that are created alike, but from different secrets:
/// those words hold the secret or something derived from it. The words are those of the first
/// value. Words with two zero bytes are left out, because they may be leftover addresses.
///
/// Each value is created twice, on a stack with other contents before. Padding and unused places
/// take these over, and are left out because they differ.
pub fn differing_words<T>(name: &'static str, one: impl Fn() -> T, other: impl Fn() -> T) -> Vec<Secret> {
    let (one, other) = (lasting_words(one), lasting_words(other));
    let differ = |a: &[u8; 8], b: &[u8; 8]| a.iter().zip(b).filter(|(a, b)| a != b).count() >= 6;
    let is_address = |word: &[u8; 8]| word.iter().filter(|&&byte| byte == 0).count() >= 2;
    let pairs = one.into_iter().zip(other).filter_map(|(a, b)| a.zip(b));
    let telling = pairs.filter(|(a, b)| differ(a, b) && !is_address(a));
    telling.map(|(word, _)| Secret { name, bytes: word.to_vec() }).collect()
}

/// Returns the words of a value, except for those that depend on what the stack held before.
fn lasting_words<T>(create: impl Fn() -> T) -> Vec<Option<[u8; 8]>> {
    let [first, second] = [0x55, 0xAA].map(|byte| {
        fill_stack(byte);
        words_of_new(&create)
    });
    first.into_iter().zip(second).map(|(a, b)| (a == b).then_some(a)).collect()
}

/// Overwrites what is below on the stack. The next call has its variables there.
#[inline(never)]
fn fill_stack(byte: u8) {
    black_box([byte; 256 * 1024]);
}

#[inline(never)]
fn words_of_new<T>(create: impl Fn() -> T) -> Vec<[u8; 8]> {
    words(&create())
}

fn words<T>(value: &T) -> Vec<[u8; 8]> {
    let block = Block { start: ptr::from_ref(value).cast(), length: size_of::<T>() };
    let word = |number: usize| core::array::from_fn(|place| block.byte(8 * number + place));
    (0..block.length / 8).map(word).collect()
}
