//! `countersign audit`: its columns, its options, and its exit codes.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{COUNTERSIGN, answers, complaint, countersign};

const HEADER: &str = "input,number,region,kind,decision,reason\n";

fn rows(arguments: &[&str], input: &str) -> String {
    answers(arguments, input).strip_prefix(HEADER).unwrap().to_owned()
}

#[test]
fn matches_the_recorded_output() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.ci");
    let input = fs::read(data.join("audit.txt")).unwrap();
    let output = countersign(&["audit"], &input);
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        fs::read_to_string(data.join("audit.csv")).unwrap()
    );
    assert!(output.status.success());
}

#[test]
fn readme_example_matches_the_output() {
    let output = countersign(&["audit"], b"+12025550162\n+12423591234\nnonsense\n");
    let readme = include_str!("../../README.md");
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.starts_with(HEADER) && readme.contains(&printed), "{printed}");
}

#[test]
fn allows_countries_by_channel() {
    let number = "+447400123456\n";
    let denied =
        "+447400123456,+447400123456,GB,mobile,deny,invalid_phone_number_country_code:country_not_allowed\n";
    let allowed = "+447400123456,+447400123456,GB,mobile,allow,\n";
    assert_eq!(rows(&["audit"], number), denied);
    assert_eq!(rows(&["audit", "--allow", "FR, GB"], number), allowed);
    assert_eq!(rows(&["audit", "--allow", "all"], number), allowed);
    assert_eq!(rows(&["audit", "--channel", "whatsapp", "--allow", "gb"], number), allowed);
}

#[test]
fn quotes_csv_fields() {
    assert_eq!(
        rows(&["audit"], "1,\"2\"\r\n"),
        "\"1,\"\"2\"\"\",,,,deny,invalid_phone_number:missing_plus\n"
    );
}

#[test]
fn invalid_options_exit_with_2_and_a_message() {
    for arguments in [
        &["audit", "--allow", "ZZ"][..],
        &["audit", "--allow", "CU"],
        &["audit", "--allow", ""],
        &["audit", "--channel", "email"],
        &["audit", "--colour"],
        &[],
    ] {
        assert!(!complaint(2, arguments).is_empty());
    }
}

/// The reader is gone before the first row.
#[test]
fn closed_output_is_not_an_error() {
    let mut child = Command::new(COUNTERSIGN)
        .arg("audit")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    // More than any pipe buffer holds. The command may exit before it has read all of it.
    let _ = child.stdin.take().unwrap().write_all(&b"+12025550162\n".repeat(100_000));
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}
