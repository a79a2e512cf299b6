//! What operators decide by hand, for a time: documents that all servers on an engine share.

use std::fmt;
use std::time::Duration;

use countersign::Timestamp;
use countersign::guard::{Guard, Override, Treatment};
use countersign::store::StoreError;
use serde::{Deserialize, Serialize};

use crate::documents::{Document, Documents, Key, Revision, Written};

/// The most overrides at a time. Each send of a stranger compares its number with all of them.
const MOST: usize = 256;

/// The longest time that an override lasts.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// The overrides made while servers run, besides those of the guard's settings.
#[derive(Clone, Debug)]
pub struct Overrides(Documents);

/// An override of the guard for the strangers of a prefix or a region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// `+4477`, or `GB`.
    whom: String,
    /// `allow`, `refuse` or `scale`.
    treatment: String,
    /// The factor of `scale`.
    factor: Option<f64>,
    /// The end, in Unix milliseconds.
    until: u64,
}

/// Why an override was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError(&'static str);

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for RuleError {}

impl Rule {
    /// Creates an override that lasts this long.
    ///
    /// # Errors
    ///
    /// If a value is out of its range.
    pub fn new(
        whom: String,
        treatment: String,
        factor: Option<f64>,
        lasts: Duration,
        now: Timestamp,
    ) -> Result<Self, RuleError> {
        if lasts > LONGEST {
            return Err(RuleError("minutes: an override lasts at most 366 days"));
        }
        let rule = Self { whom, treatment, factor, until: (now + lasts).unix_millis() };
        // The guard checks the factor.
        let error = |_| RuleError("factor: a number above 0 and up to 1e9");
        Guard::default().with_override(rule.to_override()?).map_err(error)?;
        Ok(rule)
    }

    /// Converts it to the guard's form.
    ///
    /// # Errors
    ///
    /// If a text is not one of those that are expected.
    pub fn to_override(&self) -> Result<Override, RuleError> {
        let treatment = match (self.treatment.as_str(), self.factor) {
            ("allow", None) => Treatment::Allow,
            ("refuse", None) => Treatment::Refuse,
            ("scale", Some(factor)) => Treatment::Scale(factor),
            ("scale", None) => return Err(RuleError("treatment: scale requires a factor")),
            ("allow" | "refuse", Some(_)) => return Err(RuleError("factor: only scale has one")),
            _ => return Err(RuleError("treatment: expected allow, refuse or scale")),
        };
        let until = Timestamp::from_unix_millis(self.until);
        if self.whom.starts_with('+') {
            let prefix = self.whom.parse();
            let error = |_| RuleError("prefix: expected + and 1 to 15 digits, such as +4477");
            prefix.map(|prefix| Override::prefix(prefix, treatment, until)).map_err(error)
        } else {
            let region = self.whom.parse();
            let error = |_| RuleError("region: expected a code of ISO 3166-1 alpha-2, such as GB");
            region.map(|region| Override::region(region, treatment, until)).map_err(error)
        }
    }

    /// Returns the prefix or region.
    #[must_use]
    pub fn whom(&self) -> &str {
        &self.whom
    }

    /// Returns the treatment's name and its factor, if it has one.
    #[must_use]
    pub fn treatment(&self) -> (&str, Option<f64>) {
        (&self.treatment, self.factor)
    }

    /// Returns when it ends.
    #[must_use]
    pub const fn until(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.until)
    }
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
    pub async fn read(&self) -> Result<(Vec<Rule>, Revision), StoreError> {
        let held = self.0.read(&key()).await?;
        Ok(held.map_or((Vec::new(), Revision::ABSENT), |Document { value, revision }| (value, revision)))
    }

    /// Puts an override in place of the one for the same prefix or region, and drops those that
    /// have ended. Returns the overrides in force.
    ///
    /// # Errors
    ///
    /// The inner error if there are too many; the outer one if the engine does not respond.
    pub async fn put(&self, rule: &Rule, now: Timestamp) -> Result<Result<Vec<Rule>, RuleError>, StoreError> {
        loop {
            let (mut rules, revision) = self.read().await?;
            rules.retain(|other| other.whom != rule.whom);
            rules.push(rule.clone());
            rules.retain(|rule| now < rule.until());
            if rules.len() > MOST {
                return Ok(Err(RuleError("there are 256 overrides already")));
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
