//! The terms of a session, as requested.

use std::time::Duration;

use serde_json::{Map, Value};

use super::Running;
use crate::failure::{Failure, Kind};

/// The terms of the requested session.
pub struct Terms {
    /// How long the session lasts.
    pub(super) duration: Duration,
    /// The host's custom claims.
    pub(super) claims: Map<String, Value>,
    /// The session to continue, if it belongs to the same user.
    pub(super) running: Option<Running>,
}

impl Terms {
    /// Reads the terms of a request, which continues the session that it presents. Returns `None`
    /// if the request asks for no session.
    ///
    /// # Errors
    ///
    /// If the duration is out of range, or the claims are too long.
    pub fn read(
        minutes: Option<i64>,
        claims: Option<&Map<String, Value>>,
        running: Option<Running>,
    ) -> Result<Option<Self>, Failure> {
        // Custom claims without a session are ignored, so that a host may always send them.
        let Some(minutes) = minutes else {
            return Ok(None);
        };
        let minutes = u64::try_from(minutes).ok().filter(|minutes| (5..=527_040).contains(minutes));
        let minutes = minutes.ok_or_else(|| Failure::of(Kind::InvalidSessionDuration))?;
        let claims = claims.cloned().unwrap_or_default();
        let all = running.as_ref().map_or_else(|| claims.clone(), |running| running.claims_with(&claims));
        if serde_json::to_vec(&all).is_ok_and(|bytes| bytes.len() > 4096) {
            return Err(Failure::new(
                Kind::BadRequest,
                "session_custom_claims must not exceed 4 KB in total per session",
            ));
        }
        Ok(Some(Self { duration: Duration::from_secs(minutes * 60), claims, running }))
    }
}
