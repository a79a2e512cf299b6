//! What became of a statement.

use countersign::store::{StoreError, StoreErrorKind, Swap};
use tokio_postgres::error::{Severity, SqlState};
use tokio_postgres::types::FromSql;
use tokio_postgres::{Error, Row};

/// Why a statement has no result.
pub(crate) enum Trouble {
    /// The server was not asked, or says that it rolled back: nothing is written.
    NothingIsWritten(StoreError),
    /// The server rolled back, because somebody else was faster.
    Conflict,
    /// The reply is lost.
    Lost(StoreError),
    /// So it is, because the connection ended.
    Closed(StoreError),
}

impl Trouble {
    /// Before the statement was sent.
    pub(crate) fn before(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::NothingIsWritten(StoreError::unavailable(cause))
    }

    /// An error in answer to a statement. A server that rolls back says ERROR. One that says FATAL is about to end the connection, and
    /// may have committed before.
    pub(crate) fn of(error: Error) -> Self {
        let Some(said) = error.as_db_error().filter(|said| said.parsed_severity() == Some(Severity::Error))
        else {
            return Self::Closed(StoreError::unavailable(error));
        };
        match *said.code() {
            SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => Self::Conflict,
            SqlState::DISK_FULL => Self::NothingIsWritten(StoreError::new(StoreErrorKind::Full)),
            _ => Self::NothingIsWritten(StoreError::unavailable(error)),
        }
    }

    /// The answer to a swap.
    pub(crate) fn of_a_swap(self) -> Result<Swap, StoreError> {
        match self {
            Self::NothingIsWritten(error) => Err(error),
            Self::Conflict => Ok(Swap::Conflict),
            Self::Lost(_) | Self::Closed(_) => Ok(Swap::Unknown),
        }
    }

    /// For what writes nothing anyway.
    pub(crate) fn into_error(self) -> StoreError {
        match self {
            Self::NothingIsWritten(error) | Self::Lost(error) | Self::Closed(error) => error,
            Self::Conflict => StoreError::unavailable("another transaction was faster"),
        }
    }
}

/// Reads a column of a row.
pub(crate) fn read<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Result<T, StoreError> {
    row.try_get(column).map_err(StoreError::unavailable)
}
