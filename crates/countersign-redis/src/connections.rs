//! A pool of connections.

use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::{RedisError, RedisResult};

/// The number of idle connections to keep; further ones are closed after their call.
const IDLE: usize = 64;

type Open<C> = Box<dyn Fn() -> RedisResult<C> + Send + Sync>;

/// Connections that each serve one call at a time.
pub(crate) struct Connections<C> {
    idle: Mutex<Vec<C>>,
    returned: Condvar,
    /// Opens a connection. `None` if there is only the host's connection.
    open: Option<Open<C>>,
}

impl<C> Connections<C> {
    /// Creates a pool that opens a connection for each concurrent call.
    pub(crate) fn opened_by(open: impl Fn() -> RedisResult<C> + Send + Sync + 'static) -> Self {
        Self { idle: Mutex::default(), returned: Condvar::new(), open: Some(Box::new(open)) }
    }

    /// Creates a pool of a single connection, for which calls take turns.
    pub(crate) fn only(connection: C) -> Self {
        Self { idle: Mutex::new(vec![connection]), returned: Condvar::new(), open: None }
    }

    /// Takes an idle connection. Without one, opens a connection, or waits for the only one to be
    /// returned, for at most `timeout`.
    pub(crate) fn take(&self, timeout: Duration) -> RedisResult<C> {
        let mut idle = self.idle();
        if let Some(connection) = idle.pop() {
            return Ok(connection);
        }
        if let Some(open) = &self.open {
            drop(idle);
            return open();
        }
        let waiting = self.returned.wait_timeout_while(idle, timeout, |idle| idle.is_empty());
        idle = waiting.unwrap_or_else(PoisonError::into_inner).0;
        idle.pop().ok_or_else(|| {
            let error = io::Error::new(io::ErrorKind::TimedOut, "other calls hold the connection");
            RedisError::from(error)
        })
    }

    /// Returns a connection for the next call.
    pub(crate) fn give_back(&self, connection: C) {
        let mut idle = self.idle();
        if idle.len() < IDLE {
            idle.push(connection);
        }
        self.returned.notify_one();
    }

    /// Returns a connection whose call failed. The next answer on it may belong to an earlier call,
    /// so a pool that opens connections closes this one and all idle ones. The host's connection
    /// must handle this itself.
    pub(crate) fn give_up(&self, connection: C) {
        match self.open {
            Some(_) => self.idle().clear(),
            None => self.give_back(connection),
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<C>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
