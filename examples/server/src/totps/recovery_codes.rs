//! `POST /v1/totps/recovery_codes`.

use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use crate::accounts::account;
use crate::app::App;
use crate::body::answer;
use crate::failure::{Failure, Kind};
use crate::users::Totp;

/// A request about a user.
#[derive(Deserialize)]
pub struct OfUser {
    user_id: String,
}

/// Returns the user's authenticator app with its unused recovery codes. Without
/// `--show-recovery-codes` there are none in the answer.
///
/// # Errors
///
/// See [`Kind`].
pub async fn recovery_codes(app: &App, request: OfUser) -> Result<Response, Failure> {
    let now = app.now().await?;
    let user = app.users.user(&request.user_id).await?.ok_or_else(|| Failure::of(Kind::UserNotFound))?;
    let status = app.accounts.status(&account(&user.user_id)?, now).await;
    let status = status.map_err(|error| Failure::from_core(&error, now))?;
    let mut totps = Vec::new();
    if let Some((totp, verified)) = user.totp(&status) {
        let codes = match &app.recovery_codes {
            Some(sealing) => totp.recovery_codes(sealing)?,
            None => Vec::new(),
        };
        let Totp { totp_id, .. } = totp;
        totps.push(json!({ "totp_id": totp_id, "verified": verified, "recovery_codes": codes }));
    }
    answer(json!({ "user_id": user.user_id, "totps": totps }))
}
