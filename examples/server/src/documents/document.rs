//! A document, where it is, and what becomes of a write.

/// Where a document is. Its text holds no number and no address: those are hashed first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key(String);

impl Key {
    /// `kind:id`.
    pub fn new(kind: &str, id: impl std::fmt::Display) -> Self {
        Self(format!("{kind}:{id}"))
    }

    /// The same document's key among those of all projects. No kind of document has a colon, so
    /// that no two are one.
    pub(super) fn of_project(&self, project: &str) -> Self {
        Self(format!("{project}:{}", self.0))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The state of a document that was read: a write names the state that it replaces. No number comes
/// again for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision(pub u64);

impl Revision {
    /// There is no document.
    pub const ABSENT: Self = Self(0);
}

/// A document as it was read.
#[derive(Clone, Debug)]
pub struct Document<T> {
    /// What it says.
    pub value: T,
    /// Which state of it this is.
    pub revision: Revision,
}

/// What became of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Written {
    /// It is written.
    Applied,
    /// Somebody else wrote it meanwhile; nothing is written.
    Conflict,
}
