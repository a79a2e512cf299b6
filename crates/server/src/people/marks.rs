//! Marks of the codes that were sent, so that an old one is told from a wrong one.

use countersign::store::StoreError;
use countersign::{Recipient, Timestamp};

use super::{Claim, People};
use crate::documents::{Document, Written};

/// So many codes that were sent are remembered by their marks, so that an old one is told from a wrong one.
pub(super) const MARKS: usize = 8;

impl People {
    /// Remembers the mark of a code that is sent, for [`was_sent_before`](Self::was_sent_before).
    ///
    /// # Errors
    ///
    /// If the engine does not answer.
    pub async fn remember(
        &self,
        recipient: &Recipient,
        code: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let key = self.claim_key(recipient);
        while let Some(Document { value: mut claim, revision }) = self.documents.read::<Claim>(&key).await? {
            claim.marks.push(self.mark(&claim, code));
            let surplus = claim.marks.len().saturating_sub(MARKS);
            claim.marks.drain(..surplus);
            if self.documents.write(&key, revision, &claim, claim.keep(now)).await? == Written::Applied {
                break;
            }
        }
        Ok(())
    }

    /// Whether a code is one of the last that were sent to this `method_id`, and with `newest`, whether it may be the very last.
    ///
    /// The codes of whoever has the number or the address now are not told to whom it was before: asking costs no try.
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
        let held: Option<Document<Claim>> = self.documents.read(&self.claim_key(recipient)).await?;
        let Some(claim) = held.map(|held| held.value).filter(|claim| claim.method_id == method_id) else {
            return Ok(false);
        };
        let mark = self.mark(&claim, code);
        let older = claim.marks.iter().rev().skip(usize::from(!newest));
        Ok(older.fold(false, |found, sent| self.secrets.equal(sent, &mark) | found))
    }

    /// A code can't be read from it, nor compared with those of another claim.
    fn mark(&self, claim: &Claim, code: &str) -> String {
        self.secrets.name(&claim.method_id, code)
    }
}
