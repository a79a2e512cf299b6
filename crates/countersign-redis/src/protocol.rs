//! Redis commands and their replies, shared by both stores.

use std::sync::LazyLock;

use countersign::rng::SystemRng;
use countersign::store::{
    BATCH_RECORDS, Batch, Keep, Loaded, RecordKey, Revision, StoreError, StoreErrorKind, Swap,
};
use rand_core::TryRng;
use redis::{Cmd, ErrorKind, Pipeline, RedisError, RedisResult, Script, cmd};

/// The default prefix of every key.
pub(crate) const PREFIX: &str = "countersign:";

static SWAP: LazyLock<Script> = LazyLock::new(|| Script::new(SWAP_SCRIPT));

/// The Lua script for a compare-and-swap; its comments describe the arguments. It does not
/// interpret the record, so hosts can use it for values of their own.
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

/// The reply to one `GET` of a batch.
pub(crate) type Held = RedisResult<Option<Vec<u8>>>;

/// Builds one `GET` per key, sent together. `MGET` would not do: it returns nil for a key of
/// another type, which the verifier would take for a recipient without failures.
pub(crate) fn load_all(prefix: &str, keys: &[RecordKey]) -> Result<Pipeline, StoreError> {
    if keys.len() > BATCH_RECORDS {
        return Err(StoreError::new(StoreErrorKind::TooManyRecords));
    }
    let mut pipeline = Pipeline::with_capacity(keys.len());
    for key in keys {
        pipeline.add_command(load(prefix, key));
    }
    // Keep the error of each command; otherwise the batch has a single error without a code.
    pipeline.ignore_errors();
    Ok(pipeline)
}

/// Reads the replies to a batch, in the order of its keys.
pub(crate) fn loaded_all(answers: Vec<Held>) -> Result<Batch, StoreError> {
    let mut batch = Batch::new();
    for answer in answers {
        batch.push(loaded(answer.map_err(failed)?)?)?;
    }
    Ok(batch)
}

/// A swap: a call of the script, by digest as long as the server has it cached.
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
        // Redis rejects a lifetime of zero, so a record that has already expired is kept for 1 ms.
        let millis = keep.ttl().map_or(String::new(), |ttl| ttl.as_millis().max(1).to_string());
        Ok(Self { key: name(prefix, key), expected, next, millis })
    }

    pub(crate) fn by_digest(&self) -> Cmd {
        self.command("EVALSHA", SWAP.get_hash())
    }

    /// Sends the script's source, for a server that does not have it cached. The server caches it.
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

/// Draws a revision. It equals an earlier one with a probability of 2^-64 per earlier revision. It
/// is random because anything that counts can go back: a clock, a counter that expires with its
/// record, or a counter that a failover loses.
fn revision() -> Result<u64, StoreError> {
    loop {
        match SystemRng.try_next_u64() {
            Ok(0) => {}
            Ok(number) => return Ok(number),
            Err(error) => return Err(StoreError::unavailable(error)),
        }
    }
}

/// Whether the server had closed the connection, perhaps while it was idle. Calls that write
/// nothing may be retried on another connection.
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
        Err(error) if nothing_was_written(&error) => Err(failed(error)),
        Err(_) => Ok(Swap::Unknown),
    }
}

/// Whether the error proves that nothing was written: the server reported it, or was never asked.
fn nothing_was_written(error: &RedisError) -> bool {
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

/// Returns a record's key in Redis: hexadecimal, so that operators can read it, and without braces,
/// so that a cluster spreads records evenly.
fn name(prefix: &str, key: &RecordKey) -> Vec<u8> {
    format!("{prefix}{}", base16ct::lower::encode_string(key.as_bytes())).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign::store::RECORD_BYTES;

    #[test]
    fn rejects_values_that_are_too_short_or_too_long() {
        for bytes in [vec![1; 7], vec![1; 8 + RECORD_BYTES + 1]] {
            assert_eq!(loaded(Some(bytes)).unwrap_err().kind(), StoreErrorKind::NotARecord);
        }
        assert_eq!(loaded(None).unwrap().revision(), Revision::ABSENT);
        let loaded = loaded(Some(b"\0\0\0\0\0\0\x01\x02abc".to_vec())).unwrap();
        assert_eq!((loaded.revision().number(), loaded.record()), (258, &b"abc"[..]));
    }

    #[test]
    fn encodes_the_arguments_of_a_swap() {
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
