//! The async store.

use std::time::Duration;

use countersign::store::{
    AsyncStore, BATCH_RECORDS, Batch, Keep, Loaded, RecordKey, Revision, StoreError, StoreErrorKind, Swap,
};
use deadpool_postgres::{Client, Object, Pool};
use tokio::time::{sleep, timeout};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::answer::{Trouble, read};
use crate::{Durability, Waits, pool};

const MIGRATION: &str = include_str!("../migrations/0001_records.sql");

const LOAD: &str = "SELECT revision, record FROM countersign_records WHERE key = $1 AND keep_until > now()";

const LOAD_ALL: &str =
    "SELECT revision, record, key FROM countersign_records WHERE key = ANY ($1) AND keep_until > now()";

/// A row whose time is over is none.
const INSERT: &str = "
    INSERT INTO countersign_records AS held (key, revision, record, keep_until)
    VALUES ($1, nextval('countersign_revisions'), $2, coalesce(now() + $3 * interval '1 millisecond', 'infinity'))
    ON CONFLICT (key) DO UPDATE
    SET revision = excluded.revision, record = excluded.record, keep_until = excluded.keep_until
    WHERE held.keep_until <= now()";

const UPDATE: &str = "
    UPDATE countersign_records
    SET revision = nextval('countersign_revisions'), record = $2,
        keep_until = coalesce(now() + $3 * interval '1 millisecond', 'infinity')
    WHERE key = $1 AND keep_until > now() AND revision = $4";

const DELETE: &str =
    "DELETE FROM countersign_records WHERE key = $1 AND keep_until > now() AND revision = $2";

/// Those that others are about to write are left for the next batch.
const SWEEP: &str = "
    DELETE FROM countersign_records WHERE key = ANY (ARRAY (
        SELECT key FROM countersign_records WHERE last_day < (now() AT TIME ZONE 'UTC')::date
        LIMIT $1 FOR UPDATE SKIP LOCKED))";

/// So many rows does a batch delete: a few milliseconds of work.
const BATCH: i64 = 1000;

/// Keeps records in PostgreSQL; its calls are awaited, on tokio.
///
/// ```no_run
/// use countersign::{Channel, Keys, PhoneNumber, Verifier};
/// use countersign_postgres::{PostgresStore, Waits};
///
/// # async fn login(secret: [u8; 32], number: PhoneNumber) -> Result<(), Box<dyn std::error::Error>> {
/// let store = PostgresStore::connect("postgresql://otp@localhost/otp", Waits::default()).await?;
/// store.migrate().await?;
/// for warning in store.durability().await?.warnings() {
///     eprintln!("{warning}");         // or your log
/// }
/// tokio::spawn(store.clone().sweep_every(core::time::Duration::from_secs(600)));
/// let verifier = Verifier::new(Keys::from_secret(secret)?, store);
/// let issued = verifier.asynchronously().start(number, Channel::Sms).await?;
/// # let _ = issued;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PostgresStore {
    pool: Pool,
    waits: Waits,
}

impl PostgresStore {
    /// Connects over a pool of at most 16 connections, whose statements the server ends by itself
    /// when nobody waits for them any more. Other pools: [`on`](Self::on).
    ///
    /// The address is a URL or a list of words, as libpq has them, and its `sslmode` decides on
    /// TLS. All but `disable` and `prefer` need the feature `tls`; without it, `prefer` is not
    /// encrypted.
    ///
    /// | `sslmode` | encrypted | verified |
    /// |---|---|---|
    /// | `disable` | no | |
    /// | `prefer` (the default) | if the server can | nothing |
    /// | `require` | always | nothing; with `sslrootcert` as `verify-ca` |
    /// | `verify-ca` | always | an authority in the file `sslrootcert` signed the certificate |
    /// | `verify-full` | always | the same, and the certificate is for the host |
    ///
    /// Without `sslrootcert`, `verify-full` asks the system's authorities.
    ///
    /// # Errors
    ///
    /// If the address is malformed, or the server can't be reached in time, or not as `sslmode`
    /// asks.
    pub async fn connect(address: &str, waits: Waits) -> Result<Self, StoreError> {
        let pool = pool::connecting(address, waits).map_err(StoreError::unavailable)?;
        let store = Self::on(pool, waits);
        drop(store.client().await.map_err(Trouble::into_error)?);
        Ok(store)
    }

    /// Over a pool of the host's: of another size, with client certificates. Calls end in time
    /// whatever it does; that the server ends its statements too is its `statement_timeout`.
    #[must_use]
    pub const fn on(pool: Pool, waits: Waits) -> Self {
        Self { pool, waits }
    }

    /// The pool, for what else the host keeps there.
    #[must_use]
    pub const fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Makes the table, where there is none yet: what `migrations/0001_records.sql` says, for hosts
    /// that do not apply it themselves. Several servers may do so at once.
    ///
    /// # Errors
    ///
    /// If the server does not answer in time, or does not allow it.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        // One after another, for two at once are an error to PostgreSQL. The number is any.
        let migration = format!("BEGIN; SELECT pg_advisory_xact_lock(7463829105637281); {MIGRATION} COMMIT;");
        let client = self.client().await.map_err(Trouble::into_error)?;
        let migrated = timeout(self.waits.longest(), client.batch_execute(&migration)).await;
        if !matches!(migrated, Ok(Ok(()))) {
            discard(client);
        }
        migrated.map_err(|_| self.no_answer())?.map_err(StoreError::unavailable)
    }

    /// What the server says about its memory: whether it can forget what it acknowledged.
    ///
    /// # Errors
    ///
    /// If it does not answer in time.
    pub async fn durability(&self) -> Result<Durability, StoreError> {
        let rows = self.query(Durability::QUESTION, &[]).await.map_err(Trouble::into_error)?;
        rows.first().map_or_else(|| Err(StoreError::unavailable("no answer")), Durability::of)
    }

    /// Deletes a batch of rows that were over before today, by UTC; how many those were. While it
    /// is a whole batch of 1,000, there may be more. Nothing depends on it but the size of the
    /// table.
    ///
    /// # Errors
    ///
    /// If the server does not answer in time.
    pub async fn sweep(&self) -> Result<u64, StoreError> {
        self.execute(SWEEP, &[&BATCH]).await.map_err(Trouble::into_error)
    }

    /// Sweeps all there is, now and after each pause, for ever: a task for one server or for all of
    /// them. A server that does not answer is tried again after the next pause.
    pub async fn sweep_every(self, pause: Duration) {
        loop {
            while self.sweep().await.is_ok_and(|swept| swept == BATCH.unsigned_abs()) {}
            sleep(pause).await;
        }
    }

    async fn client(&self) -> Result<Client, Trouble> {
        let waiting = timeout(self.waits.connect(), self.pool.get()).await;
        waiting.map_err(|_| Trouble::before("no connection in time"))?.map_err(Trouble::before)
    }

    async fn query(&self, statement: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Trouble> {
        let client = self.client().await?;
        let asking = async {
            let prepared = client.prepare_cached(statement).await?;
            client.query(&prepared, values).await
        };
        let answer = timeout(self.waits.answer().saturating_mul(2), asking).await;
        self.answer(client, answer.ok())
    }

    /// As [`query`](Self::query), for a statement that writes nothing: it is asked twice, if the
    /// server has closed an idle connection meanwhile.
    async fn read(&self, statement: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, StoreError> {
        let asking = async {
            match self.query(statement, values).await {
                Err(Trouble::Closed(_)) => self.query(statement, values).await,
                answer => answer,
            }
        };
        let rows = timeout(self.waits.longest(), asking).await.map_err(|_| self.no_answer())?;
        rows.map_err(Trouble::into_error)
    }

    async fn execute(&self, statement: &str, values: &[&(dyn ToSql + Sync)]) -> Result<u64, Trouble> {
        let client = self.client().await?;
        let prepared = match timeout(self.waits.answer(), client.prepare_cached(statement)).await {
            Ok(Ok(prepared)) => prepared,
            // Nothing was asked yet.
            failed => {
                discard(client);
                return Err(failed.map_or_else(
                    |_| Trouble::before("no answer in time"),
                    |failed| failed.map_or_else(Trouble::before, |_| Trouble::before("no answer")),
                ));
            }
        };
        let answer = timeout(self.waits.answer(), client.execute(&prepared, values)).await;
        self.answer(client, answer.ok())
    }

    /// A connection on which the server did not answer is not used again.
    fn answer<T>(
        &self,
        client: Client,
        answer: Option<Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Trouble> {
        match answer {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(error)) => Err(Trouble::of(error)),
            None => {
                discard(client);
                Err(Trouble::Lost(self.no_answer()))
            }
        }
    }

    fn no_answer(&self) -> StoreError {
        StoreError::unavailable(format!("no answer within {:?}", self.waits.longest()))
    }

    async fn swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<bool, Trouble> {
        let key = &key.as_bytes()[..];
        // PostgreSQL's numbers are signed, and its sequence begins at 1.
        let revision = expected.number().cast_signed();
        // For ever is no number of milliseconds.
        let millis = keep.ttl().map(|ttl| ttl.as_millis() as f64);
        let rows = match (expected, record) {
            (Revision::ABSENT, []) => u64::from(self.query(LOAD, &[&key]).await?.is_empty()),
            (_, []) => self.execute(DELETE, &[&key, &revision]).await?,
            (Revision::ABSENT, _) => self.execute(INSERT, &[&key, &record, &millis]).await?,
            _ => self.execute(UPDATE, &[&key, &record, &millis, &revision]).await?,
        };
        Ok(rows > 0)
    }
}

impl AsyncStore for PostgresStore {
    async fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        let rows = self.read(LOAD, &[&&key.as_bytes()[..]]).await?;
        rows.first().map_or(Ok(Loaded::ABSENT), loaded)
    }

    async fn load_all(&self, keys: &[RecordKey]) -> Result<Batch, StoreError> {
        let mut batch = Batch::new();
        if keys.len() > BATCH_RECORDS {
            return Err(StoreError::new(StoreErrorKind::TooManyRecords));
        }
        if keys.is_empty() {
            return Ok(batch);
        }
        let names: Vec<&[u8]> = keys.iter().map(|key| &key.as_bytes()[..]).collect();
        let rows = self.read(LOAD_ALL, &[&names]).await?;
        let keyed: Result<Vec<(&[u8], &Row)>, StoreError> =
            rows.iter().map(|row| Ok((read(row, 2)?, row))).collect();
        let keyed = keyed?;
        for name in names {
            // PostgreSQL gives rows in an order of its own, and one for a key that is asked for
            // twice.
            let row = keyed.iter().find(|(key, _)| *key == name);
            batch.push(row.map_or(Ok(Loaded::ABSENT), |(_, row)| loaded(row))?)?;
        }
        Ok(batch)
    }

    async fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        match self.swap(key, expected, record, keep).await {
            Ok(true) => Ok(Swap::Applied),
            Ok(false) => Ok(Swap::Conflict),
            Err(trouble) => trouble.of_a_swap(),
        }
    }
}

impl std::fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresStore").field("waits", &self.waits).finish_non_exhaustive()
    }
}

/// The first two columns of a row.
fn loaded(row: &Row) -> Result<Loaded, StoreError> {
    let (revision, record): (i64, &[u8]) = (read(row, 0)?, read(row, 1)?);
    Loaded::new(record, Revision::from_number(revision.cast_unsigned()))
}

/// Out of the pool, and closed.
fn discard(client: Client) {
    drop(Object::take(client));
}
