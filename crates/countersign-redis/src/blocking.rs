//! The blocking store.

use countersign::Timestamp;
use countersign::store::{
    Batch, Change, Entries, Keep, Loaded, ReadBoth, RecordKey, Revision, Store, StoreError, Swap, Tallies,
    TallyKey,
};
use redis::{Client, Connection, ConnectionLike, IntoConnectionInfo, Pipeline, RedisError, RedisResult};

use crate::connections::Connections;
use crate::protocol::{
    self, Call, Held, PREFIX, failed, is_closed, is_unknown_script, loaded, loaded_all, swapped,
};
use crate::store::reachable;
use crate::tallies::{self, Adds, Both, entries};
use crate::{Durability, Timeouts};

/// A store that keeps records and tallies in Redis, with blocking calls. It opens one connection per
/// concurrent call, or uses the host's ([`on`](Self::on)).
///
/// ```no_run
/// use countersign::{Channel, Keys, PhoneNumber, Verifier};
/// use countersign_redis::{BlockingRedisStore, Timeouts};
///
/// # fn login(secret: [u8; 32], number: PhoneNumber) -> Result<(), Box<dyn std::error::Error>> {
/// let store = BlockingRedisStore::connect("redis://127.0.0.1/", Timeouts::default())?;
/// let verifier = Verifier::new(Keys::from_secret(secret)?, store);
/// let issued = verifier.start(number, Channel::Sms)?;
/// # let _ = issued;
/// # Ok(())
/// # }
/// ```
pub struct BlockingRedisStore<C = Connection> {
    connections: Connections<C>,
    timeouts: Timeouts,
    prefix: String,
}

impl BlockingRedisStore {
    /// Connects to a server. Further connections are opened as needed.
    ///
    /// # Errors
    ///
    /// If the address is malformed, or the server can't be reached in time.
    pub fn connect(address: impl IntoConnectionInfo, timeouts: Timeouts) -> Result<Self, StoreError> {
        let client = Client::open(reachable(address, timeouts).map_err(failed)?).map_err(failed)?;
        let connections = Connections::opened_by(move || open(&client, timeouts));
        let first = connections.take(timeouts.connect()).map_err(failed)?;
        connections.give_back(first);
        Ok(Self { connections, timeouts, prefix: PREFIX.to_owned() })
    }
}

fn open(client: &Client, timeouts: Timeouts) -> RedisResult<Connection> {
    let connection = client.get_connection_with_timeout(timeouts.connect())?;
    connection.set_read_timeout(Some(timeouts.answer()))?;
    connection.set_write_timeout(Some(timeouts.answer()))?;
    Ok(connection)
}

impl<C: ConnectionLike> BlockingRedisStore<C> {
    /// Creates a store on the host's connection, which must reconnect by itself: a cluster
    /// connection, a pooled one, or a [`Client`], which connects for each command. A [`Connection`]
    /// does not reconnect; once it is lost, every call fails. A cluster connection takes a round
    /// trip for each key, and repeats commands whose reply it lost; if the store keeps tallies,
    /// turn that off with `ClusterClientBuilder::retries(0)`.
    ///
    /// Calls take turns. A call waits for its turn for at most [`Timeouts::connect`]. It waits for
    /// an answer for as long as the connection does, so set the connection's timeouts, for example
    /// with [`Connection::set_read_timeout`].
    ///
    /// ```no_run
    /// use countersign_redis::redis::Client;
    /// use countersign_redis::{BlockingRedisStore, Timeouts};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let timeouts = Timeouts::default();
    /// let client = Client::open("redis://127.0.0.1/7")?;
    /// let connection = client.get_connection_with_timeout(timeouts.connect())?;
    /// connection.set_read_timeout(Some(timeouts.answer()))?;
    /// connection.set_write_timeout(Some(timeouts.answer()))?;
    /// let store = BlockingRedisStore::on(connection, timeouts);
    /// # let _ = store;
    /// # Ok(())
    /// # }
    /// ```
    pub fn on(connection: C, timeouts: Timeouts) -> Self {
        Self { connections: Connections::only(connection), timeouts, prefix: PREFIX.to_owned() }
    }

    /// Sets the prefix of every key. Default: `countersign:`.
    #[must_use]
    pub fn with_prefix(self, prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), ..self }
    }

    /// Queries the settings that decide whether the server can lose acknowledged writes.
    ///
    /// # Errors
    ///
    /// If the server does not respond in time.
    pub fn durability(&self) -> Result<Durability, StoreError> {
        let asked = self.ask(|connection| {
            let info = Durability::info().query(connection)?;
            // Many hosted servers disable CONFIG.
            let settings = Durability::settings().query(connection).ok();
            Ok(Durability::of(&info, settings.as_ref()))
        });
        asked.map_err(|error| failed(error.into_cause()))
    }

    /// Makes one call, with exclusive use of a connection.
    fn ask<T>(&self, call: impl FnOnce(&mut C) -> RedisResult<T>) -> Result<T, CallError> {
        let mut connection =
            self.connections.take(self.timeouts.connect()).map_err(CallError::NoConnection)?;
        let answer = call(&mut connection);
        match &answer {
            Err(error) if error.code().is_none() => self.connections.give_up(connection),
            _ => self.connections.give_back(connection),
        }
        answer.map_err(CallError::Call)
    }

    /// As [`ask`](Self::ask), for calls that write nothing: retries once if the server had closed
    /// an idle connection.
    fn ask_to_read<T>(&self, call: impl Fn(&mut C) -> RedisResult<T>) -> RedisResult<T> {
        let answer = match self.ask(&call) {
            Err(CallError::Call(error)) if is_closed(&error) => self.ask(&call),
            answer => answer,
        };
        answer.map_err(CallError::into_cause)
    }
}

/// Why a call failed: before or after its command was sent.
enum CallError {
    NoConnection(RedisError),
    Call(RedisError),
}

impl CallError {
    fn into_cause(self) -> RedisError {
        match self {
            Self::NoConnection(error) | Self::Call(error) => error,
        }
    }
}

/// Runs a pipeline: in one round trip, or in one per command on a connection without pipelines.
fn ask_all(pipeline: &Pipeline, connection: &mut impl ConnectionLike) -> RedisResult<Vec<Held>> {
    if connection.supports_pipelining() {
        return pipeline.query(connection);
    }
    Ok(pipeline.cmd_iter().map(|command| command.query(connection)).collect())
}

impl<C: ConnectionLike> Store for BlockingRedisStore<C> {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        let command = protocol::load(&self.prefix, key);
        loaded(self.ask_to_read(|connection| command.query(connection)).map_err(failed)?)
    }

    fn load_all(&self, keys: &[RecordKey]) -> Result<Batch, StoreError> {
        let pipeline = protocol::load_all(&self.prefix, keys)?;
        if keys.is_empty() {
            return Ok(Batch::new());
        }
        loaded_all(self.ask_to_read(|connection| ask_all(&pipeline, connection)).map_err(failed)?)
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        let call = Call::new(&self.prefix, key, expected, record, keep)?;
        let answer = self.ask(|connection| match call.by_digest().query(connection) {
            Err(error) if is_unknown_script(&error) => call.by_source().query(connection),
            answer => answer,
        });
        match answer {
            Ok(answer) => swapped(Ok(answer)),
            Err(CallError::Call(error)) => swapped(Err(error)),
            Err(CallError::NoConnection(error)) => Err(failed(error)),
        }
    }
}

/// Everything is read in one round trip with the records, and changed in one.
impl<C: ConnectionLike> Tallies for BlockingRedisStore<C> {
    fn read(&self, keys: &[TallyKey], now: Timestamp) -> Result<Entries, StoreError> {
        let pipeline = tallies::read(&self.prefix, keys)?;
        if keys.is_empty() {
            return Ok(Entries::new());
        }
        let answers = self.ask_to_read(|connection| ask_all(&pipeline, connection));
        entries(keys, answers.map_err(failed)?, now)
    }

    fn add(&self, changes: &[Change], now: Timestamp) -> Result<(), StoreError> {
        let adds = Adds::new(&self.prefix, changes, now)?;
        if adds.is_empty() {
            return Ok(());
        }
        let added = self.ask(|connection| {
            let answers = ask_all(&adds.by_digest(), connection)?;
            if let Some(pipeline) = adds.by_source(answers)? {
                for answer in ask_all(&pipeline, connection)? {
                    answer?;
                }
            }
            Ok(())
        });
        added.map_err(|error| failed(error.into_cause()))
    }

    fn load_with_tallies(&self, records: &[RecordKey], tallies: &[TallyKey], now: Timestamp) -> ReadBoth {
        let both = Both::new(&self.prefix, records, tallies, now);
        let pipeline = both.pipeline();
        if pipeline.is_empty() {
            return both.answer(Ok(Vec::new()));
        }
        let answers = self.ask_to_read(|connection| ask_all(&pipeline, connection));
        both.answer(answers)
    }
}

impl<C> std::fmt::Debug for BlockingRedisStore<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BlockingRedisStore").field("timeouts", &self.timeouts).finish_non_exhaustive()
    }
}
