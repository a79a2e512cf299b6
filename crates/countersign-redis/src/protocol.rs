//! What is said to Redis, and what its answers mean: the same for both clients.

use std::sync::LazyLock;

use countersign::rng::SystemRng;
use countersign::store::{
    BATCH_RECORDS, Batch, Keep, Loaded, RecordKey, Revision, StoreError, StoreErrorKind, Swap,
};
use rand_core::TryRng;
use redis::{Cmd, ErrorKind, Pipeline, RedisError, RedisResult, Script, cmd};

/// In front of every key.
pub(crate) const PREFIX: &str = "countersign:";

static SWAP: LazyLock<Script> = LazyLock::new(|| Script::new(SWAP_SCRIPT));

/// The script that swaps, in Lua; its first lines say what its arguments are. It asks nothing of what it swaps, so that hosts can
/// keep values of their own in the same way.
pub const SWAP_SCRIPT: &str = include_str!("swap.lua");

pub(crate) fn load(prefix: &str, key: &RecordKey) -> Cmd {
    let mut command = cmd("GET");
    command.arg(name(prefix, key));
    command
}

pub(crate) fn loaded(answer: Option<Vec<u8>>) -> Result<Loaded, StoreError> {
    let Some(held) = answer else { return Ok(Loaded::ABSENT) };
    let (revision, record) =
        held.split_first_chunk().ok_or_else(|| StoreError::new(StoreErrorKind::NotARecord))?;
    Loaded::new(record, Revision::from_number(u64::from_be_bytes(*revision)))
}

/// The answer to one `GET` of a batch.
pub(crate) type Held = RedisResult<Option<Vec<u8>>>;

/// One `GET` for each key, sent together. Not `MGET`, which answers nil for a key of another type: to the
/// verifier that would be a person without failures.
pub(crate) fn load_all(prefix: &str, keys: &[RecordKey]) -> Result<Pipeline, StoreError> {
    if keys.len() > BATCH_RECORDS {
        return Err(StoreError::new(StoreErrorKind::TooManyRecords));
    }
    let mut pipeline = Pipeline::with_capacity(keys.len());
    for key in keys {
        pipeline.add_command(load(prefix, key));
    }
    // Each answer has its own error; otherwise all of them would be one without a code.
    pipeline.ignore_errors();
    Ok(pipeline)
}

/// The answers to a batch, in the order of its keys.
pub(crate) fn loaded_all(answers: Vec<Held>) -> Result<Batch, StoreError> {
    let mut batch = Batch::new();
    for answer in answers {
        batch.push(loaded(answer.map_err(failed)?)?)?;
    }
    Ok(batch)
}

/// A swap: a call of the script, by its digest while the server knows it.
pub(crate) struct Call {
    key: Vec<u8>,
    expected: Vec<u8>,
    next: Vec<u8>,
    millis: String,
}

impl Call {
    pub(crate) fn new(
        prefix: &str,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Self, StoreError> {
        let expected = match expected {
            Revision::ABSENT => Vec::new(),
            revision => revision.number().to_be_bytes().to_vec(),
        };
        let mut next = Vec::new();
        if !record.is_empty() {
            next.extend_from_slice(&revision()?.to_be_bytes());
            next.extend_from_slice(record);
        }
        // What is over already is kept for a moment: no time at all is an error to Redis.
        let millis = keep.ttl().map_or(String::new(), |ttl| ttl.as_millis().max(1).to_string());
        Ok(Self { key: name(prefix, key), expected, next, millis })
    }

    pub(crate) fn by_digest(&self) -> Cmd {
        self.command("EVALSHA", SWAP.get_hash())
    }

    /// For a server that does not know the script, or forgot it. It remembers it from then on.
    pub(crate) fn by_source(&self) -> Cmd {
        self.command("EVAL", SWAP_SCRIPT)
    }

    fn command(&self, name: &str, script: &str) -> Cmd {
        let Self { key, expected, next, millis } = self;
        let mut command = cmd(name);
        command.arg(script).arg(1).arg(key).arg(expected).arg(next).arg(millis);
        command
    }
}

/// A number that no state of any record had before, but for a chance of one in 2^64 for each of them. It is random because
/// everything that counts can be set back: a clock, a counter that expires with its record, one that a failover loses.
fn revision() -> Result<u64, StoreError> {
    loop {
        match SystemRng.try_next_u64() {
            Ok(0) => {}
            Ok(number) => return Ok(number),
            Err(error) => return Err(StoreError::unavailable(error)),
        }
    }
}

/// The server has closed the connection, perhaps while it was idle. What writes nothing may be asked again, over another.
pub(crate) fn is_closed(error: &RedisError) -> bool {
    error.is_connection_dropped() && !error.is_timeout() && !error.is_connection_refusal()
}

pub(crate) fn is_unknown_script(error: &RedisError) -> bool {
    error.code() == Some("NOSCRIPT")
}

pub(crate) fn swapped(answer: RedisResult<i64>) -> Result<Swap, StoreError> {
    match answer {
        Ok(1) => Ok(Swap::Applied),
        Ok(_) => Ok(Swap::Conflict),
        Err(error) if nothing_is_written(&error) => Err(failed(error)),
        Err(_) => Ok(Swap::Unknown),
    }
}

/// The server said so itself, or was never asked.
fn nothing_is_written(error: &RedisError) -> bool {
    let never_asked = matches!(
        error.kind(),
        ErrorKind::AuthenticationFailed
            | ErrorKind::InvalidClientConfig
            | ErrorKind::ClusterConnectionNotFound
    );
    error.code().is_some() || never_asked || error.is_connection_refusal()
}

pub(crate) fn failed(error: RedisError) -> StoreError {
    match error.code() {
        Some("OOM") => StoreError::new(StoreErrorKind::Full),
        Some("WRONGTYPE") => StoreError::new(StoreErrorKind::NotARecord),
        _ => StoreError::unavailable(error),
    }
}

/// Letters and digits, so that operators can look at a key; no braces, so that a cluster spreads records evenly.
fn name(prefix: &str, key: &RecordKey) -> Vec<u8> {
    format!("{prefix}{}", base16ct::lower::encode_string(key.as_bytes())).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign::store::RECORD_BYTES;

    #[test]
    fn what_is_too_short_or_too_long_is_no_record() {
        for bytes in [vec![1; 7], vec![1; 8 + RECORD_BYTES + 1]] {
            assert_eq!(loaded(Some(bytes)).unwrap_err().kind(), StoreErrorKind::NotARecord);
        }
        assert_eq!(loaded(None).unwrap().revision(), Revision::ABSENT);
        let loaded = loaded(Some(b"\0\0\0\0\0\0\x01\x02abc".to_vec())).unwrap();
        assert_eq!((loaded.revision().number(), loaded.record()), (258, &b"abc"[..]));
    }

    #[test]
    fn the_server_is_told_what_is_to_be_done() {
        let key = RecordKey::from_bytes([0xAB; 16]);
        let keep = Keep::new(countersign::Timestamp::EPOCH, countersign::Timestamp::EPOCH);
        let call = Call::new("otp:", &key, Revision::from_number(1), b"x", keep).unwrap();
        assert_eq!(call.key, b"otp:abababababababababababababababab");
        assert_eq!((&*call.expected, &*call.millis), (&[0, 0, 0, 0, 0, 0, 0, 1][..], "1"));
        assert_eq!((call.next.len(), call.next.last()), (9, Some(&b'x')));
        let call = Call::new(PREFIX, &key, Revision::ABSENT, b"", keep).unwrap();
        assert!(call.expected.is_empty() && call.next.is_empty());
    }
}
