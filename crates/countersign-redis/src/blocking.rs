//! The blocking store.

use countersign::store::{Batch, Keep, Loaded, RecordKey, Revision, Store, StoreError, Swap};
use redis::{Client, Connection, ConnectionLike, IntoConnectionInfo, RedisError, RedisResult};

use crate::connections::Connections;
use crate::protocol::{
    self, Call, PREFIX, failed, is_closed, is_unknown_script, loaded, loaded_all, swapped,
};
use crate::store::reachable;
use crate::{Durability, Timeouts};

/// A store that keeps records in Redis, with blocking calls. It opens one connection per concurrent
/// call, or uses the host's ([`on`](Self::on)).
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
    /// does not reconnect; once it is lost, every call fails.
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
        asked.map_err(CallError::into_error)
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
    fn read<T>(&self, call: impl Fn(&mut C) -> RedisResult<T>) -> Result<T, StoreError> {
        let answer = match self.ask(&call) {
            Err(CallError::Call(error)) if is_closed(&error) => self.ask(&call),
            answer => answer,
        };
        answer.map_err(CallError::into_error)
    }
}

/// Why a call failed: before or after its command was sent.
enum CallError {
    NoConnection(RedisError),
    Call(RedisError),
}

impl CallError {
    fn into_error(self) -> StoreError {
        match self {
            Self::NoConnection(error) | Self::Call(error) => failed(error),
        }
    }
}

impl<C: ConnectionLike> Store for BlockingRedisStore<C> {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        let command = protocol::load(&self.prefix, key);
        loaded(self.read(|connection| command.query(connection))?)
    }

    fn load_all(&self, keys: &[RecordKey]) -> Result<Batch, StoreError> {
        let pipeline = protocol::load_all(&self.prefix, keys)?;
        if keys.is_empty() {
            return Ok(Batch::new());
        }
        loaded_all(self.read(|connection| pipeline.query(connection))?)
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

impl<C> std::fmt::Debug for BlockingRedisStore<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BlockingRedisStore").field("timeouts", &self.timeouts).finish_non_exhaustive()
    }
}
