//! What is still in memory when it is given back? An allocator that looks.
//!
//! A test that wants to know makes [`Watcher`] its global allocator, and does what it does within [`watch`].

use core::cell::Cell;
use core::ptr;
use std::alloc::{GlobalAlloc, Layout, System};

/// Bytes that nobody may find in memory that was given back.
pub struct Secret {
    /// What they are.
    pub name: &'static str,
    /// At least six, or chance would find them.
    pub bytes: Vec<u8>,
}

/// The system's allocator; while a thread is in [`watch`], each block that the thread gives back is searched first. A block that
/// moves because it grows is given back too: it is copied by hand, not by the system.
pub struct Watcher;

thread_local! {
    // Neither is made nor dropped: an allocator may not allocate.
    static SECRETS: Cell<(*const Secret, usize)> = const { Cell::new((ptr::null(), 0)) };
    static SEEN: Cell<Seen> = const { Cell::new(Seen { blocks: 0, leaks: 0, first: None }) };
}

/// What was seen in the blocks that were given back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// How many blocks were searched.
    pub blocks: u64,
    /// How many times a secret was in one.
    pub leaks: u64,
    /// The first of those.
    pub first: Option<&'static str>,
}

/// Runs this, and says what was in the memory that it gave back.
pub fn watch(secrets: &[Secret], run: impl FnOnce()) -> Seen {
    SEEN.set(Seen::default());
    SECRETS.set((secrets.as_ptr(), secrets.len()));
    let watching = Watching;
    run();
    drop(watching);
    SEEN.get()
}

/// Ends the watch when it is dropped, even by a panic: what is searched for must not be searched for after it is gone.
struct Watching;

impl Drop for Watching {
    fn drop(&mut self) {
        SECRETS.set((ptr::null(), 0));
    }
}

#[allow(unsafe_code, reason = "an allocator is unsafe to be")]
// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Watcher {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // With zeros, for where nothing is written a block still has what its last owner left: the words that are searched for, too.
        // SAFETY: the caller's promises are the system's conditions.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let (secrets, count) = SECRETS.get();
        if !secrets.is_null() {
            // SAFETY: `watch` borrows the secrets for as long as they stand here.
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

/// Memory that is still ours.
struct Block {
    start: *const u8,
    length: usize,
}

impl Block {
    #[allow(unsafe_code, reason = "nothing safe reads what is about to be freed")]
    fn byte(&self, place: usize) -> u8 {
        assert!(place < self.length);
        // SAFETY: within the block.
        let byte = unsafe { self.start.add(place) };
        // SAFETY: within the block, which is not given back yet. Where nothing was ever written there is no value, by the rules of the
        // language; a volatile read takes what the memory has.
        unsafe { ptr::read_volatile(byte) }
    }
}

/// In which words do two values differ that were made alike, but of different secrets? Those hold the secret, or what was
/// made of it. The words of the first; but none with two zero bytes, for those may be addresses, left from something else.
pub fn differing_words<T>(name: &'static str, one: &T, other: &T) -> Vec<Secret> {
    let tells = |(a, b): &([u8; 8], [u8; 8])| {
        let differing = a.iter().zip(b).filter(|(a, b)| a != b).count();
        differing >= 6 && a.iter().filter(|&&byte| byte == 0).count() < 2
    };
    let pairs = words(one).into_iter().zip(words(other)).filter(tells);
    pairs.map(|(word, _)| Secret { name, bytes: word.to_vec() }).collect()
}

fn words<T>(value: &T) -> Vec<[u8; 8]> {
    let block = Block { start: ptr::from_ref(value).cast(), length: size_of::<T>() };
    let word = |number: usize| core::array::from_fn(|place| block.byte(8 * number + place));
    (0..block.length / 8).map(word).collect()
}
