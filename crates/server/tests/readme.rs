//! The README's two commands, word for word.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

#[path = "support/server.rs"]
mod server;

use std::process::Command;

use server::Server;

#[test]
fn the_commands_send_and_authenticate() {
    let readme = include_str!("../README.md");
    let commands = readme.split("```sh\n").nth(2).unwrap().split("```").next().unwrap();
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
