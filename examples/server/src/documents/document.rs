//! Documents, their keys and the results of writes.

/// A document's key. It contains no phone number or email address; those are hashed first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key(String);

impl Key {
    /// Creates the key `kind:id`.
    pub fn new(kind: &str, id: impl std::fmt::Display) -> Self {
        Self(format!("{kind}:{id}"))
    }

    /// Returns the document's key among those of all projects. Kinds contain no colon, so keys are
    /// unique.
    pub(super) fn of_project(&self, project: &str) -> Self {
        Self(format!("{project}:{}", self.0))
    }

    /// Returns the key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The revision of a document: a write names the revision that it replaces. Revisions never recur
/// for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision(pub u64);

impl Revision {
    /// The revision of a document that does not exist.
    pub const ABSENT: Self = Self(0);
}

/// A document with its revision.
#[derive(Clone, Debug)]
pub struct Document<T> {
    /// The content.
    pub value: T,
    /// The revision.
    pub revision: Revision,
}

/// The result of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Written {
    /// The document was written.
    Applied,
    /// The document had changed; nothing was written.
    Conflict,
}
