//! What the kit asks of those who run the server.

use std::io;

/// The server under a store, as a test runs it. Without these hooks the kit can't ask what a store does when its server
/// is in trouble, and says so in its report.
pub trait Engine: Sync {
    /// Kills the server and starts it again at the same address with the same data. Returns when it is started; it need
    /// not answer yet.
    ///
    /// # Errors
    ///
    /// If it can't be done: the check fails, and says why.
    fn restart(&self) -> io::Result<()>;

    /// The server goes on holding its connections and answers nothing (`SIGSTOP`).
    ///
    /// # Errors
    ///
    /// As [`restart`](Self::restart).
    fn pause(&self) -> io::Result<()>;

    /// The server goes on where it stopped (`SIGCONT`).
    ///
    /// # Errors
    ///
    /// As [`restart`](Self::restart).
    fn resume(&self) -> io::Result<()>;

    /// The next reply of the server is lost: the request arrives, and the connection ends instead of the answer. Whether that
    /// can be done; it takes something between store and server that sees their bytes.
    ///
    /// # Errors
    ///
    /// As [`restart`](Self::restart).
    fn lose_next_reply(&self) -> io::Result<bool> {
        Ok(false)
    }
}
