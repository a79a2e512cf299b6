//! Errors of a store's engine.

use core::fmt;

use super::Revision;

/// An error of a store. Nothing was written.
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    /// The revision of the bytes that are not a record, so that they can be forgotten nevertheless.
    revision: Option<Revision>,
    #[cfg(feature = "alloc")]
    cause: Option<alloc::boxed::Box<dyn core::error::Error + Send + Sync>>,
}

/// The kind of a [`StoreError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The engine cannot be reached, or reported a failure.
    Unavailable,
    /// There is no room for another record, and no record may be dropped yet.
    Full,
    /// The engine holds a value under the key that is longer than any record.
    NotARecord,
    /// More records were requested at once than any operation reads.
    TooManyRecords,
    /// The engine holds a value under the key that is no tally, or a damaged one.
    NotATally,
    /// Tallies were requested from a verifier without a guard.
    NoTallies,
    /// More tallies were requested at once than any operation uses.
    TooManyTallies,
}

impl StoreError {
    /// Creates an error without a cause.
    #[must_use]
    pub const fn new(kind: StoreErrorKind) -> Self {
        Self {
            kind,
            revision: None,
            #[cfg(feature = "alloc")]
            cause: None,
        }
    }

    /// Creates an `Unavailable` error with the engine's own error as its cause. The cause must not
    /// contain secrets.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn unavailable(cause: impl Into<alloc::boxed::Box<dyn core::error::Error + Send + Sync>>) -> Self {
        Self { cause: Some(cause.into()), ..Self::new(StoreErrorKind::Unavailable) }
    }

    pub(super) fn not_a_record(revision: Revision) -> Self {
        Self { revision: Some(revision), ..Self::new(StoreErrorKind::NotARecord) }
    }

    /// `cause` is lost without the feature `alloc`.
    #[cfg_attr(not(feature = "alloc"), expect(unused_variables, reason = "there is nowhere to keep it"))]
    pub(super) fn not_a_tally(cause: super::tallies::EntryError) -> Self {
        Self {
            #[cfg(feature = "alloc")]
            cause: Some(cause.into()),
            ..Self::new(StoreErrorKind::NotATally)
        }
    }

    /// Returns the revision of the value that is not a record.
    pub(crate) const fn revision(&self) -> Option<Revision> {
        self.revision
    }

    /// Returns the kind of the error.
    #[must_use]
    pub const fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}

impl StoreErrorKind {
    /// Returns the kind in snake case, for logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unavailable => "store_unavailable",
            Self::Full => "store_full",
            Self::TooManyRecords => "too_many_records",
            Self::NotARecord => "not_a_record",
            Self::NotATally => "not_a_tally",
            Self::NoTallies => "no_tallies",
            Self::TooManyTallies => "too_many_tallies",
        }
    }

    /// Returns the kind's stable number, from 400 on. A number never changes its meaning.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::Unavailable => 400,
            Self::Full => 401,
            Self::TooManyRecords => 402,
            Self::NotARecord => 403,
            Self::NotATally => 404,
            Self::NoTallies => 405,
            Self::TooManyTallies => 406,
        }
    }
}

impl From<StoreErrorKind> for StoreError {
    fn from(kind: StoreErrorKind) -> Self {
        Self::new(kind)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            StoreErrorKind::Unavailable => "the store does not answer",
            StoreErrorKind::Full => {
                "the store is full, and no record in it may be dropped yet; raise its capacity"
            }
            StoreErrorKind::TooManyRecords => "more records were requested at once than a batch holds (3)",
            StoreErrorKind::NotARecord => {
                "the store holds a value under this key that is not a countersign record"
            }
            StoreErrorKind::NotATally => "the store holds a damaged tally",
            StoreErrorKind::NoTallies => "this verifier uses no tallies; give it a guard",
            StoreErrorKind::TooManyTallies => "more tallies were requested at once than a call may have (24)",
        })
    }
}

impl core::error::Error for StoreError {
    #[cfg(feature = "alloc")]
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.cause.as_ref().map(|cause| &**cause as &(dyn core::error::Error + 'static))
    }
}

#[cfg(test)]
#[cfg(feature = "alloc")]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use core::error::Error as _;

    #[test]
    fn engine_error_is_kept_as_the_source() {
        let error = StoreError::unavailable("connection reset");
        assert_eq!(error.source().unwrap().to_string(), "connection reset");
        assert_eq!(crate::Error::from(error).source().unwrap().to_string(), "connection reset");
        assert!(StoreError::new(StoreErrorKind::Full).source().is_none());
        assert!(crate::Error::Contended.source().is_none());
    }
}
