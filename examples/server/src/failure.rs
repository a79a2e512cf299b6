//! Errors of the API.

use std::borrow::Cow;

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use countersign::guard::Rule;
use countersign::limits::Lock;
use countersign::store::StoreError;
use countersign::{Error, Refusal, Timestamp};
use serde_json::json;

use crate::request_id;
use crate::sealing::SealError;

/// The header of a refusal that does not apply to people for whom the caller vouches.
const MAY_VOUCH: HeaderName = HeaderName::from_static("countersign-may-vouch");

/// An error of the API: a stable type, an HTTP status and a message for people.
///
/// It contains no phone numbers, addresses or codes.
#[derive(Clone, Debug)]
pub struct Failure {
    kind: Kind,
    message: Cow<'static, str>,
    retry_after: Option<u64>,
    /// Whether the caller may vouch for the person and ask again.
    may_vouch: bool,
    reason: &'static str,
}

/// The error of an answer, for the log and the metrics.
#[derive(Clone, Copy, Debug)]
pub struct Noted {
    /// The error's type.
    pub kind: Kind,
    /// The library's reason if it is more specific than the type: `premium_rate`,
    /// `unsupported_country`.
    pub reason: &'static str,
}

macro_rules! kinds {
    ($($name:ident $text:literal $status:literal $when:literal)*) => {
        /// The types of errors. Names and statuses are the hosted API's, except the last three.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind {
            $(#[doc = $when] $name,)*
        }

        impl Kind {
            /// All types.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Returns the stable name that clients match on.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// Returns the HTTP status.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                let status = match self { $(Self::$name => StatusCode::from_u16($status)),* };
                match status { Ok(status) => status, Err(_) => StatusCode::INTERNAL_SERVER_ERROR }
            }

            /// Returns the description of the error.
            #[must_use]
            pub const fn when(self) -> &'static str {
                match self { $(Self::$name => $when),* }
            }
        }
    };
}

kinds! {
    BadRequest "bad_request" 400 "The request is not JSON, or a field is missing or of the wrong type."
    InvalidPhoneNumber "invalid_phone_number" 400 "The phone number is not a valid E.164 number that can receive messages."
    InvalidCountry "invalid_phone_number_country_code" 400 "The phone number's country is not supported, or not on the allowlist."
    InvalidAllowlist "country_code_allowlist_invalid_country_codes" 400 "The allowlist contains a country that is unknown or can't be allowed; nothing was changed."
    EmptyAllowlist "country_code_allowlist_empty" 400 "The allowlist is empty; nothing was changed."
    InvalidExpiration "invalid_expiration_otp" 400 "expiration_minutes must be between 1 and 10."
    InvalidLocale "invalid_locale" 400 "The locale must be one of en, es, fr and pt-br."
    InvalidEmail "invalid_email" 400 "The email address is not valid."
    InvalidMethodId "invalid_method_id" 400 "The method_id is not a valid phone_id or email_id."
    InvalidCode "invalid_code" 400 "The code must be six digits."
    DuplicatePhoneNumber "duplicate_phone_number" 400 "Another user already has this phone number."
    DuplicateEmail "duplicate_email" 400 "Another user already has this email address."
    InvalidSessionDuration "invalid_session_duration_minutes" 400 "session_duration_minutes must be between 5 minutes and 366 days."
    TooManyUnverifiedFactors "too_many_unverified_factors" 400 "The user has too many unverified phone numbers and email addresses."
    ActiveTotpExists "active_totp_exists" 400 "The user already has an authenticator app."
    Unauthorized "unauthorized_credentials" 401 "The Authorization header is missing, or its credentials are wrong."
    UnableToAuthOtpCode "unable_to_auth_otp_code" 401 "The code was already used, has expired, or was superseded by a newer one."
    UnableToAuthTotp "unable_to_authenticate_totp" 401 "The authenticator app's code is wrong, or the user has no such app."
    TotpAlreadyAuthenticated "totp_code_already_authenticated" 401 "The authenticator app's code was already used: wait for the next one."
    UnableToAuthRecoveryCode "unable_to_authenticate_recovery_code" 401 "The recovery code is wrong or was already used, or the user has none."
    OtpCodeNotFound "otp_code_not_found" 404 "The code is wrong, or its attempts are used up."
    PhoneNumberNotFound "phone_number_not_found" 404 "No user has this phone number."
    EmailNotFound "email_not_found" 404 "No user has this email address."
    UserNotFound "user_not_found" 404 "There is no such user."
    TotpNotFound "totp_not_found" 404 "No user has this authenticator app."
    SessionNotFound "session_not_found" 404 "The session_token or session_jwt does not belong to an active session."
    RouteNotFound "route_not_found" 404 "The API has no such path."
    MethodNotAllowed "method_not_allowed" 405 "The path does not support this HTTP method."
    TooLarge "request_too_large" 413 "The request exceeds 16 KB."
    TooManyRequests "too_many_requests" 429 "A passcode was sent recently, a quota of sends is used up, or too many codes sent to similar numbers were not entered."
    UserLocked "user_lock_limit_reached" 429 "Too many wrong codes in a row: for now, no codes of the user are sent or checked."
    Internal "internal_server_error" 500 "An unexpected error; see the server's log."
    StoreUnavailable "service_unavailable" 503 "The storage engine does not respond, or too many requests compete. The outcome is unknown: try again, with a new code if the old one was used up."
    QueueFull "message_queue_full" 503 "Too many messages are waiting for the gateway. No code was issued: try again."
    TimedOut "request_timed_out" 503 "The request took too long. The outcome is unknown."
}

impl Failure {
    /// Creates a failure with the type's message.
    #[must_use]
    pub const fn of(kind: Kind) -> Self {
        Self {
            kind,
            message: Cow::Borrowed(kind.when()),
            retry_after: None,
            may_vouch: false,
            reason: kind.name(),
        }
    }

    /// Creates a failure with its own message.
    #[must_use]
    pub fn new(kind: Kind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), ..Self::of(kind) }
    }

    /// Returns the type.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Sets whether the answer says that the caller may vouch for the person.
    #[must_use]
    pub fn with_may_vouch(self, may_vouch: bool) -> Self {
        Self { may_vouch, ..self }
    }

    /// Converts the library's error. A refusal says how long it lasts, relative to `now`.
    #[must_use]
    pub fn from_core(error: &Error, now: Timestamp) -> Self {
        Self::from_core_as(Kind::of(error), error, now)
    }

    /// As [`from_core`](Self::from_core), for a caller that knows the type.
    #[must_use]
    pub fn from_core_as(kind: Kind, error: &Error, now: Timestamp) -> Self {
        match kind {
            // The log contains the verifier's own event.
            Kind::Internal | Kind::StoreUnavailable => Self::of(kind),
            _ => {
                let retry_at = error.retry_at().or(match error {
                    Error::Refused(Refusal::WrongCode { lock, .. } | Refusal::Superseded { lock, .. }) => {
                        lock.and_then(Lock::until)
                    }
                    _ => None,
                });
                // Clients get the seconds to wait: their clocks and languages are unknown.
                let retry_after =
                    retry_at.and_then(|at| u64::try_from(at.since(now).as_millis().div_ceil(1000)).ok());
                let reason = match error {
                    Error::Denied(reason) => reason.as_str(),
                    Error::Guarded(ruling) => ruling.rule().map_or(kind.name(), Rule::as_str),
                    _ => kind.name(),
                };
                match retry_after {
                    Some(seconds) => {
                        let message = format!("{} Try again in {seconds} seconds.", kind.when());
                        Self { retry_after, reason, ..Self::new(kind, message) }
                    }
                    // The scope is for operators: callers may pass the message on.
                    None if matches!(error, Error::Guarded(_)) => Self { reason, ..Self::of(kind) },
                    None => Self { reason, ..Self::new(kind, error.to_string()) },
                }
            }
        }
    }
}

impl Kind {
    /// Returns the type of one of the library's errors.
    #[must_use]
    pub fn of(error: &Error) -> Self {
        match error {
            Error::Denied(reason) => named(reason.wire_name()),
            // Without a challenge, no code is right for this method id.
            Error::Refused(Refusal::UnknownHandle) => Self::OtpCodeNotFound,
            Error::Refused(refusal) => named(refusal.wire_name()),
            Error::Guarded(ruling) => named(ruling.wire_name()),
            Error::Store(_) | Error::Contended => Self::StoreUnavailable,
            _ => Self::Internal,
        }
    }
}

/// Returns the type with this name. The library's wire names are the hosted API's too.
fn named(name: &str) -> Kind {
    Kind::ALL.iter().copied().find(|kind| kind.name() == name).unwrap_or(Kind::Internal)
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        tracing::warn!(error = %error, cause = ?std::error::Error::source(&error), "the engine does not respond");
        Self::of(Kind::StoreUnavailable)
    }
}

impl From<SealError> for Failure {
    fn from(error: SealError) -> Self {
        tracing::error!(%error, "recovery codes can't be encrypted or decrypted");
        Self::of(Kind::Internal)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = self.kind.status();
        let body = json!({
            "status_code": status.as_u16(),
            "request_id": request_id::current(),
            "error_type": self.kind.name(),
            "error_message": self.message,
            "error_url": format!("{}#{}", request_id::errors_page(), self.kind.name()),
        });
        let mut response = (status, Json(body)).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.may_vouch {
            response.headers_mut().insert(MAY_VOUCH, HeaderValue::from_static("true"));
        }
        if self.kind == Kind::Unauthorized {
            let scheme = HeaderValue::from_static("Basic realm=\"countersign\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        response.extensions_mut().insert(Noted { kind: self.kind, reason: self.reason });
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign::Reason;

    #[test]
    fn names_are_unique_and_include_the_librarys() {
        for (at, kind) in Kind::ALL.iter().enumerate() {
            assert!(kind.status().is_client_error() || kind.status().is_server_error(), "{kind:?}");
            assert!(Kind::ALL[..at].iter().all(|other| other.name() != kind.name()), "{kind:?}");
        }
        let at = Timestamp::from_unix_seconds(1_060);
        let now = Timestamp::from_unix_seconds(1_000);
        for (error, kind, retry_after) in [
            (Error::Denied(Reason::NoCountry), Kind::InvalidCountry, None),
            (Error::Denied(Reason::Unallocated), Kind::InvalidPhoneNumber, None),
            (Error::Refused(Refusal::CoolingDown { retry_at: at }), Kind::TooManyRequests, Some(60)),
            (Error::Refused(Refusal::Locked { until: at }), Kind::UserLocked, Some(60)),
            (Error::Refused(Refusal::Closed), Kind::UserLocked, None),
            (Error::Refused(Refusal::MalformedCode), Kind::InvalidCode, None),
            (Error::Refused(Refusal::NoTriesLeft), Kind::OtpCodeNotFound, None),
            (Error::Refused(Refusal::UnknownHandle), Kind::OtpCodeNotFound, None),
            (Error::Refused(Refusal::AlreadyUsed), Kind::UnableToAuthOtpCode, None),
            (Error::Refused(Refusal::Expired), Kind::UnableToAuthOtpCode, None),
            (Error::Contended, Kind::StoreUnavailable, None),
        ] {
            let failure = Failure::from_core(&error, now);
            assert_eq!((failure.kind, failure.retry_after), (kind, retry_after), "{error:?}");
        }
    }
}
