//! When answers are written: at once if somebody waits for them, else in large pieces.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{self, BufRead, BufReader, Read, Write};
use std::thread;

use countersign::store::MemoryTallies;
use countersign_guard_replay::{Failure, Replay, Settings, policy, run};

const HEADER: &str = "time_ms,number,channel,ip,account,event\n";

fn replay(input: impl Read, output: impl Write) -> Result<(), Failure> {
    let guard = Settings::default().guard()?;
    run(&mut Replay::new(policy("all")?, guard, MemoryTallies::new())?, input, output)
}

fn replayed(input: &str) -> Result<String, Failure> {
    let mut output = Vec::new();
    replay(input.as_bytes(), &mut output)?;
    Ok(String::from_utf8(output).unwrap())
}

#[test]
fn answers_each_line_before_the_next_is_written() {
    let (input, mut to) = io::pipe().unwrap();
    let (from, output) = io::pipe().unwrap();
    let replaying = thread::spawn(move || replay(input, output).unwrap());
    let mut lines = BufReader::new(from).lines();
    let mut answer = || lines.next().unwrap().unwrap();

    // The header of the output waits for nothing.
    assert_eq!(answer(), "time_ms,event,decision,rule,scope,retry_at_ms");
    to.write_all(HEADER.as_bytes()).unwrap();
    let first = "1800000000000,+12025550162,sms,,,send\n1800000000001,+12025550162,sms,,,verify\n18000";
    to.write_all(first.as_bytes()).unwrap();
    assert_eq!(answer(), "1800000000000,send,allow,,,");
    assert_eq!(answer(), "1800000000001,verify,counted,,,");
    to.write_all(b"00000002,+12025550162,sms,,,send\n").unwrap();
    assert_eq!(
        answer(),
        "1800000000002,send,deny,limit:cooling_down,+1202\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}62,1800000030000"
    );
    // A line without its end is answered at the end of the input.
    to.write_all(b"1800000000003,+12025550162,sms,,,verify").unwrap();
    drop(to);
    assert_eq!(answer(), "1800000000003,verify,ignored,,,");
    assert!(lines.next().is_none());
    replaying.join().unwrap();
}

#[test]
fn writes_the_answers_of_a_file_in_large_pieces() {
    struct Counted(usize);

    impl Write for Counted {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += 1;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let lines = "1800000000000,+12025550162,sms,,,verify\n".repeat(10_000);
    let mut output = Counted(0);
    replay(format!("{HEADER}{lines}").as_bytes(), &mut output).unwrap();
    assert!(output.0 < 20, "{} writes", output.0);
}

#[test]
fn input_may_be_empty_but_not_without_its_header() {
    assert_eq!(replayed("").unwrap(), "time_ms,event,decision,rule,scope,retry_at_ms\n");
    assert_eq!(replayed(HEADER).unwrap(), "time_ms,event,decision,rule,scope,retry_at_ms\n");
    for input in ["\n", "1800000000000,+12025550162,sms,,,send\n", "time_ms,number,channel,ip,event\n"] {
        let failure = replayed(input).unwrap_err();
        assert!(matches!(failure, Failure::Header), "{input}");
        assert_eq!(failure.exit_code(), 1);
        assert_eq!(
            failure.to_string(),
            "the first line of the input is not time_ms,number,channel,ip,account,event"
        );
    }
}

#[test]
fn a_closed_output_is_a_success() {
    let (from, output) = io::pipe().unwrap();
    drop(from);
    let failure = replay(HEADER.as_bytes(), output).unwrap_err();
    assert_eq!(failure.exit_code(), 0);
}
