//! Rulings: decisions on sends, with their reasons.

use alloc::vec::Vec;
use core::fmt;

use super::charge::Charge;
use super::fingerprint::Fingerprint;
use super::rule::Rule;
use super::scope::Scope;
use crate::policy::Reason;
use crate::refusal::Refusal;
use crate::time::Timestamp;

/// The decision on a send, with the rules that speak against it. One type for policy, limits and
/// guard.
#[derive(Clone, Debug, PartialEq)]
pub struct Ruling {
    pub(super) matched: Vec<Finding>,
    /// `None` for a refusal.
    pub(super) charge: Option<Charge>,
    pub(super) alarms: Vec<Alarm>,
    /// When the rules that do not match now will not refuse the send either; `None` if one always
    /// will.
    pub(super) not_before: Option<Timestamp>,
    pub(super) fingerprint: Fingerprint,
    pub(super) is_vouched: bool,
}

/// A rule that speaks against a send, with the numbers behind it at the time of the ruling.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// What it covers.
    pub scope: Scope,
    /// The unanswered sum of its tally, in sends or money.
    pub unanswered: f64,
    /// The answered sum of its tally.
    pub answered: f64,
    /// The bound of the unanswered sum; for a pace, that of both sums together.
    pub allowance: f64,
    /// When this rule will allow the send if nothing else is sent or answered; `None` if never.
    pub retry_at: Option<Timestamp>,
}

/// A cap on spend that is used up to a part.
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
    /// Creates the ruling of a policy.
    #[must_use]
    pub fn policy(reason: Reason, scope: Scope) -> Self {
        Self::refusal(Rule::Policy(reason), scope, None)
    }

    /// Creates the ruling of a limit.
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

    /// Creates the ruling on a send whose tallies cannot be read, if the host allows it
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

    /// Sets the fingerprint of policy and guard.
    #[must_use]
    pub fn with_fingerprint(self, fingerprint: Fingerprint) -> Self {
        Self { fingerprint, ..self }
    }

    /// Returns whether the send is allowed. In monitor mode it always is.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        self.charge.is_some()
    }

    /// Returns whether the send is allowed only because the guard is in monitor mode.
    #[must_use]
    pub fn is_monitored(&self) -> bool {
        self.is_allowed() && !self.matched.is_empty()
    }

    /// Returns how an allowed send is charged; `None` for a refusal.
    #[must_use]
    pub const fn charge(&self) -> Option<Charge> {
        self.charge
    }

    /// Returns the rule that decides: the first one that speaks against the send.
    #[must_use]
    pub fn rule(&self) -> Option<Rule> {
        self.matched.first().map(|finding| finding.rule)
    }

    /// Returns the finding of the [rule](Self::rule) that decides.
    #[must_use]
    pub fn finding(&self) -> Option<&Finding> {
        self.matched.first()
    }

    /// Returns all rules that speak against the send, in the order in which they are asked.
    #[must_use]
    pub fn matched(&self) -> &[Finding] {
        &self.matched
    }

    /// Returns when the send will be allowed if nothing else is sent or answered. `None` if it
    /// never will be, or if no rule speaks against it.
    #[must_use]
    pub fn retry_at(&self) -> Option<Timestamp> {
        let times = self.matched.iter().map(|finding| finding.retry_at);
        let matched = times.reduce(|one, two| Some(one?.max(two?))).flatten()?;
        Some(matched.max(self.not_before?))
    }

    /// Returns whether the person may pass a check of the host's own, such as a CAPTCHA, and ask
    /// again as [vouched](crate::Challenge::with_vouched): vouching lifts all rules that speak
    /// against the send. The budget for vouched sends may then still refuse it.
    #[must_use]
    pub fn may_vouch(&self) -> bool {
        !self.is_allowed()
            && !self.is_vouched
            && !self.matched.is_empty()
            && self.matched.iter().all(|finding| finding.rule.may_vouch())
    }

    /// Returns the caps on spend that this send uses up to half or nine tenths.
    #[must_use]
    pub fn alarms(&self) -> &[Alarm] {
        &self.alarms
    }

    /// Returns a hash of the policy and the guard behind a refusal.
    #[must_use]
    pub const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Returns the refusal's name in the APIs of hosted passcode providers.
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
