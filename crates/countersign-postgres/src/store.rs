//! The async store.

mod tallies;

use std::iter;
use std::time::Duration;

use countersign::store::{
    AsyncStore, BATCH_RECORDS, Batch, Keep, Loaded, RecordKey, Revision, StoreError, StoreErrorKind, Swap,
};
use deadpool_postgres::{Client, Object, Pool};
use tokio::time::{sleep, timeout};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::answer::{StatementError, read};
use crate::tallies::SWEEPS;
use crate::{Durability, Timeouts, pool};

const MIGRATIONS: [&str; 2] =
    [include_str!("../migrations/0001_records.sql"), include_str!("../migrations/0002_tallies.sql")];

const LOAD: &str = "SELECT revision, record FROM countersign_records WHERE key = $1 AND keep_until > now()";

const LOAD_ALL: &str =
    "SELECT revision, record, key FROM countersign_records WHERE key = ANY ($1) AND keep_until > now()";

/// Replaces an expired row, which counts as absent.
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

/// Skips rows that other transactions have locked; a later batch deletes them.
const SWEEP: &str = "
    DELETE FROM countersign_records WHERE key = ANY (ARRAY (
        SELECT key FROM countersign_records WHERE last_day < (now() AT TIME ZONE 'UTC')::date
        LIMIT $1 FOR UPDATE SKIP LOCKED))";

/// The number of rows of a table deleted per batch: a few milliseconds of work.
const BATCH: i64 = 1000;

/// A store that keeps records and tallies in PostgreSQL, with async calls on tokio.
///
/// ```no_run
/// use countersign::{Channel, Keys, PhoneNumber, Verifier};
/// use countersign_postgres::{PostgresStore, Timeouts};
///
/// # use std::error::Error;
/// # async fn login(secret: [u8; 32], number: PhoneNumber) -> Result<(), Box<dyn Error>> {
/// let address = "postgresql://otp@localhost/otp";
/// let store = PostgresStore::connect(address, Timeouts::default()).await?;
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
    timeouts: Timeouts,
}

impl PostgresStore {
    /// Connects to a server with a pool of at most 16 connections. The server cancels statements
    /// whose caller has timed out (`statement_timeout`). To use another pool, see [`on`](Self::on).
    ///
    /// The address is a URL or a keyword/value string, as in libpq. Its `sslmode` controls TLS. All
    /// modes except `disable` and `prefer` need the feature `tls`; without it, `prefer` does not
    /// encrypt.
    ///
    /// | `sslmode` | encrypted | verified |
    /// |---|---|---|
    /// | `disable` | no | |
    /// | `prefer` (default) | if the server can | no |
    /// | `require` | always | no; with `sslrootcert`, as `verify-ca` |
    /// | `verify-ca` | always | the issuer, against the file `sslrootcert` |
    /// | `verify-full` | always | the issuer and the host name |
    ///
    /// Without `sslrootcert`, `verify-full` uses the system's certificate authorities.
    ///
    /// # Errors
    ///
    /// If the address is malformed, or if no connection with the requested `sslmode` is established
    /// in time.
    pub async fn connect(address: &str, timeouts: Timeouts) -> Result<Self, StoreError> {
        let pool = pool::connecting(address, timeouts).map_err(StoreError::unavailable)?;
        let store = Self::on(pool, timeouts);
        drop(store.client().await.map_err(StatementError::into_error)?);
        Ok(store)
    }

    /// Creates a store on the host's pool, for example one of another size or with client
    /// certificates. Calls time out whatever the pool's settings; set `statement_timeout` so that
    /// the server cancels their statements too.
    #[must_use]
    pub const fn on(pool: Pool, timeouts: Timeouts) -> Self {
        Self { pool, timeouts }
    }

    /// Returns the pool, so that the host can use it for its own tables.
    #[must_use]
    pub const fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Creates the tables and functions if they do not exist, with the statements of
    /// `migrations/0001_records.sql` and `migrations/0002_tallies.sql`. Hosts that apply these
    /// files themselves don't need this. Safe to call from several servers at once.
    ///
    /// # Errors
    ///
    /// If the server does not respond in time, or does not permit it.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        // Concurrent migrations fail in PostgreSQL, so they take turns. The lock number is
        // arbitrary.
        let [records, tallies] = MIGRATIONS;
        let migration =
            format!("BEGIN; SELECT pg_advisory_xact_lock(7463829105637281); {records} {tallies} COMMIT;");
        let client = self.client().await.map_err(StatementError::into_error)?;
        let migrated = timeout(self.timeouts.longest(), client.batch_execute(&migration)).await;
        if !matches!(migrated, Ok(Ok(()))) {
            discard(client);
        }
        migrated.map_err(|_| self.no_answer())?.map_err(StoreError::unavailable)
    }

    /// Queries the settings that decide whether the server can lose acknowledged writes.
    ///
    /// # Errors
    ///
    /// If the server does not respond in time.
    pub async fn durability(&self) -> Result<Durability, StoreError> {
        let rows = self.query(Durability::QUESTION, &[]).await.map_err(StatementError::into_error)?;
        rows.first().map_or_else(|| Err(StoreError::unavailable("no row returned")), Durability::of)
    }

    /// Deletes a batch of rows that expired before today (UTC), up to 1,000 of each table, and
    /// returns their number. If that is 1,000 or more, more rows may be left. Sweeping only limits
    /// the tables' sizes; correctness does not depend on it.
    ///
    /// # Errors
    ///
    /// If the server does not respond in time.
    pub async fn sweep(&self) -> Result<u64, StoreError> {
        let mut swept = 0;
        for statement in iter::once(SWEEP).chain(SWEEPS) {
            swept += self.execute(statement, &[&BATCH]).await.map_err(StatementError::into_error)?;
        }
        Ok(swept)
    }

    /// Sweeps all expired rows now and again after each pause, for ever. Run it as a task on one
    /// server or on all. If the server does not respond, the next attempt is after the next pause.
    pub async fn sweep_every(self, pause: Duration) {
        loop {
            while self.sweep().await.is_ok_and(|swept| swept >= BATCH.unsigned_abs()) {}
            sleep(pause).await;
        }
    }

    async fn client(&self) -> Result<Client, StatementError> {
        let waiting = timeout(self.timeouts.connect(), self.pool.get()).await;
        waiting
            .map_err(|_| StatementError::before("no connection within the timeout"))?
            .map_err(StatementError::before)
    }

    async fn query(
        &self,
        statement: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, StatementError> {
        let client = self.client().await?;
        let asking = async {
            let prepared = client.prepare_cached(statement).await?;
            client.query(&prepared, values).await
        };
        let answer = timeout(self.timeouts.answer().saturating_mul(2), asking).await;
        self.answer(client, answer.ok())
    }

    /// As [`query`](Self::query), for statements that write nothing: retries once if the server had
    /// closed an idle connection.
    async fn rows(&self, statement: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, StoreError> {
        let asking = async {
            match self.query(statement, values).await {
                Err(StatementError::Closed(_)) => self.query(statement, values).await,
                answer => answer,
            }
        };
        let rows = timeout(self.timeouts.longest(), asking).await.map_err(|_| self.no_answer())?;
        rows.map_err(StatementError::into_error)
    }

    async fn execute(&self, statement: &str, values: &[&(dyn ToSql + Sync)]) -> Result<u64, StatementError> {
        let client = self.client().await?;
        let prepared = match timeout(self.timeouts.answer(), client.prepare_cached(statement)).await {
            Ok(Ok(prepared)) => prepared,
            // The statement was not executed.
            failed => {
                discard(client);
                return Err(failed.map_or_else(
                    |_| StatementError::before("no response within the timeout"),
                    |failed| {
                        failed.map_or_else(StatementError::before, |_| StatementError::before("no response"))
                    },
                ));
            }
        };
        let answer = timeout(self.timeouts.answer(), client.execute(&prepared, values)).await;
        self.answer(client, answer.ok())
    }

    /// Returns the answer. A connection that timed out is not used again.
    fn answer<T>(
        &self,
        client: Client,
        answer: Option<Result<T, tokio_postgres::Error>>,
    ) -> Result<T, StatementError> {
        match answer {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(error)) => Err(StatementError::of(error)),
            None => {
                discard(client);
                Err(StatementError::Lost(self.no_answer()))
            }
        }
    }

    fn no_answer(&self) -> StoreError {
        StoreError::unavailable(format!("no response within {:?}", self.timeouts.longest()))
    }

    async fn swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<bool, StatementError> {
        let key = &key.as_bytes()[..];
        // Revisions fit in an `i64`: PostgreSQL's sequence counts up from 1.
        let revision = expected.number().cast_signed();
        // `None` means that the record is kept for ever.
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
        let rows = self.rows(LOAD, &[&&key.as_bytes()[..]]).await?;
        rows.first().map_or(Ok(Loaded::ABSENT), loaded)
    }

    async fn load_all(&self, keys: &[RecordKey]) -> Result<Batch, StoreError> {
        if keys.len() > BATCH_RECORDS {
            return Err(StoreError::new(StoreErrorKind::TooManyRecords));
        }
        if keys.is_empty() {
            return Ok(Batch::new());
        }
        let names: Vec<&[u8]> = keys.iter().map(|key| &key.as_bytes()[..]).collect();
        batch(keys, &self.rows(LOAD_ALL, &[&names]).await?)
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
            Err(error) => error.into_swap(),
        }
    }
}

impl std::fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresStore").field("timeouts", &self.timeouts).finish_non_exhaustive()
    }
}

/// Reads the first two columns of a row: revision and record.
fn loaded(row: &Row) -> Result<Loaded, StoreError> {
    let (revision, record): (i64, &[u8]) = (read(row, 0)?, read(row, 1)?);
    Loaded::new(record, Revision::from_number(revision.cast_unsigned()))
}

/// Reads the rows of [`LOAD_ALL`], in the order of the keys.
fn batch(keys: &[RecordKey], rows: &[Row]) -> Result<Batch, StoreError> {
    let keyed: Result<Vec<(&[u8], &Row)>, StoreError> =
        rows.iter().map(|row| Ok((read(row, 2)?, row))).collect();
    let keyed = keyed?;
    let mut batch = Batch::new();
    for key in keys {
        // PostgreSQL returns rows in any order, and one row for a repeated key.
        let row = keyed.iter().find(|(name, _)| name == key.as_bytes());
        batch.push(row.map_or(Ok(Loaded::ABSENT), |(_, row)| loaded(row))?)?;
    }
    Ok(batch)
}

/// Removes a connection from the pool and closes it.
fn discard(client: Client) {
    drop(Object::take(client));
}
