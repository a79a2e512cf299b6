//! Standard error that can't be written: every command ends as if it could.

use std::fs::File;
use std::io;
use std::process::{Command, Output, Stdio};

use crate::COUNTERSIGN;

/// Runs a command with every kind of standard error that can't be written.
fn unwritable(arguments: &[&str]) -> impl Iterator<Item = Output> {
    let (reader, closed_pipe) = io::pipe().unwrap();
    drop(reader);
    // Only Linux has the device.
    let full = File::options().write(true).open("/dev/full").ok().map(Stdio::from);
    [Some(Stdio::from(closed_pipe)), full].into_iter().flatten().map(move |stderr| {
        Command::new(COUNTERSIGN).args(arguments).stdin(Stdio::null()).stderr(stderr).output().unwrap()
    })
}

#[test]
fn errors_that_cannot_be_written_keep_their_exit_codes() {
    let policy = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    for (arguments, code) in [
        (&["number", "nonsense"][..], 1),
        (&["audit", "--policy", "no such file"], 1),
        (&["plan", "diff", "no such folder", "no such folder"], 1),
        (&["policy", "check", policy], 2),
        (&["audit", "--allow", "ZZ"], 2),
        (&["number"], 2),
    ] {
        for output in unwritable(arguments) {
            assert_eq!(output.status.code(), Some(code), "{arguments:?}");
            assert!(output.stdout.is_empty(), "{arguments:?}: {output:?}");
        }
    }
}

#[test]
fn numbers_are_shown_beside_errors_that_cannot_be_written() {
    for arguments in [["number", "+12025550162", "nonsense"], ["number", "nonsense", "+12025550162"]] {
        for output in unwritable(&arguments) {
            assert_eq!(output.status.code(), Some(1));
            let shown = String::from_utf8(output.stdout).unwrap();
            assert!(shown.starts_with("number         +12025550162\n"), "{shown}");
        }
    }
}
