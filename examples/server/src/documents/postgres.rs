//! Documents in PostgreSQL: a row each.

use std::time::Duration;

use countersign::store::{StoreError, StoreErrorKind};
use countersign_postgres::deadpool_postgres::tokio_postgres::error::SqlState;
use countersign_postgres::deadpool_postgres::tokio_postgres::types::ToSql;
use countersign_postgres::deadpool_postgres::tokio_postgres::{Error, Row};
use countersign_postgres::deadpool_postgres::{Client, Object, Pool};
use countersign_postgres::{PostgresStore, Timeouts};
use tokio::time::{sleep, timeout};

use super::document::{Key, Revision, Written};

const MIGRATION: &str = include_str!("../../migrations/0001_documents.sql");

const READ: &str = "SELECT revision, body FROM countersign_documents WHERE key = $1 AND keep_until > now()";

/// A row whose time is over is none.
const INSERT: &str = "
    INSERT INTO countersign_documents AS held (key, revision, body, keep_until)
    VALUES ($1, nextval('countersign_document_revisions'), $2, coalesce(now() + $3 * interval '1 millisecond', 'infinity'))
    ON CONFLICT (key) DO UPDATE
    SET revision = excluded.revision, body = excluded.body, keep_until = excluded.keep_until
    WHERE held.keep_until <= now()
    RETURNING revision";

const UPDATE: &str = "
    UPDATE countersign_documents
    SET revision = nextval('countersign_document_revisions'), body = $2,
        keep_until = coalesce(now() + $3 * interval '1 millisecond', 'infinity')
    WHERE key = $1 AND keep_until > now() AND revision = $4
    RETURNING revision";

const DELETE: &str = "
    DELETE FROM countersign_documents WHERE key = $1 AND keep_until > now() AND revision = $2
    RETURNING revision";

/// Those that others are about to write are left for the next batch.
const SWEEP: &str = "
    WITH swept AS (DELETE FROM countersign_documents WHERE key = ANY (ARRAY (
        SELECT key FROM countersign_documents WHERE keep_until < 'infinity' AND keep_until <= now()
        LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING 1)
    SELECT count(*) FROM swept";

/// So many rows does a batch delete: a few milliseconds of work.
const BATCH: i64 = 1000;

/// Keeps documents in PostgreSQL, in a table of their own.
#[derive(Clone)]
pub struct PostgresDocuments {
    pool: Pool,
    timeouts: Timeouts,
}

impl PostgresDocuments {
    /// Connects, and makes the table where there is none.
    ///
    /// # Errors
    ///
    /// If the server can't be reached in time, or does not let us make a table.
    pub async fn connect(address: &str) -> Result<Self, StoreError> {
        let store = PostgresStore::connect(address, Timeouts::DEFAULT).await?;
        let documents = Self::on(store.pool().clone(), Timeouts::DEFAULT);
        documents.migrate().await?;
        Ok(documents)
    }

    /// Over a pool that others use too.
    #[must_use]
    pub const fn on(pool: Pool, timeouts: Timeouts) -> Self {
        Self { pool, timeouts }
    }

    /// Makes the table, where there is none yet. Several servers may do so at once.
    ///
    /// # Errors
    ///
    /// If the server does not answer in time, or does not allow it.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        // One after another, for two at once are an error to PostgreSQL. The number is any.
        let migration = format!("BEGIN; SELECT pg_advisory_xact_lock(7463829105637282); {MIGRATION} COMMIT;");
        let (client, longest) = (self.client().await?, self.timeouts.longest());
        let migrated = timeout(longest, client.batch_execute(&migration)).await;
        if !matches!(migrated, Ok(Ok(()))) {
            discard(client);
        }
        migrated.map_err(|_| no_answer(longest))?.map_err(failed)
    }

    /// Deletes a batch of documents whose time is over; how many those were. While it is a whole batch of 1,000, there may be
    /// more. Nothing depends on it but the size of the table.
    ///
    /// # Errors
    ///
    /// If the server does not answer in time.
    pub async fn sweep(&self) -> Result<u64, StoreError> {
        let row = self.row(SWEEP, &[&BATCH]).await?;
        let swept: i64 = row.map_or(Ok(0), |row| row.try_get(0)).map_err(failed)?;
        Ok(swept.unsigned_abs())
    }

    /// Sweeps all there is, now and after each pause, for ever. A server that does not answer is tried again after the next pause.
    pub async fn sweep_every(self, pause: Duration) {
        loop {
            while self.sweep().await.is_ok_and(|swept| swept == BATCH.unsigned_abs()) {}
            sleep(pause).await;
        }
    }

    pub(super) async fn read(&self, key: &Key) -> Result<Option<(Vec<u8>, Revision)>, StoreError> {
        // PostgreSQL's texts have no NUL, so nothing was ever written there; asked for it, it would fail as if it were out of order.
        if key.as_str().contains('\0') {
            return Ok(None);
        }
        let Some(row) = self.row(READ, &[&key.as_str()]).await? else { return Ok(None) };
        let revision: i64 = row.try_get(0).map_err(failed)?;
        Ok(Some((row.try_get(1).map_err(failed)?, Revision(revision.cast_unsigned()))))
    }

    pub(super) async fn write(
        &self,
        key: &Key,
        expected: Revision,
        bytes: Vec<u8>,
        keep: Option<Duration>,
    ) -> Result<Written, StoreError> {
        // PostgreSQL's numbers are signed, and its sequence begins at 1.
        let (key, revision) = (key.as_str(), expected.0.cast_signed());
        let millis = keep.map(|keep| keep.as_millis() as f64);
        let row = match expected {
            Revision::ABSENT => self.row(INSERT, &[&key, &bytes, &millis]).await?,
            _ => self.row(UPDATE, &[&key, &bytes, &millis, &revision]).await?,
        };
        Ok(written(row.is_some()))
    }

    pub(super) async fn remove(&self, key: &Key, expected: Revision) -> Result<Written, StoreError> {
        let (key, revision) = (key.as_str(), expected.0.cast_signed());
        Ok(written(match expected {
            Revision::ABSENT => self.row(READ, &[&key]).await?.is_none(),
            _ => self.row(DELETE, &[&key, &revision]).await?.is_some(),
        }))
    }

    async fn client(&self) -> Result<Client, StoreError> {
        let waiting = timeout(self.timeouts.connect(), self.pool.get()).await;
        waiting.map_err(|_| no_answer(self.timeouts.connect()))?.map_err(StoreError::unavailable)
    }

    /// The first row that a statement gives, if it gives any. A connection on which no answer came in time is not used again.
    async fn row(&self, statement: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Option<Row>, StoreError> {
        let client = self.client().await?;
        let asking = async {
            let prepared = client.prepare_cached(statement).await?;
            client.query_opt(&prepared, values).await
        };
        let Ok(answer) = timeout(self.timeouts.answer().saturating_mul(2), asking).await else {
            discard(client);
            return Err(no_answer(self.timeouts.longest()));
        };
        answer.map_err(failed)
    }
}

impl std::fmt::Debug for PostgresDocuments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresDocuments").field("timeouts", &self.timeouts).finish_non_exhaustive()
    }
}

const fn written(applied: bool) -> Written {
    if applied { Written::Applied } else { Written::Conflict }
}

fn failed(error: Error) -> StoreError {
    match error.code() {
        Some(&SqlState::DISK_FULL) => StoreError::new(StoreErrorKind::Full),
        _ => StoreError::unavailable(error),
    }
}

fn no_answer(within: Duration) -> StoreError {
    StoreError::unavailable(format!("no answer within {within:?}"))
}

/// Out of the pool, and closed.
fn discard(client: Client) {
    drop(Object::take(client));
}
