//! The async store.

use std::io;
use std::time::Duration;

use countersign::Timestamp;
use countersign::store::{
    AsyncStore, AsyncTallies, Batch, Change, Entries, Keep, Loaded, ReadBoth, RecordKey, Revision,
    StoreError, Swap, TallyKey,
};
use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::io::tcp::{TcpSettings, socket2::TcpKeepalive};
use redis::{Client, ConnectionInfo, IntoConnectionInfo, Pipeline, RedisError, RedisResult};
use tokio::time::timeout;

use crate::protocol::{
    self, Call, Held, PREFIX, failed, is_closed, is_unknown_script, loaded, loaded_all, swapped,
};
use crate::tallies::{self, Adds, Both, entries};
use crate::{Durability, Timeouts};

/// A store that keeps records and tallies in Redis, with async calls on tokio.
///
/// ```no_run
/// use countersign::{Channel, Keys, PhoneNumber, Verifier};
/// use countersign_redis::{RedisStore, Timeouts};
///
/// # use std::error::Error;
/// # async fn login(secret: [u8; 32], number: PhoneNumber) -> Result<(), Box<dyn Error>> {
/// let store = RedisStore::connect("redis://127.0.0.1/", Timeouts::default()).await?;
/// for warning in store.durability().await?.warnings() {
///     eprintln!("{warning}");         // or your log
/// }
/// let verifier = Verifier::new(Keys::from_secret(secret)?, store);
/// let issued = verifier.asynchronously().start(number, Channel::Sms).await?;
/// # let _ = issued;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RedisStore<C = ConnectionManager> {
    connection: C,
    /// For adds, which are never repeated.
    adds: C,
    timeouts: Timeouts,
    prefix: String,
}

impl RedisStore {
    /// Connects to a server. All calls share one connection, which reconnects by itself.
    ///
    /// # Errors
    ///
    /// If the address is malformed, or the server can't be reached in time.
    pub async fn connect(address: impl IntoConnectionInfo, timeouts: Timeouts) -> Result<Self, StoreError> {
        let client = Client::open(reachable(address, timeouts).map_err(failed)?).map_err(failed)?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(timeouts.connect()))
            .set_response_timeout(Some(timeouts.answer()))
            // The next call reconnects; no call waits for another call's retries.
            .set_number_of_retries(0);
        let connecting = ConnectionManager::new_with_config(client, config);
        let connection = within(timeouts, connecting).await.ok_or_else(|| no_answer(timeouts))?;
        Ok(Self::on(connection.map_err(failed)?, timeouts))
    }
}

#[cfg(feature = "cluster")]
impl RedisStore<redis::cluster_async::ClusterConnection> {
    /// Connects to a cluster through some of its nodes. Each record and each tally is one key, and
    /// so lives on one node.
    ///
    /// Opens a second connection for adds to tallies: the client repeats what it sent when it lost
    /// the reply, which a write of a record withstands and an add does not.
    ///
    /// # Errors
    ///
    /// As for [`connect`](RedisStore::connect).
    pub async fn connect_cluster<A: IntoConnectionInfo>(
        nodes: impl IntoIterator<Item = A>,
        timeouts: Timeouts,
    ) -> Result<Self, StoreError> {
        let nodes: RedisResult<Vec<_>> = nodes.into_iter().map(|node| reachable(node, timeouts)).collect();
        let nodes = nodes.map_err(failed)?;
        let builder = || {
            redis::cluster::ClusterClientBuilder::new(nodes.clone())
                .connection_timeout(timeouts.connect())
                .response_timeout(timeouts.answer())
        };
        let client = builder().build().map_err(failed)?;
        let without_retries = builder().retries(0).build().map_err(failed)?;
        let connecting = futures_util::future::try_join(
            client.get_async_connection(),
            without_retries.get_async_connection(),
        );
        let connected = within(timeouts, connecting).await.ok_or_else(|| no_answer(timeouts))?;
        let (connection, adds) = connected.map_err(failed)?;
        Ok(Self::on(connection, timeouts).with_connection_for_adds(adds))
    }
}

impl<C: ConnectionLike + Clone> RedisStore<C> {
    /// Creates a store on the host's connection, which must reconnect by itself. Calls time out
    /// whatever its settings. A cluster connection needs the feature `cluster`; it repeats commands
    /// whose reply it lost, so [give adds their own](Self::with_connection_for_adds).
    pub fn on(connection: C, timeouts: Timeouts) -> Self {
        Self { adds: connection.clone(), connection, timeouts, prefix: PREFIX.to_owned() }
    }

    /// Uses this connection for adds to tallies. It must not repeat a command whose reply it lost:
    /// for a cluster, set `ClusterClientBuilder::retries(0)`.
    #[must_use]
    pub fn with_connection_for_adds(self, adds: C) -> Self {
        Self { adds, ..self }
    }

    /// Sets the prefix of every key. Default: `countersign:`.
    #[must_use]
    pub fn with_prefix(self, prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), ..self }
    }

    /// Returns the connection, so that the host can use it for its own keys.
    pub const fn connection(&self) -> &C {
        &self.connection
    }

    /// Queries the settings that decide whether the server can lose acknowledged writes.
    ///
    /// # Errors
    ///
    /// If the server does not respond in time.
    pub async fn durability(&self) -> Result<Durability, StoreError> {
        let mut connection = self.connection.clone();
        let asking = async {
            let info = Durability::info().query_async(&mut connection).await?;
            // Many hosted servers disable CONFIG.
            let settings = Durability::settings().query_async(&mut connection).await;
            Ok(Durability::of(&info, settings.ok().as_ref()))
        };
        within(self.timeouts, asking).await.ok_or_else(|| no_answer(self.timeouts))?.map_err(failed)
    }
}

impl<C: ConnectionLike + Clone + Send + Sync> AsyncStore for RedisStore<C> {
    async fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        let (command, mut connection) = (protocol::load(&self.prefix, key), self.connection.clone());
        let asking = async {
            match command.query_async(&mut connection).await {
                Err(error) if is_closed(&error) => command.query_async(&mut connection).await,
                answer => answer,
            }
        };
        let answer = within(self.timeouts, asking).await;
        loaded(answer.ok_or_else(|| no_answer(self.timeouts))?.map_err(failed)?)
    }

    async fn load_all(&self, keys: &[RecordKey]) -> Result<Batch, StoreError> {
        let pipeline = protocol::load_all(&self.prefix, keys)?;
        if keys.is_empty() {
            return Ok(Batch::new());
        }
        let answers = within(self.timeouts, self.read_all(&pipeline)).await;
        loaded_all(answers.ok_or_else(|| no_answer(self.timeouts))?.map_err(failed)?)
    }

    async fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        let call = Call::new(&self.prefix, key, expected, record, keep)?;
        let mut connection = self.connection.clone();
        let asking = async {
            match call.by_digest().query_async(&mut connection).await {
                Err(error) if is_unknown_script(&error) => {
                    call.by_source().query_async(&mut connection).await
                }
                answer => answer,
            }
        };
        within(self.timeouts, asking).await.map_or(Ok(Swap::Unknown), swapped)
    }
}

/// Everything is read in one round trip with the records, and changed in one.
impl<C: ConnectionLike + Clone + Send + Sync> AsyncTallies for RedisStore<C> {
    async fn read(&self, keys: &[TallyKey], now: Timestamp) -> Result<Entries, StoreError> {
        let pipeline = tallies::read(&self.prefix, keys)?;
        if keys.is_empty() {
            return Ok(Entries::new());
        }
        let answers = within(self.timeouts, self.read_all(&pipeline)).await;
        entries(keys, answers.ok_or_else(|| no_answer(self.timeouts))?.map_err(failed)?, now)
    }

    async fn add(&self, changes: &[Change], now: Timestamp) -> Result<(), StoreError> {
        let adds = Adds::new(&self.prefix, changes, now)?;
        if adds.is_empty() {
            return Ok(());
        }
        let adding = async {
            let answers = ask_all(&adds.by_digest(), &self.adds).await?;
            if let Some(pipeline) = adds.by_source(answers)? {
                for answer in ask_all(&pipeline, &self.adds).await? {
                    answer?;
                }
            }
            Ok(())
        };
        within(self.timeouts, adding).await.ok_or_else(|| no_answer(self.timeouts))?.map_err(failed)
    }

    async fn load_with_tallies(
        &self,
        records: &[RecordKey],
        tallies: &[TallyKey],
        now: Timestamp,
    ) -> ReadBoth {
        let both = Both::new(&self.prefix, records, tallies, now);
        let pipeline = both.pipeline();
        if pipeline.is_empty() {
            return both.answer(Ok(Vec::new()));
        }
        let answers = within(self.timeouts, self.read_all(&pipeline)).await;
        both.answer(answers.unwrap_or_else(|| Err(timed_out(self.timeouts))))
    }
}

impl<C: ConnectionLike + Clone + Send + Sync> RedisStore<C> {
    /// Runs a pipeline that writes nothing: again if the server had closed an idle connection.
    async fn read_all(&self, pipeline: &Pipeline) -> RedisResult<Vec<Held>> {
        match ask_all(pipeline, &self.connection).await {
            Err(error) if is_closed(&error) => ask_all(pipeline, &self.connection).await,
            answer => answer,
        }
    }
}

impl<C> std::fmt::Debug for RedisStore<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisStore").field("timeouts", &self.timeouts).finish_non_exhaustive()
    }
}

/// Runs a pipeline: in one round trip, or in one per slot of a cluster.
async fn ask_all(pipeline: &Pipeline, connection: &(impl ConnectionLike + Clone)) -> RedisResult<Vec<Held>> {
    let answers = pipeline.query_async(&mut connection.clone()).await;
    #[cfg(feature = "cluster")]
    if let Err(error) = &answers
        && crate::slots::are_several(error)
    {
        return Ok(crate::slots::ask(pipeline, connection).await);
    }
    answers
}

/// Awaits a call for at most [`Timeouts::longest`].
async fn within<T>(timeouts: Timeouts, call: impl Future<Output = T>) -> Option<T> {
    timeout(timeouts.longest(), call).await.ok()
}

pub(crate) fn no_answer(timeouts: Timeouts) -> StoreError {
    failed(timed_out(timeouts))
}

fn timed_out(timeouts: Timeouts) -> RedisError {
    let error =
        io::Error::new(io::ErrorKind::TimedOut, format!("no response within {:?}", timeouts.longest()));
    error.into()
}

/// Adds TCP settings to an address, so that connections to an unreachable host are closed: after
/// twice the answer timeout without an acknowledgement.
pub(crate) fn reachable(address: impl IntoConnectionInfo, timeouts: Timeouts) -> RedisResult<ConnectionInfo> {
    let tcp_timeout = timeouts.answer().saturating_mul(2).max(Duration::from_secs(1));
    let settings = TcpSettings::default().set_nodelay(true);
    let settings = settings.set_keepalive(TcpKeepalive::new().with_time(tcp_timeout));
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(tcp_timeout);
    Ok(address.into_connection_info()?.set_tcp_settings(settings))
}
