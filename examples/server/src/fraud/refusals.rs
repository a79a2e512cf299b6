//! The last sends that the guard refused.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use countersign::guard::Ruling;
use countersign::{Channel, Region, Timestamp};
use serde::Serialize;

use super::scopes::without_people;
use super::shown::rounded;
use crate::clock::Rfc3339;

/// How many refusals are kept.
pub const REFUSALS: usize = 256;

/// The last sends that this server's guard refused, or in monitor mode would have refused.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<VecDeque<Refused>>);

/// A send that was refused. It contains no number: see [`without_people`].
#[derive(Clone, Debug, Serialize)]
pub struct Refused {
    at: Rfc3339,
    /// Whether the code was sent nevertheless, in monitor mode.
    sent: bool,
    region: Option<&'static str>,
    channel: &'static str,
    rule: &'static str,
    scope: String,
    unanswered: f64,
    answered: f64,
    allowance: f64,
    retry_at: Option<Rfc3339>,
    fingerprint: String,
}

impl Refusals {
    /// Adds a ruling, if a rule of the guard spoke against the send. The oldest refusal gives way.
    pub fn note(&self, ruling: &Ruling, region: Option<Region>, channel: Channel, now: Timestamp) {
        let Some(finding) = ruling.finding() else { return };
        let refused = Refused {
            at: Rfc3339(now),
            sent: ruling.is_allowed(),
            region: region.map(Region::as_str),
            channel: channel.as_str(),
            rule: finding.rule.as_str(),
            scope: without_people(finding.scope),
            unanswered: rounded(finding.unanswered),
            answered: rounded(finding.answered),
            allowance: rounded(finding.allowance),
            retry_at: ruling.retry_at().map(Rfc3339),
            fingerprint: ruling.fingerprint().to_string(),
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.truncate(REFUSALS - 1);
        kept.push_front(refused);
    }

    /// Returns the refusals, newest first.
    #[must_use]
    pub fn newest_first(&self) -> Vec<Refused> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}
