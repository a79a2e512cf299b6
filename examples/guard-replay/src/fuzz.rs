//! The body of the fuzz target `replay_lines`, and what every replay must satisfy.

use std::io::{self, Read};

use countersign::guard::{Bases, Guard};
use countersign::store::MemoryTallies;

use crate::{OUTPUT_HEADER, Replay, policy, run};

/// Replays lines of any bytes. The first byte says how strict the guard is, whether it is in monitor
/// mode, and in pieces of which size the input arrives.
///
/// # Panics
///
/// If the output is not one line of six fields for each line of the input, with time and event as
/// given and one of the five decisions, or depends on the pieces.
pub fn replay_lines(data: &[u8]) {
    let Some((first, lines)) = data.split_first() else { return };
    let input = [crate::INPUT_HEADER, b"\n", lines].concat();
    let output = replayed(*first, &input, usize::MAX);
    let pieces = usize::from(first >> 4) + 1;
    assert_eq!(output, replayed(*first, &input, pieces), "in pieces of {pieces} bytes");
    check(lines, &output);
}

#[expect(clippy::panic, reason = "a failing property is a panic for the fuzzer")]
fn replayed(first: u8, input: &[u8], most: usize) -> Vec<u8> {
    let mut bases = Bases::default();
    if first & 1 == 1 {
        // Strict, so that short inputs reach every rule.
        (bases.block_100, bases.block_1000, bases.ip, bases.account) = (1.0, 2.0, 2.0, 1.0);
    }
    let guard = Guard::default().with_bases(bases).map(|guard| guard.with_monitor(first & 2 == 2));
    let tallies = MemoryTallies::with_capacity(1 << 10, 1 << 10);
    let mut output = Vec::new();
    let done = guard.map_err(|error| error.to_string()).and_then(|guard| {
        let policy = policy(if first & 4 == 4 { "US,FR" } else { "all" });
        let mut replay = policy
            .and_then(|policy| Replay::new(policy, guard, tallies))
            .map_err(|error| error.to_string())?;
        run(&mut replay, Pieces { left: input, most }, &mut output).map_err(|error| error.to_string())
    });
    match done {
        Ok(()) => output,
        Err(error) => panic!("the replay failed: {error}"),
    }
}

/// Compares the output with the lines of the input, without their header.
///
/// # Panics
///
/// If they do not match.
pub fn check(lines: &[u8], output: &[u8]) {
    let mut answers = output.split_inclusive(|byte| *byte == b'\n');
    assert_eq!(answers.next().and_then(|line| line.strip_suffix(b"\n")), Some(OUTPUT_HEADER));
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\n").map_or(line, |line| line.strip_suffix(b"\r").unwrap_or(line));
        let given: Vec<_> = line.split(|byte| *byte == b',').collect();
        let answer = answers.next().and_then(|line| line.strip_suffix(b"\n")).unwrap_or_default();
        let fields: Vec<_> = answer.split(|byte| *byte == b',').collect();
        let shown = String::from_utf8_lossy(answer);
        assert_eq!(fields.len(), 6, "{shown}");
        assert_eq!(fields[0], given[0], "{shown}");
        assert_eq!(fields[1], given.get(5).copied().unwrap_or_default(), "{shown}");
        let (rule, scope, retry_at) = (fields[3], fields[4], fields[5]);
        let parts: [&[u8]; 3] = [b"policy:", b"limit:", b"guard:"];
        let is_rule = parts.iter().any(|part| rule.starts_with(part)) && !scope.is_empty();
        let is_grounds = match fields[2] {
            b"allow" => rule.is_empty() && scope.is_empty() || rule.starts_with(b"guard:"),
            b"deny" => is_rule,
            b"counted" | b"ignored" => rule.is_empty() && scope.is_empty() && retry_at.is_empty(),
            b"error" => !rule.is_empty() && scope.is_empty() && retry_at.is_empty(),
            _ => false,
        };
        assert!(is_grounds && retry_at.iter().all(u8::is_ascii_digit), "{shown}");
    }
    assert_eq!(answers.next(), None, "more answers than lines");
}

/// An input that arrives in pieces.
struct Pieces<'a> {
    left: &'a [u8],
    most: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(self.most);
        self.left.read(&mut buffer[..most])
    }
}
