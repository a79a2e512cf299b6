//! The server's clock.

use std::time::Duration;

use countersign::Timestamp;
use countersign::store::StoreError;
use jiff::Timestamp as Instant;
use serde::Serialize;

use crate::documents::{Documents, Key, Revision, Written};

/// The system's clock. In development it can be advanced, for all servers on the same engine.
#[derive(Clone, Debug)]
pub struct Clock {
    ahead: Option<Documents>,
}

/// The clock can be advanced by ten years in total, which exceeds the life of every code, lock and
/// session.
const MAX_OFFSET: u64 = 10 * 366 * 24 * 60 * 60;

impl Clock {
    /// Returns the system's clock.
    #[must_use]
    pub const fn system() -> Self {
        Self { ahead: None }
    }

    /// Returns a clock with the offset that these documents hold.
    #[must_use]
    pub const fn for_development(documents: Documents) -> Self {
        Self { ahead: Some(documents) }
    }

    /// Returns the current time.
    ///
    /// # Errors
    ///
    /// If the engine does not return the clock's offset.
    pub async fn now(&self) -> Result<Timestamp, StoreError> {
        let ahead = match &self.ahead {
            Some(documents) => documents.read::<u64>(&key()).await?.map_or(0, |held| held.value),
            None => 0,
        };
        Ok(Timestamp::now() + Duration::from_secs(ahead))
    }

    /// Advances the clock. Returns `None` if it can't be advanced, or not this far.
    ///
    /// # Errors
    ///
    /// If the engine does not respond.
    pub async fn advance(&self, seconds: u64) -> Result<Option<Timestamp>, StoreError> {
        let Some(documents) = &self.ahead else { return Ok(None) };
        loop {
            let held = documents.read::<u64>(&key()).await?;
            let (ahead, revision) = held.map_or((0, Revision::ABSENT), |held| (held.value, held.revision));
            let Some(ahead) = ahead.checked_add(seconds).filter(|ahead| *ahead <= MAX_OFFSET) else {
                return Ok(None);
            };
            if documents.write(&key(), revision, &ahead, None).await? == Written::Applied {
                return self.now().await.map(Some);
            }
        }
    }
}

fn key() -> Key {
    Key::new("clock", "ahead")
}

/// A timestamp formatted as RFC 3339, as in answers.
#[derive(Clone, Copy, Debug)]
pub struct Rfc3339(pub Timestamp);

impl std::fmt::Display for Rfc3339 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let millis = i64::try_from(self.0.unix_millis()).unwrap_or(i64::MAX);
        Instant::from_millisecond(millis).unwrap_or(Instant::MAX).fmt(f)
    }
}

impl Serialize for Rfc3339 {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
