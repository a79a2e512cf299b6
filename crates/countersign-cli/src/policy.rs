//! `countersign policy check`: validates a policy file.

use std::fmt::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use countersign::region::RegionSet;
use countersign::{Kind, Policy};

use crate::channel::CHANNELS;
use crate::failure::Failure;
use crate::output::Output;
use crate::policy_file;

/// Work with policy files.
#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check a policy file, and show what it allows.
    ///
    /// An invalid file exits with 2, and the message names the line, the column and what would be
    /// right. Channels and fields that a file leaves out are as in the default policy.
    Check {
        /// The policy, a TOML file with the sections sms and whatsapp. Each may have the fields
        /// allow, deny, kinds and unallocated.
        #[arg(value_name = "FILE")]
        policy: PathBuf,
    },
}

/// Runs the command.
///
/// # Errors
///
/// If the policy is invalid, or the output can't be written.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let Command::Check { policy: path } = &options.command;
    let policy = policy_file::read(path)?;
    let mut shown = format!("{}: valid\n", path.display());
    // Writing to a `String` cannot fail.
    let _ = show(&mut shown, &policy);
    let mut output = Output::new();
    output.buffer.extend_from_slice(shown.as_bytes());
    Ok(output.write()?)
}

fn show(shown: &mut String, policy: &Policy) -> std::fmt::Result {
    for channel in CHANNELS {
        let kinds: Vec<_> = policy.kinds(channel).map(Kind::as_str).collect();
        let unallocated = if policy.allows_unallocated(channel) { "allowed" } else { "denied" };
        writeln!(shown, "{channel}:")?;
        writeln!(shown, "  allow        {}", codes(policy.allowed(channel)))?;
        writeln!(shown, "  deny         {}", codes(policy.denied(channel)))?;
        writeln!(shown, "  kinds        {}", or_none(&kinds))?;
        writeln!(shown, "  unallocated  {unallocated}")?;
    }
    Ok(())
}

fn codes(regions: RegionSet) -> String {
    let codes: Vec<_> = regions.iter().map(|region| region.as_str()).collect();
    or_none(&codes)
}

fn or_none(names: &[&str]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(" ") }
}
