//! The program runs, and says what it needs.

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

/// The share says nothing here: dependencies are not optimised in tests. What was asked of Redis does.
#[test]
fn a_login_is_two_reads_and_two_swaps() {
    let output = load(&["store", "--pairs", "300", "--rounds", "3", "--at-once", "16", "--least", "1"]);
    let table = String::from_utf8(output.stdout).unwrap();
    println!("{table}{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success());
    assert_eq!(table.matches("2.00 GET, 2.00 EVALSHA").count(), 2, "{table}");
}

#[test]
fn a_share_that_is_not_reached_is_a_failure() {
    let output = load(&["store", "--pairs", "50", "--rounds", "1", "--at-once", "4", "--least", "100000"]);
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains("store: FAILED"));
}

#[test]
fn a_server_that_is_not_built_is_an_error_with_a_remedy() {
    for what in ["servers", "faults"] {
        let output = load(&[what, "--quick", "--server", "/nowhere/countersign-server"]);
        assert!(!output.status.success());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("build it in the same profile"), "{said}");
    }
}
