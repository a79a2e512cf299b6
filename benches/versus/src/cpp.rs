//! libphonenumber in C++, where Debian's package of it is installed: compiled and run by this run.

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::answer::Answer;
use crate::measure::Measured;

const HEADER: &str = "/usr/include/phonenumbers/phonenumberutil.h";
const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/cpp/peer.cc");

/// What `cpp/peer.cc` measures, which is what [`measure`](crate::measure::measure) does; or why it
/// does not.
pub(crate) fn measure(timed: &[&str], checked: &[&str]) -> Result<Measured, Box<dyn Error>> {
    if !Path::new(HEADER).exists() {
        return Err("not installed; on Debian: apt-get install g++ libphonenumber-dev".into());
    }
    let program = std::env::current_exe()?.with_file_name("libphonenumber-peer");
    let compiled =
        Command::new("g++").args(["-O2", "-std=c++17", SOURCE, "-lphonenumber", "-o"]).arg(&program).status();
    if !compiled.map_err(|error| format!("g++ does not start: {error}; apt-get install g++"))?.success() {
        return Err(format!("g++ cannot compile {SOURCE}; its words are above").into());
    }
    let mut child = Command::new(&program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        write!(stdin, "{}\n\n{}\n", timed.join("\n"), checked.join("\n"))?;
    }
    let output = child.wait_with_output()?;
    read(std::str::from_utf8(&output.stdout)?, checked.len())
}

/// The version of the package, which is that of the metadata.
pub(crate) fn version() -> String {
    let output = Command::new("dpkg-query").args(["-W", "-f=${Version}", "libphonenumber-dev"]).output();
    let version =
        output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    version.split(['+', '-']).next().unwrap_or_default().to_owned()
}

fn read(output: &str, checked: usize) -> Result<Measured, Box<dyn Error>> {
    let mut lines = output.lines();
    let mut figure = || lines.next().ok_or("cpp/peer.cc said too little");
    let measured = Measured {
        nanos: figure()?.parse()?,
        first_millis: figure()?.parse()?,
        memory_after_first: figure()?.parse()?,
        memory_after_round: figure()?.parse()?,
        allocations: None,
        answers: lines.map(Answer::read).collect(),
    };
    match measured.answers.len() {
        count if count == checked => Ok(measured),
        count => Err(format!("cpp/peer.cc gave {count} answers, not {checked}").into()),
    }
}
