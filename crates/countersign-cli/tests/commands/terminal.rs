//! The progress bar on a terminal.

use std::fs::{self, File};
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::{COUNTERSIGN, answers};

/// The commands that answer each line, and those that answer after the last line.
const BY_LINE: [&[&str]; 3] = [&["audit"], &["format"], &["type"]];
const AT_THE_END: [&[&str]; 2] = [&["audit", "--summary"], &["diff", "/dev/null", "/dev/null"]];

/// What only the bar says.
const BAR: &str = "20000 lines (";

/// A list of several reads.
fn list(name: &str) -> (PathBuf, String) {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let text = "+12025550162\nnonsense\n".repeat(10_000);
    fs::write(&path, &text).unwrap();
    (path, text)
}

/// Runs a command whose standard error is a terminal, and returns what the terminal gets.
fn shown(arguments: &[&str], input: &PathBuf, stdout_is_terminal: bool) -> String {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let end =
        || -> OwnedFd { rustix::fs::open(&name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap() };
    let mut child = Command::new(COUNTERSIGN)
        .args(arguments)
        .env("TERM", "xterm")
        .stdin(File::open(input).unwrap())
        .stdout(if stdout_is_terminal { Stdio::from(end()) } else { Stdio::null() })
        .stderr(end())
        .spawn()
        .unwrap();
    let (mut text, mut piece) = (Vec::new(), [0; 4096]);
    let mut terminal = File::from(terminal);
    // Linux reports the end as an error.
    while let Ok(count @ 1..) = terminal.read(&mut piece) {
        text.extend_from_slice(&piece[..count]);
    }
    assert!(child.wait().unwrap().success(), "{arguments:?}");
    String::from_utf8(text).unwrap()
}

#[test]
fn every_command_that_reads_a_list_has_a_bar() {
    let (input, _) = list("bar.txt");
    for arguments in BY_LINE.into_iter().chain(AT_THE_END) {
        let shown = shown(arguments, &input, false);
        assert!(shown.contains(BAR), "{arguments:?}: {shown:?}");
    }
}

#[test]
fn rows_on_a_terminal_have_no_bar_between_them() {
    let (input, text) = list("rows.txt");
    for arguments in BY_LINE {
        let shown = shown(arguments, &input, true);
        assert!(shown == answers(arguments, &text).replace('\n', "\r\n"), "{arguments:?}");
    }
    for arguments in AT_THE_END {
        let shown = shown(arguments, &input, true);
        let table = answers(arguments, &text).replace('\n', "\r\n");
        assert!(shown.contains(BAR) && shown.ends_with(&table), "{arguments:?}: {shown:?}");
    }
}
