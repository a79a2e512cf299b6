//! The tallies of the async store.

use countersign::Timestamp;
use countersign::store::{
    AsyncStore, AsyncTallies, BATCH_RECORDS, Change, Entries, ReadBoth, RecordKey, StoreError, TallyKey,
};
use futures_util::future::join;
use tokio::time::timeout;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::{LOAD_ALL, PostgresStore, batch, discard};
use crate::answer::StatementError;
use crate::tallies::{ADD, Adds, READ, check, entries};

/// The outcomes of two statements.
type Pair = [Result<Vec<Row>, StatementError>; 2];

/// Everything is read in one round trip with the records, and changed in one: by a function on the
/// server, so that no row is locked for the time of a round trip.
impl AsyncTallies for PostgresStore {
    async fn read(&self, keys: &[TallyKey], now: Timestamp) -> Result<Entries, StoreError> {
        check(keys.len())?;
        if keys.is_empty() {
            return Ok(Entries::new());
        }
        let names: Vec<&[u8]> = keys.iter().map(|key| &key.as_bytes()[..]).collect();
        entries(keys, &self.rows(READ, &[&names]).await?, now)
    }

    async fn add(&self, changes: &[Change], now: Timestamp) -> Result<(), StoreError> {
        check(changes.len())?;
        if changes.is_empty() {
            return Ok(());
        }
        let keys: Vec<TallyKey> = changes.iter().map(Change::key).collect();
        let adds = Adds::new(&keys, changes, now);
        let adding = async {
            loop {
                match self.execute(ADD, &adds.values()).await {
                    // The host's pool has serialisable transactions, and this one was rolled back.
                    Err(StatementError::Conflict) => {}
                    answer => return answer,
                }
            }
        };
        let answer = timeout(self.timeouts.longest(), adding).await.map_err(|_| self.no_answer())?;
        answer.map(drop).map_err(StatementError::into_error)
    }

    async fn load_with_tallies(
        &self,
        records: &[RecordKey],
        tallies: &[TallyKey],
        now: Timestamp,
    ) -> ReadBoth {
        let is_either = records.is_empty() || tallies.is_empty();
        if is_either || records.len() > BATCH_RECORDS || check(tallies.len()).is_err() {
            return ReadBoth {
                records: self.load_all(records).await,
                tallies: AsyncTallies::read(self, tallies, now).await,
            };
        }
        let of_records: Vec<&[u8]> = records.iter().map(|key| &key.as_bytes()[..]).collect();
        let of_tallies: Vec<&[u8]> = tallies.iter().map(|key| &key.as_bytes()[..]).collect();
        let [read_records, read_tallies] = self.pair([(LOAD_ALL, &of_records), (READ, &of_tallies)]).await;
        ReadBoth {
            records: read_records.and_then(|rows| batch(records, &rows)),
            tallies: read_tallies.and_then(|rows| entries(tallies, &rows, now)),
        }
    }
}

impl PostgresStore {
    /// Makes two queries that write nothing, each with one value, in one round trip: again if the
    /// server had closed an idle connection.
    async fn pair(&self, queries: [(&str, &(dyn ToSql + Sync)); 2]) -> [Result<Vec<Row>, StoreError>; 2] {
        let asking = async {
            let answers = self.query_pair(queries).await?;
            if answers.iter().any(|answer| matches!(answer, Err(StatementError::Closed(_)))) {
                return self.query_pair(queries).await;
            }
            Ok(answers)
        };
        match timeout(self.timeouts.longest(), asking).await {
            Ok(Ok(answers)) => answers.map(|answer| answer.map_err(StatementError::into_error)),
            Ok(Err(error)) => {
                let cause = error.into_error().to_string();
                [Err(StoreError::unavailable(cause.clone())), Err(StoreError::unavailable(cause))]
            }
            Err(_) => [Err(self.no_answer()), Err(self.no_answer())],
        }
    }

    async fn query_pair(&self, queries: [(&str, &(dyn ToSql + Sync)); 2]) -> Result<Pair, StatementError> {
        let client = self.client().await?;
        let ask = async |(statement, value): (&str, &(dyn ToSql + Sync))| {
            let prepared = client.prepare_cached(statement).await?;
            client.query(&prepared, &[value]).await
        };
        // Both are sent before the answer to either is awaited.
        let [one, other] = queries;
        let asking = join(ask(one), ask(other));
        match timeout(self.timeouts.answer().saturating_mul(2), asking).await {
            Ok((one, other)) => Ok([one, other].map(|answer| answer.map_err(StatementError::of))),
            Err(_) => {
                discard(client);
                Err(StatementError::Lost(self.no_answer()))
            }
        }
    }
}
