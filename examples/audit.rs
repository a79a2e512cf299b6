//! What would the policy say of the numbers that you have? Reads numbers, one a line, and writes CSV:
//! `input,number,region,kind,decision,reason`.
//!
//! ```text
//! cargo run --release --example audit -- --allow US,CA,FR < numbers.txt > decisions.csv
//! ```

use core::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Read};
use std::os::fd::AsFd;

use clap::Parser;
use countersign::{Channel, Decision, ParseError, PhoneNumber, Policy, RegionSet};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Say of each number on standard input, one a line, whether it may be sent a passcode. Writes CSV to standard output.
#[derive(Parser)]
struct Options {
    /// How passcodes would be sent.
    #[arg(long, default_value = "sms", value_parser = ["sms", "whatsapp"])]
    channel: String,
    /// The countries to allow, such as US,CA,FR; or `all` that are supported. Default: US,CA.
    #[arg(long)]
    allow: Option<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let channel: Channel = options.channel.parse()?;
    let policy = policy(options.allow.as_deref(), channel)?;
    match audit(&policy, channel) {
        // Whoever read our output has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => Ok(done?),
    }
}

fn policy(allow: Option<&str>, channel: Channel) -> Result<Policy, countersign::PolicyError> {
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

fn audit(policy: &Policy, channel: Channel) -> io::Result<()> {
    let mut output = csv::Writer::from_writer(io::stdout().lock());
    output.write_record(["input", "number", "region", "kind", "decision", "reason"])?;
    let progress = progress();
    let mut input = BufReader::with_capacity(1 << 16, io::stdin().lock());
    let mut line = Vec::new();
    let mut read = 0;
    for count in 1_u64.. {
        let bytes = next_line(&mut input, &mut line)?;
        if bytes == 0 {
            break;
        }
        write_row(&mut output, &line, policy, channel)?;
        read += bytes;
        if count % 4096 == 0 {
            progress.set_position(read);
            progress.set_message(format!("{count} numbers"));
        }
    }
    progress.finish_and_clear();
    output.flush()
}

fn write_row(
    output: &mut csv::Writer<impl io::Write>,
    line: &[u8],
    policy: &Policy,
    channel: Channel,
) -> io::Result<()> {
    let (mut text, mut region, mut kind, mut decided, mut reason) = (None, "", "", "deny", String::new());
    match PhoneNumber::try_from(line) {
        Ok(number) => {
            text = Some(number.to_e164());
            region = number.region().map_or("", countersign::Region::alpha2);
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
    ])?;
    Ok(())
}

/// Reads a line without its end into `line`, and says how many bytes it took; 0 at the end of the input. Of a line longer than any number
/// only the beginning is kept, so that memory stays as it is.
fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<u64> {
    const LONGEST: u64 = 1024;
    line.clear();
    let mut taken = input.by_ref().take(LONGEST).read_until(b'\n', line)? as u64;
    if line.last() == Some(&b'\n') {
        line.pop();
        line.pop_if(|byte| *byte == b'\r');
    } else if taken == LONGEST {
        taken += input.skip_until(b'\n')? as u64;
    }
    Ok(taken)
}

/// On standard error when that is a terminal, with the share that is done when the input is a file.
fn progress() -> ProgressBar {
    let length = io::stdin().as_fd().try_clone_to_owned().and_then(|input| File::from(input).metadata());
    let length = length.ok().filter(std::fs::Metadata::is_file).map(|file| file.len());
    let target =
        if io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let template = match length {
        Some(_) => "{bar:40} {percent:>3}% {msg} ({bytes_per_sec}, {eta} left)",
        None => "{spinner} {msg} ({bytes_per_sec})",
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(length, target).with_style(style)
}
