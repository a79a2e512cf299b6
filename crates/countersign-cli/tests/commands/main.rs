//! Every command from outside: its answers and exit codes, hostile input, and readers that close the
//! pipe early.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    unreachable_pub,
    reason = "a test fails by panicking"
)]

mod audit;
mod formats;
mod hostile;
mod number;
mod policies;
#[cfg(unix)]
mod readme;
mod screening;
#[cfg(unix)]
mod terminal;
#[cfg(unix)]
mod unwritable;

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::thread;

const COUNTERSIGN: &str = env!("CARGO_BIN_EXE_countersign");

/// Runs the command with this input. A command may exit before it has read all of it.
fn countersign(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(COUNTERSIGN)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stdin, input) = (child.stdin.take().unwrap(), input.to_vec());
    let writer = thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join().unwrap();
    output
}

/// Returns the output of a command that must succeed and complain about nothing.
#[track_caller]
fn answers(arguments: &[&str], input: impl AsRef<[u8]>) -> String {
    let output = countersign(arguments, input.as_ref());
    assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Returns what a command complains about, which must exit with this code and answer nothing.
#[track_caller]
fn complaint(code: i32, arguments: &[&str]) -> String {
    let output = countersign(arguments, b"");
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
    assert!(output.stdout.is_empty(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stderr).unwrap()
}
