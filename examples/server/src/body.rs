//! Requests' bodies and answers'.

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
use unique::Fault;

/// A body that has not arrived by then is not waited for: it is small, and its client holds a connection.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A request's JSON. What it has beside the fields that are asked for is left alone; `null` is as good as absent.
///
/// A body that does not fit is told where, and never what it says there: that may be a number or a code.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let late = || Failure::new(Kind::BadRequest, "the body did not arrive within 10 seconds");
        let arriving = tokio::time::timeout(TIMEOUT, Bytes::from_request(request, state));
        let bytes = arriving.await.map_err(|_| late())?.map_err(|rejection| match rejection.status() {
            axum::http::StatusCode::PAYLOAD_TOO_LARGE => Failure::of(Kind::TooLarge),
            _ => Failure::new(Kind::BadRequest, "the body did not arrive whole"),
        })?;
        read(&bytes).map(Self)
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let checked = unique::check(bytes);
    if let Err(Fault::Twice(path)) = &checked {
        return Err(Failure::new(Kind::BadRequest, format!("the body has the key {path} twice")));
    }
    let mut from = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut from).map_err(|error| {
        let (path, error) = (error.path().to_string(), error.inner());
        let (line, column) = (error.line(), error.column());
        let missing = error.to_string();
        let message = match missing.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
            Some(field) => format!("the field {field} is missing"),
            None if error.is_data() && path != "." => format!("the field {path} is not of its type"),
            None if error.is_data() => "the body is not a JSON object".to_owned(),
            None => format!("the body is not JSON: line {line}, column {column}"),
        };
        Failure::new(Kind::BadRequest, message)
    })?;
    from.end().map_err(|_| Failure::new(Kind::BadRequest, "the body has something after its JSON"))?;
    // Of what could not be checked, fields that nobody asks for are the only part that was not read above.
    checked.map_err(|_| {
        Failure::new(Kind::BadRequest, "the body nests too deeply, or has a number that is out of range")
    })?;
    Ok(value)
}

/// An answer: these fields, and the two that every answer has.
///
/// # Errors
///
/// If the fields are none, which is a mistake of the server's.
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
    fn a_bad_body_is_told_where_and_never_what() {
        for (body, message) in [
            ("", "the body is not JSON: line 1, column 0"),
            ("{", "the body is not JSON: line 1, column 1"),
            ("[]", "the body is not a JSON object"),
            ("7", "the body is not a JSON object"),
            (r#"{"phone_number":"+12025550162"} x"#, "the body has something after its JSON"),
            (r#"{"phone_number":12025550162}"#, "the field phone_number is not of its type"),
            (r#"{"phone_number":null}"#, "the field phone_number is not of its type"),
            (r#"{"code":"123456"}"#, "the field phone_number is missing"),
            (
                r#"{"phone_number":"+12025550162","expiration_minutes":"2"}"#,
                "the field expiration_minutes is not of its type",
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
