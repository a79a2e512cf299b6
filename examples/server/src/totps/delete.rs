//! `DELETE /v1/users/totps/{totp_id}`.

use axum::response::Response;
use serde_json::json;

use crate::accounts::account;
use crate::app::App;
use crate::body::answer;
use crate::failure::{Failure, Kind};
use crate::users::endpoints::user_json;

/// Removes an authenticator app with its recovery codes, so that the user can enrol another. The
/// user's failures and sessions remain.
///
/// # Errors
///
/// See [`Kind`].
pub async fn delete(app: &App, totp_id: &str) -> Result<Response, Failure> {
    let now = app.now().await?;
    let unknown = || Failure::of(Kind::TotpNotFound);
    let user_id = app.users.user_of_totp(totp_id).await?.ok_or_else(unknown)?;
    let has_it = app
        .users
        .user(&user_id)
        .await?
        .and_then(|user| user.totp)
        .is_some_and(|totp| totp.totp_id == totp_id);
    if !has_it {
        return Err(unknown());
    }
    // First where it counts. The call can be repeated if the rest fails.
    let removed = app.accounts.remove_totp(&account(&user_id)?, now).await;
    removed.map_err(|error| Failure::from_core(&error, now))?;
    let user = app.users.drop_totp(&user_id, totp_id).await?.ok_or_else(unknown)?;
    answer(json!({ "user_id": user.user_id, "user": user_json(app, &user, now).await? }))
}
