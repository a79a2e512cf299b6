//! The async store.

use std::time::Duration;

use countersign::store::{AsyncStore, Batch, Keep, Loaded, RecordKey, Revision, StoreError, Swap};
use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::io::tcp::{TcpSettings, socket2::TcpKeepalive};
use redis::{Client, ConnectionInfo, IntoConnectionInfo, Pipeline, RedisResult};
use tokio::time::timeout;

use crate::protocol::{
    self, Call, Held, PREFIX, failed, is_closed, is_unknown_script, loaded, loaded_all, swapped,
};
use crate::{Durability, Waits};

/// Keeps records in Redis; its calls are awaited, on tokio.
///
/// ```no_run
/// use countersign::{Channel, Keys, PhoneNumber, Verifier};
/// use countersign_redis::{RedisStore, Waits};
///
/// # async fn login(secret: [u8; 32], number: PhoneNumber) -> Result<(), Box<dyn std::error::Error>> {
/// let store = RedisStore::connect("redis://127.0.0.1/", Waits::default()).await?;
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
    waits: Waits,
    prefix: String,
}

impl RedisStore {
    /// Over one connection that is shared by all calls, and made anew by itself whenever it is lost.
    ///
    /// # Errors
    ///
    /// If the address is none, or the server can't be reached in time.
    pub async fn connect(address: impl IntoConnectionInfo, waits: Waits) -> Result<Self, StoreError> {
        let client = Client::open(reachable(address, waits).map_err(failed)?).map_err(failed)?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(waits.connect()))
            .set_response_timeout(Some(waits.answer()))
            // The next call tries again; none waits while others do.
            .set_number_of_retries(0);
        let connecting = ConnectionManager::new_with_config(client, config);
        let connection = within(waits, connecting).await.ok_or_else(|| no_answer(waits))?;
        Ok(Self::on(connection.map_err(failed)?, waits))
    }
}

#[cfg(feature = "cluster")]
impl RedisStore<redis::cluster_async::ClusterConnection> {
    /// Over a cluster, of which these are some nodes. Every record has one key, so that each is whole on one node.
    ///
    /// # Errors
    ///
    /// As [`connect`](RedisStore::connect).
    pub async fn connect_cluster<A: IntoConnectionInfo>(
        nodes: impl IntoIterator<Item = A>,
        waits: Waits,
    ) -> Result<Self, StoreError> {
        let nodes: RedisResult<Vec<_>> = nodes.into_iter().map(|node| reachable(node, waits)).collect();
        let client = redis::cluster::ClusterClientBuilder::new(nodes.map_err(failed)?)
            .connection_timeout(waits.connect())
            .response_timeout(waits.answer())
            .build()
            .map_err(failed)?;
        let connecting = within(waits, client.get_async_connection());
        let connection = connecting.await.ok_or_else(|| no_answer(waits))?;
        Ok(Self::on(connection.map_err(failed)?, waits))
    }
}

impl<C: ConnectionLike + Clone> RedisStore<C> {
    /// Over a connection of the host's, which reconnects by itself. Calls end in time whatever it does. A
    /// connection to a cluster needs the feature `cluster`.
    pub fn on(connection: C, waits: Waits) -> Self {
        Self { connection, waits, prefix: PREFIX.to_owned() }
    }

    /// What stands in front of every key: `countersign:`, unless this says otherwise.
    #[must_use]
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), ..self }
    }

    /// The connection, for what else the host keeps there.
    pub const fn connection(&self) -> &C {
        &self.connection
    }

    /// What the server says about its memory: whether it can forget what it acknowledged.
    ///
    /// # Errors
    ///
    /// If it does not answer in time.
    pub async fn durability(&self) -> Result<Durability, StoreError> {
        let mut connection = self.connection.clone();
        let asking = async {
            let info = Durability::info().query_async(&mut connection).await?;
            // Many hosted servers do not allow it.
            let settings = Durability::settings().query_async(&mut connection).await;
            Ok(Durability::of(&info, settings.ok().as_ref()))
        };
        within(self.waits, asking).await.ok_or_else(|| no_answer(self.waits))?.map_err(failed)
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
        let answer = within(self.waits, asking).await;
        loaded(answer.ok_or_else(|| no_answer(self.waits))?.map_err(failed)?)
    }

    async fn load_all(&self, keys: &[RecordKey]) -> Result<Batch, StoreError> {
        let pipeline = protocol::load_all(&self.prefix, keys)?;
        if keys.is_empty() {
            return Ok(Batch::new());
        }
        let asking = async {
            match ask_all(&pipeline, &self.connection).await {
                Err(error) if is_closed(&error) => ask_all(&pipeline, &self.connection).await,
                answer => answer,
            }
        };
        let answers = within(self.waits, asking).await;
        loaded_all(answers.ok_or_else(|| no_answer(self.waits))?.map_err(failed)?)
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
        within(self.waits, asking).await.map_or(Ok(Swap::Unknown), swapped)
    }
}

impl<C> std::fmt::Debug for RedisStore<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisStore").field("waits", &self.waits).finish_non_exhaustive()
    }
}

/// The answers to all commands of a pipeline: in one round trip, or one for each slot of a cluster.
async fn ask_all(pipeline: &Pipeline, connection: &(impl ConnectionLike + Clone)) -> RedisResult<Vec<Held>> {
    let answers = pipeline.query_async(&mut connection.clone()).await;
    #[cfg(feature = "cluster")]
    if let Err(error) = &answers
        && crate::slots::are_several(error)
    {
        return crate::slots::ask(pipeline, connection).await;
    }
    answers
}

/// The outcome, unless it takes too long.
async fn within<T>(waits: Waits, call: impl Future<Output = T>) -> Option<T> {
    timeout(waits.longest(), call).await.ok()
}

pub(crate) fn no_answer(waits: Waits) -> StoreError {
    StoreError::unavailable(format!("no answer within {:?}", waits.longest()))
}

/// The address, with what makes a connection to a machine that is gone end: a packet that nobody acknowledges for as long as
/// an answer may take, twice over.
pub(crate) fn reachable(address: impl IntoConnectionInfo, waits: Waits) -> RedisResult<ConnectionInfo> {
    let patience = waits.answer().saturating_mul(2).max(Duration::from_secs(1));
    let settings = TcpSettings::default().set_nodelay(true);
    let settings = settings.set_keepalive(TcpKeepalive::new().with_time(patience));
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(patience);
    Ok(address.into_connection_info()?.set_tcp_settings(settings))
}
