//! `countersign audit`: reads phone numbers, one per line, and writes the policy's decisions, one
//! row for each, or their number by region and reason.

mod answers;

use std::io;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use countersign::region::RegionSet;
use countersign::{Channel, Policy};

use crate::failure::Failure;
use crate::output::Output;
use crate::progress::{self, Progress};
use crate::{channel, lines, policy_file};
use answers::Answers;

/// Check whether a policy lets each phone number be sent a passcode, and why not.
///
/// Reads phone numbers from standard input, one per line. Writes one row for each to standard
/// output, with the fields input, number, region, kind, decision and reason. A line that is
/// not a phone number is denied, with the reason.
#[derive(Args)]
pub(crate) struct Options {
    /// The channel that passcodes would be sent over.
    #[arg(long, default_value = "sms", value_parser = channel::parser())]
    channel: Channel,
    /// The countries to allow, such as US,CA,FR, or `all` for every supported country. Default:
    /// US,CA.
    #[arg(long, conflicts_with = "policy")]
    allow: Option<String>,
    /// A policy as a TOML file, as `countersign policy check` reads it.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Write how many numbers there are by region and reason, instead of a row for each.
    #[arg(long)]
    summary: bool,
    /// The format of the output.
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
}

/// The format of rows.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// Comma-separated values (RFC 4180) with a header.
    Csv,
    /// One JSON object on each line, with null for what is not known.
    Jsonl,
}

/// Runs the command.
///
/// # Errors
///
/// If the policy is invalid, the input can't be read, or the output can't be written.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let channel = options.channel;
    let policy = match &options.policy {
        Some(path) => policy_file::read(path)?,
        None => allowing(options.allow.as_deref(), channel)?,
    };
    let mut output = Output::new();
    let mut answers = Answers::new(options.format);
    if !options.summary {
        answers.push_header(&mut output.buffer);
    }
    let mut progress = Progress::of_input(match options.summary {
        true => progress::Answers::AtTheEnd,
        false => progress::Answers::ByLine,
    });
    lines::for_each(io::stdin().lock(), |batch| {
        for (line, answer) in batch.lines.iter().zip(policy.decide_many(batch.lines, channel)) {
            let tail = answers.count(answer);
            if !options.summary {
                answers.push_row(&mut output.buffer, line, answer.is_ok(), tail);
            }
        }
        progress.add(batch);
        output.write_after(batch).map_err(Failure::Io)
    })?;
    progress.finish();
    if options.summary {
        answers.push_summary(&mut output.buffer);
    }
    Ok(output.write()?)
}

fn allowing(allow: Option<&str>, channel: Channel) -> Result<Policy, Failure> {
    let mut policy = Policy::default();
    match allow {
        None => {}
        Some("all") => {
            policy.set_allowed(channel, RegionSet::ALL.difference(Policy::unsupported(channel)))?
        }
        Some(codes) => {
            let codes = codes.split(',').map(str::trim).filter(|code| !code.is_empty());
            policy.set_allowed_codes(channel, codes)?;
        }
    }
    Ok(policy)
}
