//! What time it is.

use std::time::Duration;

use countersign::Timestamp;
use countersign::store::StoreError;
use jiff::Timestamp as Instant;
use serde::Serialize;

use crate::documents::{Documents, Key, Revision, Written};

/// The system's clock. A server for development can put it forward, and with it those of all servers on its engine.
#[derive(Clone, Debug)]
pub struct Clock {
    ahead: Option<Documents>,
}

/// The clock can be put forward ten years in all, which is more than any code, lock or session needs.
const FARTHEST: u64 = 10 * 366 * 24 * 60 * 60;

impl Clock {
    /// The system's.
    #[must_use]
    pub const fn system() -> Self {
        Self { ahead: None }
    }

    /// The system's, put forward by as much as these documents say.
    #[must_use]
    pub const fn for_development(documents: Documents) -> Self {
        Self { ahead: Some(documents) }
    }

    /// The time.
    ///
    /// # Errors
    ///
    /// If the engine does not say how far the clock was put forward.
    pub async fn now(&self) -> Result<Timestamp, StoreError> {
        let ahead = match &self.ahead {
            Some(documents) => documents.read::<u64>(&key()).await?.map_or(0, |held| held.value),
            None => 0,
        };
        Ok(Timestamp::now() + Duration::from_secs(ahead))
    }

    /// Puts the clock forward. `None` where there is no such clock, or it would go too far.
    ///
    /// # Errors
    ///
    /// If the engine does not answer.
    pub async fn advance(&self, seconds: u64) -> Result<Option<Timestamp>, StoreError> {
        let Some(documents) = &self.ahead else { return Ok(None) };
        loop {
            let held = documents.read::<u64>(&key()).await?;
            let (ahead, revision) = held.map_or((0, Revision::ABSENT), |held| (held.value, held.revision));
            let Some(ahead) = ahead.checked_add(seconds).filter(|ahead| *ahead <= FARTHEST) else {
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

/// A time as answers have it (RFC 3339).
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
