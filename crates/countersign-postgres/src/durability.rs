//! Whether the server can forget what it acknowledged.

use std::fmt;

use countersign::store::StoreError;
use tokio_postgres::Row;

use crate::answer::read;

/// What a server says about its memory.
///
/// A server that forgets an acknowledged write refills a budget of tries, or revives a code that was used. So every way in
/// which it can is a [`Warning`], for the host's log; the store itself logs nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Durability {
    warnings: Vec<Warning>,
}

/// A way in which a server can forget what it acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// It acknowledges before its log is on the disk (`synchronous_commit` is off): a crash forgets the last moments.
    CommitsAsynchronously,
    /// It does not wait for the disk (`fsync` is off): a crash of the machine can forget or break anything.
    DoesNotFlush,
    /// A page that was half-written when the machine crashed stays so (`full_page_writes` is off).
    WritesHalfPages,
    /// The table is unlogged: a crash empties it.
    TableIsUnlogged,
    /// It has replicas, and acknowledges before one of them has the write: a failover forgets what they lack.
    FailsOverAsynchronously,
    /// It is a replica, which may be behind, and takes no writes.
    IsAReplica,
}

impl Durability {
    /// For one row of answers.
    pub(crate) const QUESTION: &str = "
        SELECT current_setting('synchronous_commit'), current_setting('fsync'), current_setting('full_page_writes'),
            coalesce((SELECT relpersistence = 'u' FROM pg_class WHERE oid = to_regclass('countersign_records')), false),
            (SELECT count(*) > 0 FROM pg_stat_replication), current_setting('synchronous_standby_names'), pg_is_in_recovery()";

    /// What there is to warn of; nothing, if the server remembers all that it acknowledged.
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
                "PostgreSQL acknowledges writes that are not on its disk (synchronous_commit off): a crash can refill budgets and revive codes; set synchronous_commit on"
            }
            Self::DoesNotFlush => {
                "PostgreSQL does not wait for its disk (fsync off): a crash can refill budgets and revive codes; set fsync on"
            }
            Self::WritesHalfPages => {
                "PostgreSQL does not repair half-written pages (full_page_writes off); set full_page_writes on"
            }
            Self::TableIsUnlogged => {
                "the table countersign_records is unlogged: a crash empties it, failures and locks included; ALTER TABLE countersign_records SET LOGGED"
            }
            Self::FailsOverAsynchronously => {
                "PostgreSQL acknowledges writes that its replicas do not have: a failover can refill budgets and revive codes; set synchronous_standby_names, or raise the epoch after one"
            }
            Self::IsAReplica => "this PostgreSQL is a replica, and takes no writes; give the address of the primary",
        })
    }
}
