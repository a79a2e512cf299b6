//! Runs the two commands of both READMEs verbatim.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

use std::process::Command;

use countersign_server_tests::Server;

#[test]
fn readme_commands_send_and_authenticate() {
    let blocks = |readme: &'static str| readme.split("```sh\n").filter_map(|rest| rest.split("```").next());
    let find = |readme| blocks(readme).find(|block| block.contains("curl -s -u ")).unwrap();
    let commands = find(include_str!("../README.md"));
    assert_eq!(commands, find(include_str!("../../../README.md")));
    assert_eq!(commands.matches("curl -s -u ").count(), 2);

    let server = Server::dev(&[]);
    let folder = tempfile::tempdir().unwrap();
    let commands = commands.replace("http://127.0.0.1:8080", &server.base);
    let output = Command::new("sh").args(["-ec", &commands]).current_dir(&folder).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said} {}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(said.matches("\"status_code\":200").count(), 2, "{said}");
    assert!(said.contains("\"verified\":true"), "{said}");
}
