//! The outcome of a statement.

use countersign::store::{StoreError, StoreErrorKind, Swap};
use tokio_postgres::error::{Severity, SqlState};
use tokio_postgres::types::FromSql;
use tokio_postgres::{Error, Row};

/// Why a statement returned no result.
pub(crate) enum StatementError {
    /// The statement was not sent, or the server rolled it back: nothing was written.
    NothingWritten(StoreError),
    /// The server rolled back because of a concurrent transaction.
    Conflict,
    /// The reply was lost; the statement may have been executed.
    Lost(StoreError),
    /// The reply was lost because the connection closed.
    Closed(StoreError),
}

impl StatementError {
    /// An error that occurred before the statement was sent.
    pub(crate) fn before(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::NothingWritten(StoreError::unavailable(cause))
    }

    /// Classifies an error returned for a statement. A server reports ERROR once it has rolled
    /// back. After FATAL it closes the connection, and may already have committed.
    pub(crate) fn of(error: Error) -> Self {
        let Some(said) = error.as_db_error().filter(|said| said.parsed_severity() == Some(Severity::Error))
        else {
            return Self::Closed(StoreError::unavailable(error));
        };
        match *said.code() {
            SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => Self::Conflict,
            SqlState::DISK_FULL => Self::NothingWritten(StoreError::new(StoreErrorKind::Full)),
            _ => Self::NothingWritten(StoreError::unavailable(error)),
        }
    }

    /// Converts the error to the outcome of a swap.
    pub(crate) fn into_swap(self) -> Result<Swap, StoreError> {
        match self {
            Self::NothingWritten(error) => Err(error),
            Self::Conflict => Ok(Swap::Conflict),
            Self::Lost(_) | Self::Closed(_) => Ok(Swap::Unknown),
        }
    }

    /// Converts the error for calls that don't distinguish a lost reply.
    pub(crate) fn into_error(self) -> StoreError {
        match self {
            Self::NothingWritten(error) | Self::Lost(error) | Self::Closed(error) => error,
            Self::Conflict => StoreError::unavailable("conflict with a concurrent transaction"),
        }
    }
}

/// Reads a column of a row.
pub(crate) fn read<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Result<T, StoreError> {
    row.try_get(column).map_err(StoreError::unavailable)
}
