//! What operators decide by hand, for a time: a document that all servers on an engine share.

use std::fmt;
use std::time::Duration;

use countersign::Timestamp;
use countersign::guard::{Guard, Override};
use countersign::store::StoreError;
use serde_json::{Value, json};

use crate::documents::{Document, Documents, Key, Revision, Written};

/// The most overrides at a time. Each send to a stranger compares its number with all of them.
const MOST: usize = 256;

/// The longest time that an override lasts.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// The overrides made while servers run, besides those of the guard's settings.
#[derive(Clone, Debug)]
pub struct Overrides(Documents);

/// Why an override was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverrideError(String);

impl fmt::Display for OverrideError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for OverrideError {}

/// Creates an override that lasts this long, from its scope and treatment in the library's serde
/// form: `+4477` or `GB`; `allow`, `refuse` or `{"scale": 2.0}`.
///
/// # Errors
///
/// If a value is unknown or out of range.
pub(super) fn read(
    scope: &str,
    treatment: &Value,
    lasts: Duration,
    now: Timestamp,
) -> Result<Override, OverrideError> {
    if lasts > LONGEST {
        return Err(OverrideError("minutes: an override lasts at most 366 days".into()));
    }
    let data = json!({ "scope": scope, "treatment": treatment, "until": now + lasts });
    let rule: Override = serde_json::from_value(data).map_err(|error| OverrideError(error.to_string()))?;
    // The guard checks the factor.
    Guard::default().with_override(rule).map_err(|error| OverrideError(error.to_string()))?;
    Ok(rule)
}

/// Returns the scope of an override as text.
pub(super) fn scope(rule: &Override) -> Value {
    serde_json::to_value(rule).map_or(Value::Null, |mut data| data["scope"].take())
}

impl Overrides {
    /// Creates overrides on these documents.
    #[must_use]
    pub const fn new(documents: Documents) -> Self {
        Self(documents)
    }

    /// Returns the overrides, some of which may have ended, and their revision.
    ///
    /// # Errors
    ///
    /// If the engine does not respond.
    pub async fn read(&self) -> Result<(Vec<Override>, Revision), StoreError> {
        let held = self.0.read(&key()).await?;
        Ok(held.map_or((Vec::new(), Revision::ABSENT), |Document { value, revision }| (value, revision)))
    }

    /// Puts an override in place of the one for the same scope, and drops those that have ended.
    /// Returns the overrides in force.
    ///
    /// # Errors
    ///
    /// The inner error if there are too many; the outer one if the engine does not respond.
    pub async fn put(
        &self,
        rule: Override,
        now: Timestamp,
    ) -> Result<Result<Vec<Override>, OverrideError>, StoreError> {
        loop {
            let (mut rules, revision) = self.read().await?;
            rules.retain(|other| scope(other) != scope(&rule));
            rules.push(rule);
            rules.retain(|rule| now < rule.until());
            if rules.len() > MOST {
                return Ok(Err(OverrideError(format!("there are {MOST} overrides already"))));
            }
            if self.0.write(&key(), revision, &rules, None).await? == Written::Applied {
                return Ok(Ok(rules));
            }
        }
    }
}

fn key() -> Key {
    Key::new("guard", "overrides")
}
