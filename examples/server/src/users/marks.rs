//! Marks of the codes that were sent, so that an old one is told from a wrong one, and one's own
//! from another claim's.

use countersign::Recipient;
use countersign::store::StoreError;

use super::directory::Users;
use super::rules::Claim;

/// So many codes that were sent are remembered by their marks.
pub(super) const MARKS: usize = 8;

impl Users {
    /// Adds the mark of a code that is sent for a claim.
    pub(super) fn put_mark(&self, claim: &mut Claim, code: &str) {
        claim.marks.push(self.mark(claim, code));
        let surplus = claim.marks.len().saturating_sub(MARKS);
        claim.marks.drain(..surplus);
    }

    /// Whether a code is one of the last that were sent for this claim.
    #[must_use]
    pub fn was_sent_for(&self, claim: &Claim, code: &str) -> bool {
        self.is_marked(claim, code, 0)
    }

    /// Whether a code is one of the last that were sent for the claim of this `method_id`, and with
    /// `newest`, whether it may be the very last. A claim that has ended is asked too.
    ///
    /// The codes of whoever has the number or the address now are not told to whom it was before:
    /// asking costs no try.
    ///
    /// # Errors
    ///
    /// If the engine does not answer.
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

    /// A code can't be read from it, nor compared with those of another claim.
    fn mark(&self, claim: &Claim, code: &str) -> String {
        self.secrets.name(&claim.method_id, code)
    }
}
