//! Hooks by which the kit controls a store's server.

use std::io;

use crate::store::TallyKey;

/// Controls the server under a store. Without these hooks the kit cannot check a store whose server
/// fails, and reports those checks as not asked.
pub trait Engine: Sync {
    /// Kills the server and starts it again at the same address with the same data. Returns once it
    /// is started, even if it does not answer yet.
    ///
    /// # Errors
    ///
    /// If the server cannot be restarted. The check then fails with this error.
    fn restart(&self) -> io::Result<()>;

    /// Stops the server, which keeps its connections open and answers nothing (`SIGSTOP`).
    ///
    /// # Errors
    ///
    /// If the server cannot be stopped.
    fn pause(&self) -> io::Result<()>;

    /// Resumes the server (`SIGCONT`).
    ///
    /// # Errors
    ///
    /// If the server cannot be resumed.
    fn resume(&self) -> io::Result<()>;

    /// Loses the next reply of the server: the request arrives, and the connection is closed
    /// instead of the reply. Returns whether this is supported. It requires a proxy between store
    /// and server.
    ///
    /// # Errors
    ///
    /// If the reply cannot be lost.
    fn lose_next_reply(&self) -> io::Result<bool> {
        Ok(false)
    }

    /// Returns in how many ways [`damage_tally`](Self::damage_tally) can damage an entry. By
    /// default in none.
    fn ways_to_damage(&self) -> usize {
        0
    }

    /// Damages the entry under this key, past the store: for example, makes a sum infinite or cuts
    /// off bytes. `way` is less than [`ways_to_damage`](Self::ways_to_damage).
    ///
    /// # Errors
    ///
    /// If the entry cannot be damaged.
    fn damage_tally(&self, key: &TallyKey, way: usize) -> io::Result<()> {
        let _ = (key, way);
        Err(io::ErrorKind::Unsupported.into())
    }
}
