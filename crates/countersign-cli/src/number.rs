//! `countersign number`: everything that is known about phone numbers.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use countersign::number::{Allocation, Lenient};
use countersign::policy::Decision;
use countersign::{PhoneNumber, Policy, Region};

use crate::channel::{CHANNELS, reason};
use crate::failure::Failure;
use crate::output::Output;
use crate::policy_file;

/// Show a number's region, kind, allocation and formats, and the decision on each channel.
///
/// A number may have spaces and punctuation, and with `--region` it may be as dialled in that
/// country.
#[derive(Args)]
pub(crate) struct Options {
    /// The phone numbers, such as +33612345678.
    #[arg(required = true, value_name = "NUMBER")]
    numbers: Vec<String>,
    /// The country that national numbers belong to, such as GB.
    #[arg(long)]
    region: Option<Region>,
    /// A policy as a TOML file. Default: US and CA are allowed.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
///
/// If the policy is invalid, an argument is no phone number, or the output can't be written.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let policy = options.policy.as_deref().map_or(Ok(Policy::default()), policy_file::read)?;
    let reader = options.region.map_or(Lenient::new(), |region| Lenient::new().with_region(region));
    let mut output = Output::new();
    let (mut shown, mut all_are_numbers) = (String::new(), true);
    for text in &options.numbers {
        match reader.parse(text) {
            Ok(number) => {
                if !shown.is_empty() {
                    shown.push('\n');
                }
                // Writing to a `String` cannot fail.
                let _ = show(&mut shown, number, &policy);
            }
            Err(error) => {
                all_are_numbers = false;
                eprintln!("error: {}: {error}", text.escape_debug());
            }
        }
    }
    output.buffer.extend_from_slice(shown.as_bytes());
    output.write()?;
    if all_are_numbers { Ok(()) } else { Err(Failure::NotNumbers) }
}

fn show(shown: &mut String, number: PhoneNumber, policy: &Policy) -> std::fmt::Result {
    let (kind, allocation) = match number.allocation() {
        Allocation::Assigned(kind) => (kind.as_str(), "assigned"),
        other => ("", other.as_str()),
    };
    writeln!(shown, "number         {number}")?;
    match number.region() {
        Some(region) => writeln!(shown, "region         {region} ({})", region.name())?,
        None => writeln!(shown, "region         none: a satellite or global service")?,
    }
    if !kind.is_empty() {
        writeln!(shown, "kind           {kind}")?;
    }
    writeln!(shown, "allocation     {allocation}")?;
    writeln!(shown, "international  {}", number.international())?;
    writeln!(shown, "national       {}", number.national())?;
    writeln!(shown, "rfc3966        {}", number.rfc3966())?;
    for channel in CHANNELS {
        let decision = policy.decide(number, channel);
        match decision {
            Decision::Allow => writeln!(shown, "{:14} allow", channel.as_str())?,
            Decision::Deny(why) => {
                writeln!(shown, "{:14} deny {} ({why})", channel.as_str(), reason(decision))?;
            }
        }
    }
    Ok(())
}
