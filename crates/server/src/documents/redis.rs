//! Documents in Redis.

use std::time::Duration;

use countersign::store::StoreError;

use super::{Key, Revision, Written};

/// Keeps documents in Redis.
#[derive(Clone, Debug)]
pub struct RedisDocuments(std::convert::Infallible);

impl RedisDocuments {
    /// Connects.
    ///
    /// # Errors
    ///
    /// If the server can't be reached in time.
    pub async fn connect(_address: &str) -> Result<Self, StoreError> {
        Err(StoreError::unavailable("not built yet"))
    }

    pub(super) async fn read(&self, _key: &Key) -> Result<Option<(Vec<u8>, Revision)>, StoreError> {
        match self.0 {}
    }

    pub(super) async fn write(
        &self,
        _key: &Key,
        _expected: Revision,
        _bytes: Vec<u8>,
        _keep: Option<Duration>,
    ) -> Result<Written, StoreError> {
        match self.0 {}
    }

    pub(super) async fn remove(&self, _key: &Key, _expected: Revision) -> Result<Written, StoreError> {
        match self.0 {}
    }
}
