//! The commands in the README print what it says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::COUNTERSIGN;

#[test]
fn commands_print_what_the_readme_says() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("readme");
    fs::create_dir_all(&folder).unwrap();
    let mut count = 0;
    for block in
        include_str!("../../README.md").split("\n```").filter_map(|block| block.strip_prefix("text\n"))
    {
        let block = format!("\n{block}\n");
        for session in block.split("\n$ ").skip(1) {
            let (command, expected) = session.split_once('\n').unwrap_or((session, ""));
            assert_eq!(run(command, &folder).trim_end(), expected.trim_end(), "{command}");
            count += 1;
        }
    }
    assert!(count >= 10, "{count}");
}

/// Returns what a shell's command prints, in a folder where `countersign` is this build's.
fn run(command: &str, folder: &Path) -> String {
    let programs = Path::new(COUNTERSIGN).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let output = Command::new("sh")
        .args(["-c", &format!("{{ {command}; }} 2>&1")])
        .env("PATH", format!("{}:{path}", programs.display()))
        .current_dir(folder)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}
