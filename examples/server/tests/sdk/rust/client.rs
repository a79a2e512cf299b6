//! An SDK client, the same calls for each channel, and checks of errors.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use stytch::Error;
use stytch::client::{Client as Http, Vertical};
use stytch::consumer::client::Client;

use countersign_server_tests::{PROJECT, SECRET, Server};

pub(crate) fn client(server: &Server) -> Client {
    client_of(server, PROJECT, SECRET)
}

pub(crate) fn client_of(server: &Server, project: &str, secret: &str) -> Client {
    let http = http(server, project, secret);
    Client::new_with_http_client(http.clone(), http)
}

pub(crate) fn http(server: &Server, project: &str, secret: &str) -> Http {
    Http::new_with_base_url(project, secret, server.base.parse().unwrap(), Vertical::Consumer).unwrap()
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Channel {
    Sms,
    Whatsapp,
    Email,
}

/// The two calls that send codes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Call {
    Send,
    LoginOrCreate,
}

pub(crate) const CALLS: [Call; 2] = [Call::Send, Call::LoginOrCreate];

impl Channel {
    pub(crate) const ALL: [Self; 3] = [Self::Sms, Self::Whatsapp, Self::Email];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Whatsapp => "whatsapp",
            Self::Email => "email",
        }
    }

    /// Returns the field of the recipient.
    pub(crate) const fn field(self) -> &'static str {
        if matches!(self, Self::Email) { "email" } else { "phone_number" }
    }

    pub(crate) const fn not_found(self) -> &'static str {
        if matches!(self, Self::Email) { "email_not_found" } else { "phone_number_not_found" }
    }

    /// Returns a recipient; phone numbers are from the ranges reserved for fiction.
    pub(crate) fn person(self, which: u8) -> String {
        match self {
            Self::Sms => format!("+1201555{:04}", 100 + u16::from(which)),
            Self::Whatsapp => format!("+1202555{:04}", 100 + u16::from(which)),
            Self::Email => format!("person-{which}@example.com"),
        }
    }
}

/// The common part of all six answers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sent {
    pub(crate) user_id: String,
    pub(crate) method_id: String,
    pub(crate) user_created: Option<bool>,
}

/// Sends with the SDK's own request and response types for this channel and call.
pub(crate) async fn send(
    client: &Client,
    channel: Channel,
    call: Call,
    to: &str,
    mut options: Value,
) -> Result<Sent, Error> {
    options[channel.field()] = to.into();
    let otps = &client.otps;
    match (channel, call) {
        (Channel::Sms, Call::Send) => read(otps.sms.send(request(options)).await?),
        (Channel::Sms, Call::LoginOrCreate) => read(otps.sms.login_or_create(request(options)).await?),
        (Channel::Whatsapp, Call::Send) => read(otps.whatsapp.send(request(options)).await?),
        (Channel::Whatsapp, Call::LoginOrCreate) => {
            read(otps.whatsapp.login_or_create(request(options)).await?)
        }
        (Channel::Email, Call::Send) => read(otps.email.send(request(options)).await?),
        (Channel::Email, Call::LoginOrCreate) => read(otps.email.login_or_create(request(options)).await?),
    }
}

/// Builds the SDK's typed request, in which unset options are `None` and sent as `null`.
pub(crate) fn request<T: DeserializeOwned>(fields: Value) -> T {
    serde_json::from_value(fields).unwrap()
}

fn read(response: impl Serialize) -> Result<Sent, Error> {
    let response = serde_json::to_value(response).unwrap();
    assert_eq!(response["status_code"], 200);
    assert!(is_id(&response["request_id"], "request-id"), "{response}");
    let (phone, email) = (&response["phone_id"], &response["email_id"]);
    assert!(is_id(phone, "phone-number") || is_id(email, "email"), "{response}");
    assert!(is_id(&response["user_id"], "user"), "{response}");
    Ok(Sent {
        user_id: response["user_id"].as_str().unwrap().to_owned(),
        method_id: phone.as_str().or(email.as_str()).unwrap().to_owned(),
        user_created: response["user_created"].as_bool(),
    })
}

/// Sends a code to a new user. Returns the recipient, the `method_id` and the code.
pub(crate) async fn sent(
    server: &Server,
    client: &Client,
    channel: Channel,
    which: u8,
) -> (String, String, String) {
    let to = channel.person(which);
    let sent = send(client, channel, Call::LoginOrCreate, &to, json!({})).await.unwrap();
    let code = server.code(&to).await;
    (to, sent.method_id, code)
}

pub(crate) async fn authenticate(
    client: &Client,
    method_id: &str,
    code: &str,
    mut options: Value,
) -> Result<stytch::consumer::otp::AuthenticateResponse, Error> {
    options["method_id"] = method_id.into();
    options["code"] = code.into();
    client.otps.authenticate(request(options)).await
}

/// Returns a different code.
pub(crate) fn another(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

/// Checks an SDK error with all of its fields.
#[track_caller]
pub(crate) fn fails<T>(status: u16, error_type: &str, outcome: Result<T, Error>) {
    let Err(Error::Response(error)) = outcome else {
        panic!("expected {error_type}, got {:?}", outcome.err());
    };
    assert_eq!((error.error_type.as_str(), error.status_code.as_u16()), (error_type, status));
    assert!(is_id(&error.request_id.as_str().into(), "request-id"), "{error:?}");
    assert!(error.error_url.starts_with("http"), "{error:?}");
    assert!(error.error_message.len() > 10, "{error:?}");
}

fn is_id(value: &Value, kind: &str) -> bool {
    let uuid = value.as_str().and_then(|id| id.strip_prefix(kind)?.strip_prefix("-test-"));
    uuid.is_some_and(|uuid| uuid::Uuid::try_parse(uuid).is_ok())
}
