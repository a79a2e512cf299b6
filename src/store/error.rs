//! What can go wrong with an engine.

use core::fmt;

use super::Revision;

/// Why a store has no answer. Nothing was written.
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    /// Of what is no record, so that it can be forgotten nevertheless.
    revision: Option<Revision>,
    #[cfg(feature = "alloc")]
    cause: Option<alloc::boxed::Box<dyn core::error::Error + Send + Sync>>,
}

/// What kind of trouble a store has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The engine can't be reached, or says that it failed.
    Unavailable,
    /// There is no room for another record, and none of those that are kept may be dropped.
    Full,
    /// What the engine holds under the key is longer than any record.
    NotARecord,
    /// More records were asked for at once than any operation reads.
    TooManyRecords,
    /// What the engine holds under the key is no tally, or a damaged one.
    NotATally,
}

impl StoreError {
    /// An error without a cause.
    #[must_use]
    pub const fn new(kind: StoreErrorKind) -> Self {
        Self {
            kind,
            revision: None,
            #[cfg(feature = "alloc")]
            cause: None,
        }
    }

    /// The engine's own error, as the cause of `Unavailable`. It must not hold secrets.
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

    /// The revision of what stands where a record should.
    pub(crate) const fn revision(&self) -> Option<Revision> {
        self.revision
    }

    /// What kind of error it is.
    #[must_use]
    pub const fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}

impl StoreErrorKind {
    /// The kind in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unavailable => "store_unavailable",
            Self::Full => "store_full",
            Self::TooManyRecords => "too_many_records",
            Self::NotARecord => "not_a_record",
            Self::NotATally => "not_a_tally",
        }
    }

    /// A number for this kind, from 400 on, which never changes.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::Unavailable => 400,
            Self::Full => 401,
            Self::TooManyRecords => 402,
            Self::NotARecord => 403,
            Self::NotATally => 404,
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
                "the store is full, and nothing in it may be dropped yet; give it more room"
            }
            StoreErrorKind::TooManyRecords => "more records were asked for than a batch has",
            StoreErrorKind::NotARecord => {
                "the store holds something under this key that is not a record of countersign"
            }
            StoreErrorKind::NotATally => "the store holds a damaged tally",
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
    fn what_the_engine_said_is_the_cause_all_the_way_up() {
        let error = StoreError::unavailable("connection reset");
        assert_eq!(error.source().unwrap().to_string(), "connection reset");
        assert_eq!(crate::Error::from(error).source().unwrap().to_string(), "connection reset");
        assert!(StoreError::new(StoreErrorKind::Full).source().is_none());
        assert!(crate::Error::Contended.source().is_none());
    }
}
