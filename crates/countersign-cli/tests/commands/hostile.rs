//! Hostile input, and readers that close the pipe early.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::thread;

use crate::{COUNTERSIGN, answers, countersign};

/// The commands that read a list.
const COMMANDS: [&[&str]; 8] = [
    &["audit"],
    &["audit", "--format", "jsonl"],
    &["audit", "--summary"],
    &["diff", "/dev/null", "/dev/null"],
    &["format"],
    &["format", "--style", "masked"],
    &["type"],
    &["type", "--region", "GB"],
];

fn commands() -> impl Iterator<Item = &'static [&'static str]> {
    COMMANDS.into_iter().filter(|arguments| cfg!(unix) || arguments[0] != "diff")
}

#[test]
fn any_bytes_are_lines() {
    let every_byte: Vec<u8> = (0..=255).chain(0..=255).collect();
    let nul = b"+12025550162\0\n\0\0\0\n";
    let inputs = [&b""[..], b"\n", b"\r\n", b"\r", b"\xFF\xFE\n", nul, &every_byte, b"+12025550162"];
    for arguments in commands() {
        for input in inputs {
            let output = countersign(arguments, input);
            assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}: {output:?}");
            if matches!(arguments[0], "format" | "type") {
                let lines = input.split_inclusive(|byte| *byte == b'\n').count();
                let answers = output.stdout.iter().filter(|byte| **byte == b'\n').count();
                assert_eq!(answers, lines, "{arguments:?}: {}", input.escape_ascii());
            }
        }
    }
    let rows = answers(&["audit"], nul);
    assert!(rows.contains("\n+12025550162\0,,,,deny,invalid_phone_number:not_a_digit\n"), "{rows:?}");
}

/// A line of ten megabytes is one line, and the next one is read from its beginning.
#[test]
fn huge_lines_are_truncated() {
    let mut input = vec![b'+'];
    input.resize(10 << 20, b'1');
    input.extend_from_slice(b"\n+12025550162\n");
    let rows = answers(&["audit"], &input);
    let kept = format!("+{}", "1".repeat(1023));
    assert_eq!(
        rows,
        format!(
            "input,number,region,kind,decision,reason\n{kept},,,,deny,invalid_phone_number:too_long\n\
             +12025550162,+12025550162,US,fixed_line_or_mobile,allow,\n"
        )
    );
    assert_eq!(answers(&["format"], &input), "\n+1 202-555-0162\n");
    assert_eq!(answers(&["type"], &input).lines().count(), 2);
}

#[test]
fn last_line_may_end_without_a_line_feed() {
    for arguments in commands() {
        let with = answers(arguments, "+33612345678\n+12025550162\n");
        assert_eq!(answers(arguments, "+33612345678\n+12025550162"), with, "{arguments:?}");
        assert_eq!(answers(arguments, "+33612345678\r\n+12025550162\r\n"), with, "{arguments:?}");
    }
}

/// A reader that closes the pipe after the first bytes is not an error.
#[test]
fn closed_output_is_not_an_error() {
    let input = b"+12025550162\n".repeat(200_000);
    for arguments in commands().filter(|arguments| !arguments.contains(&"--summary")) {
        let mut child = Command::new(COUNTERSIGN)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut stdin, input) = (child.stdin.take().unwrap(), input.clone());
        let writer = thread::spawn(move || stdin.write_all(&input));
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut [0; 10]).unwrap();
        drop(stdout);
        let output = child.wait_with_output().unwrap();
        let _ = writer.join().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}: {output:?}");
    }
}

/// Someone who types a number sees its answer before the next one.
#[test]
fn answers_do_not_wait_for_more_input() {
    let mut child =
        Command::new(COUNTERSIGN).arg("format").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    for (line, answer) in [("+33612345678\n", "+33 6 12 34 56 78\n"), ("+12025550162\n", "+1 202-555-0162\n")]
    {
        stdin.write_all(line.as_bytes()).unwrap();
        let mut read = vec![0; answer.len()];
        stdout.read_exact(&mut read).unwrap();
        assert_eq!(read, answer.as_bytes());
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}
