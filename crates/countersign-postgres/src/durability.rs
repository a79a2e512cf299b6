//! Whether the server can lose acknowledged writes.

use std::fmt;

use countersign::store::StoreError;
use tokio_postgres::Row;

use crate::answer::read;

/// The server's durability settings.
///
/// A server that loses an acknowledged write refills an attempt budget or revives a used code. Each
/// way in which this can happen is a [`Warning`] for the host to log; the store itself logs
/// nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Durability {
    warnings: Vec<Warning>,
}

/// A way in which the server can lose acknowledged writes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// Commits are acknowledged before they are flushed (`synchronous_commit` is off): a crash
    /// loses the most recent ones.
    CommitsAsynchronously,
    /// Writes are never flushed to disk (`fsync` is off): a crash of the operating system can lose
    /// or corrupt anything.
    DoesNotFlush,
    /// Pages half-written in a crash can't be repaired (`full_page_writes` is off).
    WritesHalfPages,
    /// The table is unlogged: a crash empties it.
    TableIsUnlogged,
    /// The server has replicas and does not wait for them: a failover loses the writes they lack.
    FailsOverAsynchronously,
    /// The server is a replica. It may lag behind the primary and accepts no writes.
    IsAReplica,
}

impl Durability {
    /// Selects all settings in one row.
    pub(crate) const QUESTION: &str = "
        SELECT current_setting('synchronous_commit'), current_setting('fsync'), current_setting('full_page_writes'),
            coalesce((SELECT relpersistence = 'u' FROM pg_class WHERE oid = to_regclass('countersign_records')), false),
            (SELECT count(*) > 0 FROM pg_stat_replication), current_setting('synchronous_standby_names'), pg_is_in_recovery()";

    /// Returns the warnings. The list is empty if the server loses no acknowledged writes.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    pub(crate) fn of(row: &Row) -> Result<Self, StoreError> {
        let (commit, standbys): (&str, &str) = (read(row, 0)?, read(row, 5)?);
        let off = |column| read::<&str>(row, column).map(|setting| setting == "off");
        let waits_for_replicas = !standbys.is_empty() && !matches!(commit, "off" | "local");
        let found = [
            (commit == "off", Warning::CommitsAsynchronously),
            (off(1)?, Warning::DoesNotFlush),
            (off(2)?, Warning::WritesHalfPages),
            (read(row, 3)?, Warning::TableIsUnlogged),
            (read::<bool>(row, 4)? && !waits_for_replicas, Warning::FailsOverAsynchronously),
            (read(row, 6)?, Warning::IsAReplica),
        ];
        Ok(Self { warnings: found.into_iter().filter_map(|(is, warning)| is.then_some(warning)).collect() })
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CommitsAsynchronously => {
                "PostgreSQL acknowledges writes before they are on disk (synchronous_commit is off): a crash can refill budgets and revive codes; set synchronous_commit = on"
            }
            Self::DoesNotFlush => {
                "PostgreSQL does not flush writes to disk (fsync is off): a crash can refill budgets and revive codes; set fsync = on"
            }
            Self::WritesHalfPages => {
                "PostgreSQL can't repair half-written pages (full_page_writes is off); set full_page_writes = on"
            }
            Self::TableIsUnlogged => {
                "the table countersign_records is unlogged: a crash empties it, including failure counts and locks; run ALTER TABLE countersign_records SET LOGGED"
            }
            Self::FailsOverAsynchronously => {
                "PostgreSQL acknowledges writes before its replicas have them: a failover can refill budgets and revive codes; set synchronous_standby_names, or raise the epoch after a failover"
            }
            Self::IsAReplica => "this PostgreSQL server is a replica and accepts no writes; connect to the primary",
        })
    }
}
