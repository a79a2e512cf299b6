//! The store for hosts without a runtime.

use countersign::store::{Batch, Keep, Loaded, RecordKey, Revision, Store, StoreError, Swap};
use redis::{Client, Connection, ConnectionLike, IntoConnectionInfo, RedisError, RedisResult};

use crate::connections::Connections;
use crate::protocol::{
    self, Call, PREFIX, failed, is_closed, is_unknown_script, loaded, loaded_all, swapped,
};
use crate::store::reachable;
use crate::{Durability, Waits};

/// Keeps records in Redis; its calls block. It has as many connections as there are calls at once,
/// or one of the host's ([`on`](Self::on)).
///
/// ```no_run
/// use countersign::{Channel, Keys, PhoneNumber, Verifier};
/// use countersign_redis::{BlockingRedisStore, Waits};
///
/// # fn login(secret: [u8; 32], number: PhoneNumber) -> Result<(), Box<dyn std::error::Error>> {
/// let store = BlockingRedisStore::connect("redis://127.0.0.1/", Waits::default())?;
/// let verifier = Verifier::new(Keys::from_secret(secret)?, store);
/// let issued = verifier.start(number, Channel::Sms)?;
/// # let _ = issued;
/// # Ok(())
/// # }
/// ```
pub struct BlockingRedisStore<C = Connection> {
    connections: Connections<C>,
    waits: Waits,
    prefix: String,
}

impl BlockingRedisStore {
    /// With a first connection; others follow as they are needed.
    ///
    /// # Errors
    ///
    /// If the address is none, or the server can't be reached in time.
    pub fn connect(address: impl IntoConnectionInfo, waits: Waits) -> Result<Self, StoreError> {
        let client = Client::open(reachable(address, waits).map_err(failed)?).map_err(failed)?;
        let connections = Connections::opened_by(move || open(&client, waits));
        let first = connections.take(waits.connect()).map_err(failed)?;
        connections.give_back(first);
        Ok(Self { connections, waits, prefix: PREFIX.to_owned() })
    }
}

fn open(client: &Client, waits: Waits) -> RedisResult<Connection> {
    let connection = client.get_connection_with_timeout(waits.connect())?;
    connection.set_read_timeout(Some(waits.answer()))?;
    connection.set_write_timeout(Some(waits.answer()))?;
    Ok(connection)
}

impl<C: ConnectionLike> BlockingRedisStore<C> {
    /// Over a connection of the host's, which reconnects by itself: one to a cluster, one out of a
    /// pool, or a [`Client`], which connects for each command. A [`Connection`] does not, and ends
    /// with the first that is lost.
    ///
    /// Calls take turns. A call waits for its turn as long as [`Waits::connect`] says, and for an
    /// answer as long as the connection does: set its timeouts, such as
    /// [`Connection::set_read_timeout`].
    ///
    /// ```no_run
    /// use countersign_redis::redis::Client;
    /// use countersign_redis::{BlockingRedisStore, Waits};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let waits = Waits::default();
    /// let connection = Client::open("redis://127.0.0.1/7")?.get_connection_with_timeout(waits.connect())?;
    /// connection.set_read_timeout(Some(waits.answer()))?;
    /// connection.set_write_timeout(Some(waits.answer()))?;
    /// let store = BlockingRedisStore::on(connection, waits);
    /// # let _ = store;
    /// # Ok(())
    /// # }
    /// ```
    pub fn on(connection: C, waits: Waits) -> Self {
        Self { connections: Connections::only(connection), waits, prefix: PREFIX.to_owned() }
    }

    /// What stands in front of every key: `countersign:`, unless this says otherwise.
    #[must_use]
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), ..self }
    }

    /// What the server says about its memory: whether it can forget what it acknowledged.
    ///
    /// # Errors
    ///
    /// If it does not answer in time.
    pub fn durability(&self) -> Result<Durability, StoreError> {
        let asked = self.ask(|connection| {
            let info = Durability::info().query(connection)?;
            // Many hosted servers do not allow it.
            let settings = Durability::settings().query(connection).ok();
            Ok(Durability::of(&info, settings.as_ref()))
        });
        asked.map_err(Trouble::into_error)
    }

    /// One call over a connection of its own.
    fn ask<T>(&self, call: impl FnOnce(&mut C) -> RedisResult<T>) -> Result<T, Trouble> {
        let mut connection = self.connections.take(self.waits.connect()).map_err(Trouble::NoConnection)?;
        let answer = call(&mut connection);
        match &answer {
            Err(error) if error.code().is_none() => self.connections.give_up(connection),
            _ => self.connections.give_back(connection),
        }
        answer.map_err(Trouble::Call)
    }

    /// The same for what writes nothing: it is asked again if the server has closed an idle
    /// connection.
    fn read<T>(&self, call: impl Fn(&mut C) -> RedisResult<T>) -> Result<T, StoreError> {
        let answer = match self.ask(&call) {
            Err(Trouble::Call(error)) if is_closed(&error) => self.ask(&call),
            answer => answer,
        };
        answer.map_err(Trouble::into_error)
    }
}

/// Where a call failed: before anything was sent, or after.
enum Trouble {
    NoConnection(RedisError),
    Call(RedisError),
}

impl Trouble {
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
            Err(Trouble::Call(error)) => swapped(Err(error)),
            Err(Trouble::NoConnection(error)) => Err(failed(error)),
        }
    }
}

impl<C> std::fmt::Debug for BlockingRedisStore<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BlockingRedisStore").field("waits", &self.waits).finish_non_exhaustive()
    }
}
