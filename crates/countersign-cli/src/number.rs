//! `countersign number`: everything that is known about phone numbers.

use std::ffi::OsString;
use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use countersign::number::{Allocation, Lenient};
use countersign::policy::Decision;
use countersign::{PhoneNumber, Policy, Region};

use crate::channel::{CHANNELS, reason};
use crate::failure::{Failure, report_error};
use crate::output::Output;
use crate::policy_file;

/// Show a number's region, kind, allocation and formats, and the decision on each channel.
///
/// E.164 numbers are taken as they are. Other numbers may have spaces and punctuation, and a
/// national prefix is dropped, as in `+44 (0)20 7946 0958`. With `--region`, a number may be as
/// dialled in that country.
#[derive(Args)]
pub(crate) struct Options {
    /// The phone numbers, such as +33612345678.
    #[arg(required = true, value_name = "NUMBER")]
    numbers: Vec<OsString>,
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
/// If the policy is invalid, an argument is not a phone number, or the output can't be written.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let policy = options.policy.as_deref().map_or(Ok(Policy::default()), policy_file::read)?;
    let mut output = Output::new();
    let (mut shown, mut errors) = (String::new(), Vec::new());
    for text in &options.numbers {
        // What is not UTF-8 becomes U+FFFD, which no number has.
        let text = text.to_string_lossy();
        match parse(&text, options.region) {
            Ok(number) => {
                if !shown.is_empty() {
                    shown.push('\n');
                }
                // Writing to a `String` cannot fail.
                let _ = show(&mut shown, number, &policy);
            }
            Err(error) => errors.push(format!("{}: {error}", excerpt(&text))),
        }
    }
    output.buffer.extend_from_slice(shown.as_bytes());
    let written = output.write();
    errors.iter().for_each(report_error);
    written?;
    if errors.is_empty() { Ok(()) } else { Err(Failure::NotNumbers) }
}

/// Parses an E.164 number as it is, and any other text leniently.
///
/// # Errors
///
/// Says what would be right.
fn parse(text: &str, region: Option<Region>) -> Result<PhoneNumber, String> {
    // The lenient parser might drop digits that it takes for a national prefix.
    text.parse().or_else(|_| match region {
        None => Lenient::new().parse(text).map_err(|error| error.to_string()),
        Some(region) => Lenient::new()
            .with_region(region)
            .parse(text)
            .map_err(|error| format!("{error}, or a number as dialled in {region}")),
    })
}

/// The beginning of a text, with control characters escaped.
fn excerpt(text: &str) -> String {
    const LONGEST: usize = 64;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text[..end].escape_debug()),
        None => text.escape_debug().to_string(),
    }
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
