//! `countersign audit`: reads phone numbers, one per line, and writes the policy's decisions as
//! CSV: `input,number,region,kind,decision,reason`.

use std::io::{self, BufReader};

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use countersign::number::ParseError;
use countersign::policy::{Decision, PolicyError};
use countersign::region::RegionSet;
use countersign::{Channel, PhoneNumber, Policy, Region};

use crate::failure::Failure;
use crate::lines::next_line;
use crate::progress;

const COLUMNS: [&str; 6] = ["input", "number", "region", "kind", "decision", "reason"];

/// Check whether a policy lets each phone number be sent a passcode. Reads phone numbers from
/// standard input, one per line; writes CSV to standard output.
#[derive(Args)]
pub(crate) struct Options {
    /// The channel that passcodes would be sent over.
    #[arg(long, default_value = "sms", value_parser = channels())]
    channel: Channel,
    /// The countries to allow, such as US,CA,FR, or `all` for every supported country. Default:
    /// US,CA.
    #[arg(long)]
    allow: Option<String>,
}

/// The channels that reach phone numbers.
fn channels() -> impl TypedValueParser<Value = Channel> {
    PossibleValuesParser::new(["sms", "whatsapp"]).try_map(|name| name.parse::<Channel>())
}

/// Runs the command.
///
/// # Errors
///
/// If the policy is invalid, the input can't be read, or the output can't be written.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let channel = options.channel;
    let policy = policy(options.allow.as_deref(), channel)?;
    let mut output = csv::Writer::from_writer(io::stdout().lock());
    output.write_record(COLUMNS)?;
    let progress = progress::of_input();
    let mut input = BufReader::with_capacity(1 << 16, io::stdin().lock());
    let mut line = Vec::new();
    let mut read = 0;
    for count in 1_u64.. {
        let bytes = next_line(&mut input, &mut line)?;
        if bytes == 0 {
            break;
        }
        write_row(&mut output, &line, &policy, channel)?;
        read += bytes;
        if count % 4096 == 0 {
            progress.set_position(read);
            progress.set_message(format!("{count} numbers"));
        }
    }
    progress.finish_and_clear();
    Ok(output.flush()?)
}

fn policy(allow: Option<&str>, channel: Channel) -> Result<Policy, PolicyError> {
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

fn write_row(
    output: &mut csv::Writer<impl io::Write>,
    line: &[u8],
    policy: &Policy,
    channel: Channel,
) -> csv::Result<()> {
    let (mut text, mut region, mut kind, mut decided, mut reason) = (None, "", "", "deny", String::new());
    match PhoneNumber::try_from(line) {
        Ok(number) => {
            text = Some(number.to_e164());
            region = number.region().map_or("", Region::as_str);
            kind = number.allocation().as_str();
            match policy.decide(number, channel) {
                Decision::Allow => decided = "allow",
                Decision::Deny(why) => reason = format!("{}:{}", why.wire_name(), why.as_str()),
            }
        }
        Err(error) => reason = format!("{}:{}", ParseError::WIRE_NAME, error.kind().as_str()),
    }
    let number = text.as_ref().map_or("", |number| number.as_str());
    output.write_record([
        line,
        number.as_bytes(),
        region.as_bytes(),
        kind.as_bytes(),
        decided.as_bytes(),
        reason.as_bytes(),
    ])
}
