//! Connections that wait for their next call.

use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::{RedisError, RedisResult};

/// So many connections wait for their next call; those beyond are closed after theirs.
const IDLE: usize = 64;

type Open<C> = Box<dyn Fn() -> RedisResult<C> + Send + Sync>;

/// Connections of which each serves one call at a time.
pub(crate) struct Connections<C> {
    idle: Mutex<Vec<C>>,
    returned: Condvar,
    /// Opens another one; none where there is only the host's.
    open: Option<Open<C>>,
}

impl<C> Connections<C> {
    /// As many as there are calls at once.
    pub(crate) fn opened_by(open: impl Fn() -> RedisResult<C> + Send + Sync + 'static) -> Self {
        Self { idle: Mutex::default(), returned: Condvar::new(), open: Some(Box::new(open)) }
    }

    /// This one, for which calls take turns.
    pub(crate) fn only(connection: C) -> Self {
        Self { idle: Mutex::new(vec![connection]), returned: Condvar::new(), open: None }
    }

    /// One that is idle; else a new one, or the only one when its call has ended, unless that takes
    /// longer.
    pub(crate) fn take(&self, patience: Duration) -> RedisResult<C> {
        let mut idle = self.idle();
        if let Some(connection) = idle.pop() {
            return Ok(connection);
        }
        if let Some(open) = &self.open {
            drop(idle);
            return open();
        }
        let waiting = self.returned.wait_timeout_while(idle, patience, |idle| idle.is_empty());
        idle = waiting.unwrap_or_else(PoisonError::into_inner).0;
        idle.pop().ok_or_else(|| {
            let error = io::Error::new(io::ErrorKind::TimedOut, "other calls have the connection");
            RedisError::from(error)
        })
    }

    /// For the next call.
    pub(crate) fn give_back(&self, connection: C) {
        let mut idle = self.idle();
        if idle.len() < IDLE {
            idle.push(connection);
        }
        self.returned.notify_one();
    }

    /// After trouble on a connection. Those that were opened here are closed, with all that are
    /// idle, for the next answer that one gives may be that of an earlier call. What becomes of the
    /// host's is its own to say.
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
