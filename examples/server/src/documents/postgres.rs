//! Documents in PostgreSQL, a row each.

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

/// Replaces an expired row, which counts as absent.
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

/// Skips rows that other transactions have locked; a later batch deletes them.
const SWEEP: &str = "
    WITH swept AS (DELETE FROM countersign_documents WHERE key = ANY (ARRAY (
        SELECT key FROM countersign_documents WHERE keep_until < 'infinity' AND keep_until <= now()
        LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING 1)
    SELECT count(*) FROM swept";

/// The number of rows deleted per batch: a few milliseconds of work.
const BATCH: i64 = 1000;

/// Documents in PostgreSQL, in a table of their own.
#[derive(Clone)]
pub struct PostgresDocuments {
    pool: Pool,
    timeouts: Timeouts,
}

impl PostgresDocuments {
    /// Connects, and creates the table if it does not exist.
    ///
    /// # Errors
    ///
    /// If the server can't be reached in time, or does not permit creating a table.
    pub async fn connect(address: &str) -> Result<Self, StoreError> {
        let store = PostgresStore::connect(address, Timeouts::DEFAULT).await?;
        let documents = Self::on(store.pool().clone(), Timeouts::DEFAULT);
        documents.migrate().await?;
        Ok(documents)
    }

    /// Creates the documents on a shared pool.
    #[must_use]
    pub const fn on(pool: Pool, timeouts: Timeouts) -> Self {
        Self { pool, timeouts }
    }

    /// Creates the table if it does not exist. Safe to call from several servers at once.
    ///
    /// # Errors
    ///
    /// If the server does not respond in time, or does not permit it.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        // Concurrent migrations fail in PostgreSQL, so they take turns. The lock number is
        // arbitrary.
        let migration = format!("BEGIN; SELECT pg_advisory_xact_lock(7463829105637282); {MIGRATION} COMMIT;");
        let (client, longest) = (self.client().await?, self.timeouts.longest());
        let migrated = timeout(longest, client.batch_execute(&migration)).await;
        if !matches!(migrated, Ok(Ok(()))) {
            discard(client);
        }
        migrated.map_err(|_| no_answer(longest))?.map_err(failed)
    }

    /// Deletes a batch of up to 1,000 expired documents, and returns their number. If the batch is
    /// full, more may be left. Sweeping only limits the table's size; correctness does not depend
    /// on it.
    ///
    /// # Errors
    ///
    /// If the server does not respond in time.
    pub async fn sweep(&self) -> Result<u64, StoreError> {
        let row = self.row(SWEEP, &[&BATCH]).await?;
        let swept: i64 = row.map_or(Ok(0), |row| row.try_get(0)).map_err(failed)?;
        Ok(swept.unsigned_abs())
    }

    /// Sweeps all expired documents now and again after each pause, for ever. If the server does
    /// not respond, the next attempt is after the next pause.
    pub async fn sweep_every(self, pause: Duration) {
        loop {
            while self.sweep().await.is_ok_and(|swept| swept == BATCH.unsigned_abs()) {}
            sleep(pause).await;
        }
    }

    pub(super) async fn read(&self, key: &Key) -> Result<Option<(Vec<u8>, Revision)>, StoreError> {
        // PostgreSQL texts can't contain NUL, so no such document exists. The query would fail as
        // if the server were unavailable.
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
        // Revisions fit in an `i64`: PostgreSQL's sequence counts up from 1.
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

    /// Returns the first row of a statement's result, if any. A connection that timed out is not
    /// used again.
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
    StoreError::unavailable(format!("no response within {within:?}"))
}

/// Removes a connection from the pool and closes it.
fn discard(client: Client) {
    drop(Object::take(client));
}
