//! Runs the program briefly and checks its output.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

use std::process::{Command, Output};

fn load(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_countersign-load")).args(arguments).output().unwrap()
}

/// Tests are not optimised, so the share is meaningless here; the number of Redis calls is not.
#[test]
fn login_makes_two_reads_and_two_swaps() {
    let output = load(&["store", "--pairs", "300", "--rounds", "3", "--at-once", "16", "--least", "1"]);
    let table = String::from_utf8(output.stdout).unwrap();
    println!("{table}{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success());
    assert_eq!(table.matches("2.00 GET, 2.00 EVALSHA").count(), 2, "{table}");
}

#[test]
fn fails_below_the_lowest_share() {
    let output = load(&["store", "--pairs", "50", "--rounds", "1", "--at-once", "4", "--least", "100000"]);
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains("store: FAILED"));
}

#[test]
fn missing_server_is_an_error_with_a_remedy() {
    for what in ["servers", "faults"] {
        let output = load(&[what, "--quick", "--server", "/nowhere/countersign-server"]);
        assert!(!output.status.success());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("build it in the same profile"), "{said}");
    }
}
