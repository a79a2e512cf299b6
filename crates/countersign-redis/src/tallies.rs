//! Redis commands for tallies and their replies, shared by both stores.

use std::sync::LazyLock;

use countersign::Timestamp;
use countersign::store::{
    Change, Effect, Entries, Entry, EntryError, NumberChange, ReadBoth, RecordKey, StoreError,
    StoreErrorKind, TALLIES_PER_CALL, TallyKey,
};
use redis::{Cmd, Pipeline, RedisResult, Script, cmd};

use crate::protocol::{self, Held, failed, is_unknown_script, loaded_all};

static ADD: LazyLock<Script> = LazyLock::new(|| Script::new(ADD_SCRIPT));

/// The Lua script that applies a change to one tally; its comments describe the arguments.
pub const ADD_SCRIPT: &str = include_str!("add.lua");

/// Builds one `GET` per tally, sent together.
pub(crate) fn read(prefix: &str, keys: &[TallyKey]) -> Result<Pipeline, StoreError> {
    check(keys.len())?;
    let mut pipeline = Pipeline::with_capacity(keys.len());
    for key in keys {
        pipeline.cmd("GET").arg(name(prefix, key));
    }
    pipeline.ignore_errors();
    Ok(pipeline)
}

/// Reads the replies, in the order of the keys.
pub(crate) fn entries(keys: &[TallyKey], answers: Vec<Held>, now: Timestamp) -> Result<Entries, StoreError> {
    let mut entries = Entries::new();
    for (key, answer) in keys.iter().zip(answers) {
        entries.push(entry(key, answer, now)?)?;
    }
    Ok(entries)
}

fn entry(key: &TallyKey, answer: Held, now: Timestamp) -> Result<Entry, StoreError> {
    let held = match answer {
        Err(error) if error.code() == Some("WRONGTYPE") => return Err(EntryError::Kind.into()),
        held => held.map_err(failed)?,
    };
    let entry = held.map(|bytes| Entry::from_bytes(key.kind(), &bytes)).transpose()?;
    // Redis may keep an entry for longer, by its own clock.
    Ok(entry.filter(|entry| now <= entry.expires_at()).unwrap_or(Entry::empty(key.kind())))
}

/// Records and tallies, read by one pipeline.
pub(crate) struct Both<'a> {
    records: &'a [RecordKey],
    tallies: &'a [TallyKey],
    now: Timestamp,
    /// The commands of the two. Where there are too many keys, nothing is asked.
    asked: [Result<Pipeline, StoreError>; 2],
}

impl<'a> Both<'a> {
    pub(crate) fn new(
        prefix: &str,
        records: &'a [RecordKey],
        tallies: &'a [TallyKey],
        now: Timestamp,
    ) -> Self {
        let asked = [protocol::load_all(prefix, records), read(prefix, tallies)];
        Self { records, tallies, now, asked }
    }

    /// The commands of both.
    pub(crate) fn pipeline(&self) -> Pipeline {
        let mut pipeline = Pipeline::new();
        for command in self.asked.iter().flatten().flat_map(Pipeline::cmd_iter) {
            pipeline.add_command(command.clone());
        }
        pipeline.ignore_errors();
        pipeline
    }

    /// Reads the replies to the commands of both.
    pub(crate) fn answer(self, answers: RedisResult<Vec<Held>>) -> ReadBoth {
        let Self { records, tallies, now, asked: [of_records, of_tallies] } = self;
        let (mut of_both, error) = match answers {
            Ok(answers) => (answers.into_iter(), None),
            Err(error) => (Vec::new().into_iter(), Some(error)),
        };
        let mut of = |asked: Result<Pipeline, StoreError>, count: usize| match (asked, &error) {
            (Err(too_many), _) => Err(too_many),
            (Ok(_), Some(error)) => Err(failed(error.clone())),
            (Ok(_), None) => Ok(of_both.by_ref().take(count).collect()),
        };
        ReadBoth {
            records: of(of_records, records.len()).and_then(loaded_all),
            tallies: of(of_tallies, tallies.len()).and_then(|answers| entries(tallies, answers, now)),
        }
    }
}

/// Changes of tallies: one call of the script for each.
pub(crate) struct Adds {
    /// The arguments after the script: the number of keys, the key, the time and the change.
    calls: Vec<Vec<Vec<u8>>>,
}

impl Adds {
    pub(crate) fn new(prefix: &str, changes: &[Change], now: Timestamp) -> Result<Self, StoreError> {
        check(changes.len())?;
        let call = |change: &Change| {
            let mut call = vec![b"1".to_vec(), name(prefix, &change.key()), text(now.unix_millis())];
            call.extend(arguments(change.effect()));
            call
        };
        Ok(Self { calls: changes.iter().map(call).collect() })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Calls the script by its digest.
    pub(crate) fn by_digest(&self) -> Pipeline {
        pipeline(self.calls.iter().map(|call| command("EVALSHA", ADD.get_hash(), call)))
    }

    /// Calls the script by its source, where the server did not have it cached and so applied
    /// nothing. `None` if there are none of these.
    ///
    /// # Errors
    ///
    /// If any other call failed.
    pub(crate) fn by_source(&self, answers: Vec<Held>) -> RedisResult<Option<Pipeline>> {
        let mut unknown = Vec::new();
        for (call, answer) in self.calls.iter().zip(answers) {
            match answer {
                Err(error) if is_unknown_script(&error) => unknown.push(command("EVAL", ADD_SCRIPT, call)),
                answer => drop(answer?),
            }
        }
        Ok((!unknown.is_empty()).then(|| pipeline(unknown.into_iter())))
    }
}

fn command(name: &str, script: &str, call: &[Vec<u8>]) -> Cmd {
    let mut command = cmd(name);
    command.arg(script).arg(call);
    command
}

fn pipeline(commands: impl Iterator<Item = Cmd>) -> Pipeline {
    let mut pipeline = Pipeline::new();
    for command in commands {
        pipeline.add_command(command);
    }
    pipeline.ignore_errors();
    pipeline
}

fn arguments(effect: Effect) -> Vec<Vec<u8>> {
    match effect {
        // The shortest digits from which the same number is read.
        Effect::Sums { unanswered, answered } => {
            [unanswered, answered].map(|sum| text(format_args!("{:e}", finite(sum)))).into()
        }
        Effect::Number(NumberChange { sends, unanswered, owed: [sms, whatsapp], verified_since }) => {
            let since = verified_since.map_or(Vec::new(), |since| text(since.unix_millis()));
            vec![text(sends), text(unanswered), text(sms), text(whatsapp), since]
        }
    }
}

/// What adds the same: nothing for what is not a number, and the largest number for infinity.
fn finite(change: f64) -> f64 {
    if change.is_nan() { 0.0 } else { change.clamp(f64::MIN, f64::MAX) }
}

fn text(number: impl ToString) -> Vec<u8> {
    number.to_string().into_bytes()
}

fn check(keys: usize) -> Result<(), StoreError> {
    if keys <= TALLIES_PER_CALL { Ok(()) } else { Err(StoreError::new(StoreErrorKind::TooManyTallies)) }
}

/// Returns a tally's key in Redis, in which records have no part.
fn name(prefix: &str, key: &TallyKey) -> Vec<u8> {
    format!("{prefix}tally:{}", base16ct::lower::encode_string(key.as_bytes())).into_bytes()
}
