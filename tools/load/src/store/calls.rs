//! Calls counted by Redis itself.

use std::fmt;
use std::ops::Sub;

use countersign_redis::redis::aio::ConnectionManager;
use countersign_redis::redis::cmd;

use crate::outcome::Outcome;

/// Calls by clients, by kind. Redis counts calls made inside scripts under other names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Calls {
    get: u64,
    swap: u64,
}

impl Calls {
    pub(crate) async fn so_far(mut connection: ConnectionManager) -> Outcome<Self> {
        let stats: String = cmd("INFO").arg("commandstats").query_async(&mut connection).await?;
        let of = |name: &str| {
            let line = stats.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(":calls="));
            line.and_then(|rest| rest.split(',').next()?.parse::<u64>().ok()).unwrap_or(0)
        };
        Ok(Self { get: of("cmdstat_get"), swap: of("cmdstat_evalsha") + of("cmdstat_eval") })
    }

    /// Returns the total.
    pub(crate) const fn all(self) -> u64 {
        self.get + self.swap
    }

    pub(crate) fn a_login(self, logins: u64) -> String {
        format!("{:.2} GET, {:.2} EVALSHA", self.get as f64 / logins as f64, self.swap as f64 / logins as f64)
    }
}

impl Sub for Calls {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self { get: self.get - before.get, swap: self.swap - before.swap }
    }
}

impl fmt::Display for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} GET and {} EVALSHA", self.get, self.swap)
    }
}
