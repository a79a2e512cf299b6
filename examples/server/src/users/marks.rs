//! Marks of sent codes: keyed hashes that tell an old code from a wrong one, and a claim's codes
//! from another claim's.

use countersign::Recipient;
use countersign::store::StoreError;

use super::directory::Users;
use super::rules::Claim;

/// The number of sent codes whose marks are kept.
pub(super) const MARKS: usize = 8;

impl Users {
    /// Adds the mark of a code sent for a claim.
    pub(super) fn put_mark(&self, claim: &mut Claim, code: &str) {
        claim.marks.push(self.mark(claim, code));
        let surplus = claim.marks.len().saturating_sub(MARKS);
        claim.marks.drain(..surplus);
    }

    /// Whether a code is one of the latest sent for this claim.
    #[must_use]
    pub fn was_sent_for(&self, claim: &Claim, code: &str) -> bool {
        self.is_marked(claim, code, 0)
    }

    /// Whether a code is one of the latest sent for the claim of this `method_id`, even if the
    /// claim has ended. The very latest code only counts if `newest` is set.
    ///
    /// Codes sent for a later owner's claim are not recognised: a query costs no attempt, so a
    /// former owner could use it to guess them.
    ///
    /// # Errors
    ///
    /// If the engine does not respond.
    pub async fn was_sent_before(
        &self,
        method_id: &str,
        recipient: &Recipient,
        code: &str,
        newest: bool,
    ) -> Result<bool, StoreError> {
        let claims = self.claims(recipient).await?;
        Ok(claims.get(method_id).is_some_and(|claim| self.is_marked(claim, code, usize::from(!newest))))
    }

    fn is_marked(&self, claim: &Claim, code: &str, skipped: usize) -> bool {
        let mark = self.mark(claim, code);
        let older = claim.marks.iter().rev().skip(skipped);
        older.fold(false, |found, sent| self.secrets.equal(sent, &mark) | found)
    }

    /// Returns a code's mark. It neither reveals the code nor can be compared with those of other
    /// claims.
    fn mark(&self, claim: &Claim, code: &str) -> String {
        self.secrets.name(&claim.method_id, code)
    }
}
