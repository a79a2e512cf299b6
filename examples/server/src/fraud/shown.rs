//! Rulings in answers to operators.

use countersign::guard::{Finding, Ruling};
use serde_json::{Value, json};

use crate::clock::Rfc3339;

/// Returns a ruling with all its findings. Scopes are complete: the operator named the number.
pub(super) fn ruling(ruling: &Ruling) -> Value {
    json!({
        "decision": if ruling.is_allowed() { "allow" } else { "deny" },
        "monitored": ruling.is_monitored(),
        "rule": ruling.rule().map(|rule| rule.to_string()),
        "matched": ruling.matched().iter().map(finding).collect::<Vec<_>>(),
        "retry_at": ruling.retry_at().map(Rfc3339),
        "may_vouch": ruling.may_vouch(),
        "fingerprint": ruling.fingerprint().to_string(),
    })
}

fn finding(finding: &Finding) -> Value {
    json!({
        "rule": finding.rule.to_string(),
        "scope": finding.scope.to_string(),
        "unanswered": rounded(finding.unanswered),
        "answered": rounded(finding.answered),
        "allowance": rounded(finding.allowance),
        "retry_at": finding.retry_at.map(Rfc3339),
    })
}

/// To four decimals: sums decay, and nobody reads more.
pub(super) fn rounded(sum: f64) -> f64 {
    (sum * 1e4).round() / 1e4
}
