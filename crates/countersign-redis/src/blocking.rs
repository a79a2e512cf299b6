//! The store for hosts without a runtime.

use std::sync::{Mutex, PoisonError};

use countersign::store::{Batch, Keep, Loaded, RecordKey, Revision, Store, StoreError, Swap};
use redis::{Client, Connection, IntoConnectionInfo, RedisError, RedisResult};

use crate::protocol::{
    self, Call, PREFIX, failed, is_closed, is_unknown_script, loaded, loaded_all, swapped,
};
use crate::store::reachable;
use crate::{Durability, Waits};

/// So many connections wait for their next call; those beyond are closed after theirs.
const IDLE: usize = 64;

/// Keeps records in Redis; its calls block. As many calls at once, so many connections.
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
pub struct BlockingRedisStore {
    client: Client,
    waits: Waits,
    prefix: String,
    idle: Mutex<Vec<Connection>>,
}

impl BlockingRedisStore {
    /// With a first connection; others follow as they are needed.
    ///
    /// # Errors
    ///
    /// If the address is none, or the server can't be reached in time.
    pub fn connect(address: impl IntoConnectionInfo, waits: Waits) -> Result<Self, StoreError> {
        let client = Client::open(reachable(address, waits).map_err(failed)?).map_err(failed)?;
        let store = Self { client, waits, prefix: PREFIX.to_owned(), idle: Mutex::default() };
        let first = store.open().map_err(failed)?;
        store.give_back(first);
        Ok(store)
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

    /// One call over a connection of its own. A connection that was in trouble is not used again, for the next answer that
    /// it gives may be that of an earlier call.
    fn ask<T>(&self, call: impl FnOnce(&mut Connection) -> RedisResult<T>) -> Result<T, Trouble> {
        let idle = self.idle().pop();
        let mut connection = idle.map_or_else(|| self.open(), Ok).map_err(Trouble::NoConnection)?;
        let answer = call(&mut connection);
        match &answer {
            Err(error) if error.code().is_none() => self.idle().clear(),
            _ => self.give_back(connection),
        }
        answer.map_err(Trouble::Call)
    }

    /// The same for what writes nothing: it is asked again if the server has closed an idle connection.
    fn read<T>(&self, call: impl Fn(&mut Connection) -> RedisResult<T>) -> Result<T, StoreError> {
        let answer = match self.ask(&call) {
            Err(Trouble::Call(error)) if is_closed(&error) => self.ask(&call),
            answer => answer,
        };
        answer.map_err(Trouble::into_error)
    }

    fn open(&self) -> RedisResult<Connection> {
        let connection = self.client.get_connection_with_timeout(self.waits.connect())?;
        connection.set_read_timeout(Some(self.waits.answer()))?;
        connection.set_write_timeout(Some(self.waits.answer()))?;
        Ok(connection)
    }

    fn give_back(&self, connection: Connection) {
        let mut idle = self.idle();
        if idle.len() < IDLE {
            idle.push(connection);
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
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

impl Store for BlockingRedisStore {
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

impl std::fmt::Debug for BlockingRedisStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BlockingRedisStore").field("waits", &self.waits).finish_non_exhaustive()
    }
}
