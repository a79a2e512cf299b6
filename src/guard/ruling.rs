//! What the guard answers.

use alloc::vec::Vec;
use core::fmt;

use super::charge::Charge;
use super::fingerprint::Fingerprint;
use super::rule::Rule;
use super::scope::Scope;
use crate::error::Refusal;
use crate::policy::Reason;
use crate::time::Timestamp;

/// Whether a send is allowed, and which rules spoke against it. One type for policy, limits and
/// guard.
#[derive(Clone, Debug, PartialEq)]
pub struct Ruling {
    pub(super) matched: Vec<Finding>,
    /// None for a refusal.
    pub(super) charge: Option<Charge>,
    pub(super) alarms: Vec<Alarm>,
    /// When rules that did not match now would not refuse the send either; none if one always will.
    pub(super) not_before: Option<Timestamp>,
    pub(super) fingerprint: Fingerprint,
    pub(super) is_vouched: bool,
}

/// A rule that speaks against a send, with the numbers it is decided by, as of the ruling.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// What it covers.
    pub scope: Scope,
    /// What is unanswered.
    pub unanswered: f64,
    /// What is answered.
    pub answered: f64,
    /// How much may be unanswered; for a pace, how much there may be of both.
    pub allowance: f64,
    /// When the rule would no longer refuse the send if nothing else is sent or answered; none if
    /// never.
    pub retry_at: Option<Timestamp>,
}

/// A cap on spend of which a part is used up now.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Alarm {
    /// What the cap covers.
    pub scope: Scope,
    /// The part: half or nine tenths.
    pub part: f64,
    /// The cap.
    pub cap: f64,
}

impl Ruling {
    /// The ruling of the policy.
    #[must_use]
    pub fn policy(reason: Reason, scope: Scope) -> Self {
        Self::refusal(Rule::Policy(reason), scope, None)
    }

    /// The ruling of a limit.
    #[must_use]
    pub fn limit(refusal: Refusal, scope: Scope) -> Self {
        Self::refusal(Rule::Limit(refusal), scope, refusal.retry_at())
    }

    fn refusal(rule: Rule, scope: Scope, retry_at: Option<Timestamp>) -> Self {
        let finding = Finding { rule, scope, unanswered: 0.0, answered: 0.0, allowance: 0.0, retry_at };
        Self {
            matched: Vec::from([finding]),
            charge: None,
            alarms: Vec::new(),
            not_before: Some(Timestamp::EPOCH),
            fingerprint: Fingerprint::default(),
            is_vouched: false,
        }
    }

    /// The ruling on a send when the tallies cannot be read, but the host allows sends
    /// nevertheless.
    pub(crate) const fn without_tallies() -> Self {
        Self {
            matched: Vec::new(),
            charge: Some(Charge::Stranger),
            alarms: Vec::new(),
            not_before: Some(Timestamp::EPOCH),
            fingerprint: Fingerprint::ZERO,
            is_vouched: false,
        }
    }

    /// Adds the findings of rules that come later in the order of the walk.
    pub(crate) fn followed_by(mut self, later: Self) -> Self {
        self.matched.extend(later.matched);
        Self { is_vouched: later.is_vouched, not_before: later.not_before, ..self }
    }

    /// The same with the fingerprint of policy and guard.
    #[must_use]
    pub fn with_fingerprint(self, fingerprint: Fingerprint) -> Self {
        Self { fingerprint, ..self }
    }

    /// Whether the send is allowed. In monitor mode it is, even if rules matched.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        self.charge.is_some()
    }

    /// Whether the send is allowed only because the guard is in monitor mode.
    #[must_use]
    pub fn is_monitored(&self) -> bool {
        self.is_allowed() && !self.matched.is_empty()
    }

    /// What an allowed send is to the guard; none for a refusal.
    #[must_use]
    pub const fn charge(&self) -> Option<Charge> {
        self.charge
    }

    /// The rule that won: the first in the order of the walk.
    #[must_use]
    pub fn rule(&self) -> Option<Rule> {
        self.matched.first().map(|finding| finding.rule)
    }

    /// What the rule that won found.
    #[must_use]
    pub fn finding(&self) -> Option<&Finding> {
        self.matched.first()
    }

    /// All rules that speak against the send, in the order of the walk.
    #[must_use]
    pub fn matched(&self) -> &[Finding] {
        &self.matched
    }

    /// When the send will be allowed, if nothing else is sent or answered; none if it never will
    /// be, or no rule matched.
    #[must_use]
    pub fn retry_at(&self) -> Option<Timestamp> {
        let times = self.matched.iter().map(|finding| finding.retry_at);
        let matched = times.reduce(|one, two| Some(one?.max(two?))).flatten()?;
        Some(matched.max(self.not_before?))
    }

    /// Whether the person may pass a check of the host's and ask again as vouched: no rule matched
    /// that vouching doesn't lift.
    #[must_use]
    pub fn may_vouch(&self) -> bool {
        !self.is_allowed()
            && !self.is_vouched
            && !self.matched.is_empty()
            && self.matched.iter().all(|finding| finding.rule.may_vouch())
    }

    /// The caps on spend of which a part is used up by this send.
    #[must_use]
    pub fn alarms(&self) -> &[Alarm] {
        &self.alarms
    }

    /// A hash of the policy and the guard that ruled.
    #[must_use]
    pub const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The name that clients of passcode APIs know a refusal by the guard by.
    #[must_use]
    pub fn wire_name(&self) -> &'static str {
        match self.rule() {
            Some(Rule::Policy(reason)) => reason.wire_name(),
            Some(Rule::Limit(refusal)) => refusal.wire_name(),
            _ => "too_many_requests",
        }
    }
}

/// Such as `guard:block_10000 for +44770090xxxx: 7.00 unanswered, 0.00 answered, 7.00 allowed`.
impl fmt::Display for Ruling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(Finding { rule, scope, unanswered, answered, allowance, .. }) = self.finding() else {
            return f.write_str("allowed");
        };
        write!(f, "{rule} for {scope}")?;
        match rule {
            Rule::Policy(_) | Rule::Limit(_) | Rule::Override => Ok(()),
            _ => write!(f, ": {unanswered:.2} unanswered, {answered:.2} answered, {allowance:.2} allowed"),
        }
    }
}
