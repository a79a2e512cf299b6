//! The Redis calls of a login without a verifier, as a baseline.

use countersign_redis::SWAP_SCRIPT;
use countersign_redis::redis::aio::ConnectionManager;
use countersign_redis::redis::{Cmd, Script, cmd};

use super::logins::{Logins, phone};
use crate::outcome::Outcome;

/// A record's lifetime, as the store sets it.
const MILLIS: &str = "1320000";

/// The Redis calls of a login: read, swap, read, swap, with values as long as a login's.
pub(crate) struct Raw {
    connection: ConnectionManager,
    digest: String,
    started: Vec<u8>,
    checked: Vec<u8>,
}

impl Raw {
    /// Makes a login to learn the lengths of its values.
    pub(crate) async fn like(logins: &Logins, mut connection: ConnectionManager) -> Outcome<Self> {
        let phone = phone(7_999_999)?;
        let issued = logins.start(phone).await?;
        let keys: Vec<Vec<u8>> = cmd("KEYS").arg("countersign:*").query_async(&mut connection).await?;
        let [key] = &*keys else { return Err("expected one key after a login".into()) };
        let started = cmd("GET").arg(key).query_async(&mut connection).await?;
        logins.check(phone, &issued).await?;
        let checked = cmd("GET").arg(key).query_async(&mut connection).await?;
        Ok(Self { connection, digest: Script::new(SWAP_SCRIPT).get_hash().to_owned(), started, checked })
    }

    pub(crate) async fn calls(&self, number: u64) -> Outcome<()> {
        // As long as the store's key, but different.
        let key = format!("countersign;{number:032x}");
        let first = self.value(&self.started, 2 * number + 1);
        let second = self.value(&self.checked, 2 * number + 2);
        if self.get(&key).await?.is_some() {
            return Err("a bare call found an existing key".into());
        }
        self.swap(&key, b"", &first).await?;
        let held = self.get(&key).await?.ok_or("a value that was just written is missing")?;
        self.swap(&key, &held[..8], &second).await
    }

    fn value(&self, like: &[u8], revision: u64) -> Vec<u8> {
        let mut value = like.to_vec();
        value[..8].copy_from_slice(&revision.to_be_bytes());
        value
    }

    async fn get(&self, key: &str) -> Outcome<Option<Vec<u8>>> {
        Ok(cmd("GET").arg(key).query_async(&mut self.connection.clone()).await?)
    }

    async fn swap(&self, key: &str, expected: &[u8], next: &[u8]) -> Outcome<()> {
        let mut swap: Cmd = cmd("EVALSHA");
        swap.arg(&self.digest).arg(1).arg(key).arg(expected).arg(next).arg(MILLIS);
        let applied: i64 = swap.query_async(&mut self.connection.clone()).await?;
        if applied == 1 { Ok(()) } else { Err("a bare swap conflicted".into()) }
    }
}
