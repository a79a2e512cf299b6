//! `countersign diff`: reads phone numbers, one per line, and counts the decisions that differ
//! between two policies.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use clap::Args;
use countersign::{Channel, Region};

use crate::channel::{CHANNELS, reason};
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::{Answers, Progress};
use crate::{channel, lines, policy_file};

/// Count the decisions that differ between two policies, by region.
///
/// Reads phone numbers from standard input, one per line. Writes CSV to standard output: the
/// channel, the region, the decision of the old and of the new policy, and how many numbers there
/// are. A decision is `allow`, or the reason of a denial. Lines that are not phone numbers are
/// ignored, because no policy allows them.
#[derive(Args)]
pub(crate) struct Options {
    /// The old policy, a TOML file.
    old: PathBuf,
    /// The new policy, a TOML file.
    new: PathBuf,
    /// The channel to compare. Default: all.
    #[arg(long, value_parser = channel::parser())]
    channel: Option<Channel>,
}

/// Runs the command.
///
/// # Errors
///
/// If a policy is invalid, the input can't be read, or the output can't be written.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let (old, new) = (policy_file::read(&options.old)?, policy_file::read(&options.new)?);
    let mut changes = BTreeMap::<_, u64>::new();
    let mut progress = Progress::of_input(Answers::AtTheEnd);
    lines::for_each(io::stdin().lock(), |batch| {
        for (place, channel) in CHANNELS.into_iter().enumerate() {
            if options.channel.is_some_and(|only| only != channel) {
                continue;
            }
            let new = new.decide_many(batch.lines, channel).flatten();
            for ((number, before), (_, after)) in old.decide_many(batch.lines, channel).flatten().zip(new) {
                if before != after {
                    let region = number.region().map_or("", Region::as_str);
                    *changes.entry((place, region, reason(before), reason(after))).or_default() += 1;
                }
            }
        }
        progress.add(batch);
        Ok::<_, Failure>(())
    })?;
    progress.finish();

    let mut output = Output::new();
    output.buffer.extend_from_slice(b"channel,region,old,new,numbers\n");
    for ((place, region, before, after), count) in changes {
        let [before, after] =
            [before, after].map(|why| if why.is_empty() { "allow".to_owned() } else { why });
        let row = format!("{},{region},{before},{after},{count}\n", CHANNELS[place]);
        output.buffer.extend_from_slice(row.as_bytes());
    }
    Ok(output.write()?)
}
