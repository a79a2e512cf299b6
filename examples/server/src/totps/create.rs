//! `POST /v1/totps`.

use axum::response::Response;
use countersign::account::TotpTerms;
use countersign::{Error, Refusal};
use serde::Deserialize;
use serde_json::json;

use super::{name, qr};
use crate::accounts::account;
use crate::app::App;
use crate::body::answer;
use crate::documents::Written;
use crate::failure::{Failure, Kind};
use crate::users::Totp;
use crate::users::endpoints::user_json;

/// A request to enrol an authenticator app.
#[derive(Deserialize)]
pub struct CreateTotp {
    user_id: String,
    expiration_minutes: Option<i64>,
}

/// How often the enrolment is begun anew because the user or the enrolment was changed meanwhile.
const ATTEMPTS: u32 = 16;

/// Begins the enrolment of an authenticator app, and issues recovery codes. The app counts as a
/// factor after its first code.
///
/// An enrolment that waits for its first code is replaced, with its recovery codes.
///
/// # Errors
///
/// See [`Kind`].
pub async fn create(app: &App, request: CreateTotp) -> Result<Response, Failure> {
    let now = app.now().await?;
    let minutes = minutes(request.expiration_minutes)?;
    for _ in 0..ATTEMPTS {
        let held = app.users.document(&request.user_id).await?;
        let held = held.ok_or_else(|| Failure::of(Kind::UserNotFound))?;
        let (mut user, revision) = (held.value, held.revision);
        let account = account(&user.user_id)?;
        let failed = |error| Failure::from_core(&error, now);
        // A call that gave up here would leave an enrolment that nobody knows, in place of one that
        // a concurrent call has answered.
        let enrolled = match app.accounts.enrol(&account, minutes.clone(), now).await {
            Ok(enrolled) => enrolled,
            Err(Error::Contended) => continue,
            Err(error) => return Err(failed(error)),
        };
        let codes = match app.accounts.issue_codes(&account, &enrolled, now).await {
            Ok(codes) => codes,
            // A concurrent call has replaced the enrolment.
            Err(Error::Contended | Error::Refused(Refusal::NotEnrolled)) => continue,
            Err(error) => return Err(failed(error)),
        };
        let codes: Vec<&str> = codes.iter().collect();
        let totp = Totp::new(app.recovery_codes.as_ref(), &codes)?;
        let totp_id = totp.totp_id.clone();
        app.users.name_totp(&totp_id, &user.user_id).await?;
        let replaced = user.totp.replace(totp);
        // The enrolment of a concurrent call may have replaced this one. The call that writes last
        // begins anew, so that the user's document names the enrolment that remains.
        if app.users.replace(&user, revision).await? == Written::Conflict {
            app.users.forget_totp(&totp_id).await?;
            continue;
        }
        if let Some(replaced) = replaced {
            app.users.forget_totp(&replaced.totp_id).await?;
        }
        let uri = enrolled.key_uri(name::issuer(app.wording.app_name)?, name::account(&user, now)?);
        let qr_code = qr::data_url(uri.to_text().as_str()).map_err(|_| Failure::of(Kind::Internal))?;
        return answer(json!({
            "user_id": user.user_id,
            "totp_id": totp_id,
            "secret": enrolled.secret().to_base32().as_str(),
            "qr_code": qr_code,
            "recovery_codes": codes,
            "user": user_json(app, &user, now).await?,
        }));
    }
    Err(Failure::of(Kind::StoreUnavailable))
}

fn minutes(requested: Option<i64>) -> Result<TotpTerms, Failure> {
    let terms = TotpTerms::new();
    let Some(minutes) = requested else { return Ok(terms) };
    let out_of_range = || Failure::new(Kind::BadRequest, "expiration_minutes must be between 5 and 1440");
    let minutes = u64::try_from(minutes).map_err(|_| out_of_range())?;
    terms.with_minutes(minutes).map_err(|_| out_of_range())
}
