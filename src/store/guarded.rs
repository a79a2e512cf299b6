//! A store whose tallies are used.

/// The store of a verifier [with a guard](crate::Verifier::with_guard), which uses the store's
/// [tallies](super::Tallies) besides its records.
///
/// It appears in the type of such a verifier: `Verifier<Guarded<MemoryStore>>`.
#[derive(Clone, Debug)]
pub struct Guarded<S>(pub(crate) S);

impl<S> Guarded<S> {
    /// Returns the store.
    pub const fn store(&self) -> &S {
        &self.0
    }
}
