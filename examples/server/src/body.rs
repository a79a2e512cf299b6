//! Bodies of requests and answers.

mod unique;

use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::failure::{Failure, Kind};
use crate::request_id;
use unique::KeyError;

/// The time limit for a body to arrive: bodies are small, and a slow client occupies a connection.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// A request's JSON body. Unknown fields are ignored; `null` counts as absent.
///
/// Errors say where the body is invalid, but never repeat its content, which may be a phone number
/// or a code.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let late = || Failure::new(Kind::BadRequest, "the body did not arrive within 10 seconds");
        let arriving = tokio::time::timeout(BODY_TIMEOUT, Bytes::from_request(request, state));
        let bytes = arriving.await.map_err(|_| late())?.map_err(|rejection| match rejection.status() {
            axum::http::StatusCode::PAYLOAD_TOO_LARGE => Failure::of(Kind::TooLarge),
            _ => Failure::new(Kind::BadRequest, "the body is incomplete"),
        })?;
        read(&bytes).map(Self)
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let checked = unique::check(bytes);
    if let Err(KeyError::Duplicate(path)) = &checked {
        return Err(Failure::new(Kind::BadRequest, format!("duplicate key in the body: {path}")));
    }
    let mut from = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut from).map_err(|error| {
        let (path, error) = (error.path().to_string(), error.inner());
        let (line, column) = (error.line(), error.column());
        let missing = error.to_string();
        let message = match missing.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
            Some(field) => format!("the field {field} is missing"),
            None if error.is_data() && path != "." => format!("the field {path} has the wrong type"),
            None if error.is_data() => "the body is not a JSON object".to_owned(),
            None => format!("the body is not valid JSON: error at line {line}, column {column}"),
        };
        Failure::new(Kind::BadRequest, message)
    })?;
    from.end().map_err(|_| Failure::new(Kind::BadRequest, "unexpected data after the JSON body"))?;
    // The duplicate check reads all of the body, including unknown fields, which are not parsed
    // above.
    checked.map_err(|_| {
        Failure::new(
            Kind::BadRequest,
            "the body is nested too deeply or contains a number that is out of range",
        )
    })?;
    Ok(value)
}

/// Returns an answer with these fields and the two that every answer has.
///
/// # Errors
///
/// If `fields` is not a JSON object, which is a bug in the server.
pub fn answer(fields: impl Serialize) -> Result<Response, Failure> {
    let Ok(Value::Object(mut all)) = serde_json::to_value(fields) else {
        return Err(Failure::of(Kind::Internal));
    };
    all.insert("status_code".into(), 200.into());
    all.insert("request_id".into(), request_id::current().into());
    Ok(Json(Value::Object(all)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct Asked {
        #[allow(dead_code)]
        phone_number: String,
        expiration_minutes: Option<i64>,
    }

    #[test]
    fn errors_locate_but_do_not_repeat_content() {
        for (body, message) in [
            ("", "the body is not valid JSON: error at line 1, column 0"),
            ("{", "the body is not valid JSON: error at line 1, column 1"),
            ("[]", "the body is not a JSON object"),
            ("7", "the body is not a JSON object"),
            (r#"{"phone_number":"+12025550162"} x"#, "unexpected data after the JSON body"),
            (r#"{"phone_number":12025550162}"#, "the field phone_number has the wrong type"),
            (r#"{"phone_number":null}"#, "the field phone_number has the wrong type"),
            (r#"{"code":"123456"}"#, "the field phone_number is missing"),
            (
                r#"{"phone_number":"+12025550162","expiration_minutes":"2"}"#,
                "the field expiration_minutes has the wrong type",
            ),
        ] {
            let failure = read::<Asked>(body.as_bytes()).unwrap_err();
            assert_eq!(failure.kind(), Kind::BadRequest);
            assert!(format!("{failure:?}").contains(message), "{body}: {failure:?}");
            assert!(!format!("{failure:?}").contains("2025550162"), "{failure:?}");
        }
        let null = br#"{"phone_number":"+12025550162","expiration_minutes":null,"more":[{}]}"#;
        assert_eq!(read::<Asked>(null).unwrap().expiration_minutes, None);
    }
}
