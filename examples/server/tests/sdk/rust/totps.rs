//! Authenticator apps and recovery codes.

use serde_json::{Value, json};
use stytch::consumer::client::Client;
use stytch::consumer::totps::{CreateResponse, TOTP};

use super::client::{Channel, authenticate, client, client_of, fails, request, sent};
use countersign_server_tests::{Authenticator, PROJECT, Server};

const UNABLE: (u16, &str) = (401, "unable_to_authenticate_totp");
const UNABLE_TO_RECOVER: (u16, &str) = (401, "unable_to_authenticate_recovery_code");
const LOCKED: (u16, &str) = (429, "user_lock_limit_reached");

async fn user(client: &Client) -> String {
    client.users.create(request(json!({}))).await.unwrap().user_id
}

async fn create(client: &Client, user_id: &str) -> (CreateResponse, Authenticator) {
    let created = client.totps.create(request(json!({ "user_id": user_id }))).await.unwrap();
    let app = Authenticator::scan(&created.qr_code);
    assert_eq!((created.status_code.as_u16(), created.user_id.as_str()), (200, user_id));
    assert_eq!(created.secret, app.secret());
    (created, app)
}

async fn enrol(server: &Server, client: &Client, user_id: &str) -> (CreateResponse, Authenticator) {
    let (created, app) = create(client, user_id).await;
    check(client, user_id, &app.code(server), json!({})).await.unwrap();
    server.advance(30).await;
    (created, app)
}

async fn check(
    client: &Client,
    user_id: &str,
    code: &str,
    mut options: Value,
) -> Result<stytch::consumer::totps::AuthenticateResponse, stytch::Error> {
    options["user_id"] = user_id.into();
    options["totp_code"] = code.into();
    client.totps.authenticate(request(options)).await
}

async fn recover(
    client: &Client,
    user_id: &str,
    code: &str,
    mut options: Value,
) -> Result<stytch::consumer::totps::RecoverResponse, stytch::Error> {
    options["user_id"] = user_id.into();
    options["recovery_code"] = code.into();
    client.totps.recover(request(options)).await
}

async fn shown(client: &Client, user_id: &str) -> Vec<TOTP> {
    client.totps.recovery_codes(request(json!({ "user_id": user_id }))).await.unwrap().totps
}

#[tokio::test]
async fn first_code_confirms_the_app_and_works_once() {
    let server = Server::dev(&[]);
    let client = client(&server);
    let user_id = user(&client).await;
    fails(UNABLE.0, UNABLE.1, check(&client, &user_id, "123456", json!({})).await);
    let (created, app) = create(&client, &user_id).await;
    assert_eq!(created.recovery_codes.len(), 10);
    assert!(!created.user.totps[0].verified);
    for code in [&*app.wrong_code(&server), "", "12345", "1234567", "abcdef"] {
        fails(UNABLE.0, UNABLE.1, check(&client, &user_id, code, json!({})).await);
    }
    let code = app.code(&server);
    let answer = check(&client, &user_id, &code, json!({})).await.unwrap();
    assert_eq!((&answer.user_id, &answer.totp_id), (&user_id, &created.totp_id));
    assert!(answer.session.is_none() && answer.session_token.is_empty());
    let [totp] = &answer.user.totps[..] else { panic!("{:?}", answer.user) };
    assert_eq!((&totp.totp_id, totp.verified), (&created.totp_id, true));
    fails(401, "totp_code_already_authenticated", check(&client, &user_id, &code, json!({})).await);
    let again = client.totps.create(request(json!({ "user_id": user_id }))).await;
    fails(400, "active_totp_exists", again);
}

#[tokio::test]
async fn enrolments_expire_and_their_lifetime_is_limited() {
    let server = Server::dev(&[]);
    let client = client(&server);
    let user_id = user(&client).await;
    for minutes in [4, 1441, 0, -1] {
        let body = json!({ "user_id": user_id, "expiration_minutes": minutes });
        fails(400, "bad_request", client.totps.create(request(body)).await);
    }
    let body = json!({ "user_id": user_id, "expiration_minutes": 5 });
    let created = client.totps.create(request(body)).await.unwrap();
    let app = Authenticator::scan(&created.qr_code);
    server.advance(301).await;
    fails(UNABLE.0, UNABLE.1, check(&client, &user_id, &app.code(&server), json!({})).await);
    assert!(shown(&client, &user_id).await.is_empty());
}

#[tokio::test]
async fn sessions_name_the_factors() {
    let server = Server::dev(&[]);
    let client = client(&server);
    let (_, method_id, code) = sent(&server, &client, Channel::Sms, 0).await;
    let options = json!({ "session_duration_minutes": 60 });
    let first = authenticate(&client, &method_id, &code, options).await.unwrap();
    let (created, app) = create(&client, &first.user_id).await;
    let options = json!({ "session_token": first.session_token, "session_duration_minutes": 60 });
    let second = check(&client, &first.user_id, &app.code(&server), options.clone()).await.unwrap();
    let third = recover(&client, &first.user_id, &created.recovery_codes[0], options).await.unwrap();
    let (second, third) = (second.session.unwrap(), third.session.unwrap());
    assert_eq!(first.session.unwrap().session_id, second.session_id);
    assert_eq!(second.session_id, third.session_id);
    let factors = serde_json::to_value(&third.authentication_factors).unwrap();
    let kinds: Vec<_> = (0..3).map(|at| (&factors[at]["type"], &factors[at]["delivery_method"])).collect();
    assert_eq!(kinds[0], (&json!("otp"), &json!("sms")));
    assert_eq!(kinds[1], (&json!("totp"), &json!("authenticator_app")));
    assert_eq!(kinds[2], (&json!("recovery_codes"), &json!("recovery_code")));
    assert_eq!(factors[1]["authenticator_app_factor"], json!({ "totp_id": created.totp_id }));
    let id = factors[2]["recovery_code_factor"]["totp_recovery_code_id"].as_str().unwrap();
    assert!(id.starts_with("totp-recovery-code-test-"), "{id}");
    assert_eq!(third.authentication_factors.len(), 3);
}

#[tokio::test]
async fn recovery_codes_work_once() {
    let server = Server::dev(&[]);
    let client = client(&server);
    let user_id = user(&client).await;
    fails(
        UNABLE_TO_RECOVER.0,
        UNABLE_TO_RECOVER.1,
        recover(&client, &user_id, "aaaa-bbbb-cccc", json!({})).await,
    );
    let (created, _) = enrol(&server, &client, &user_id).await;
    for (at, code) in created.recovery_codes.iter().enumerate() {
        let [totp] = &shown(&client, &user_id).await[..] else { panic!("not one app") };
        assert_eq!((&totp.totp_id, totp.verified), (&created.totp_id, true));
        assert_eq!(totp.recovery_codes, created.recovery_codes[at..]);
        let answer = recover(&client, &user_id, code, json!({})).await.unwrap();
        assert_eq!((&answer.user_id, &answer.totp_id), (&user_id, &created.totp_id));
        let again = recover(&client, &user_id, code, json!({})).await;
        fails(UNABLE_TO_RECOVER.0, UNABLE_TO_RECOVER.1, again);
    }
}

#[tokio::test]
async fn ten_wrong_codes_lock_the_user() {
    let server = Server::dev(&[]);
    let client = client(&server);
    let user_id = user(&client).await;
    let (created, app) = enrol(&server, &client, &user_id).await;
    for _ in 0..10 {
        fails(UNABLE.0, UNABLE.1, check(&client, &user_id, &app.wrong_code(&server), json!({})).await);
    }
    fails(LOCKED.0, LOCKED.1, check(&client, &user_id, &app.code(&server), json!({})).await);
    fails(LOCKED.0, LOCKED.1, recover(&client, &user_id, &created.recovery_codes[0], json!({})).await);
    server.advance(3600).await;
    check(&client, &user_id, &app.code(&server), json!({})).await.unwrap();
}

#[tokio::test]
async fn rejects_unknown_users_and_wrong_secrets() {
    let server = Server::dev(&[]);
    let client = client(&server);
    let user_id = user(&client).await;
    let stranger = client_of(&server, PROJECT, "secret-test-of-another");
    let nobody = "user-test-00000000-0000-4000-8000-000000000000";
    for (client, user_id, status, error) in
        [(&client, nobody, 404, "user_not_found"), (&stranger, &*user_id, 401, "unauthorized_credentials")]
    {
        fails(status, error, client.totps.create(request(json!({ "user_id": user_id }))).await);
        fails(status, error, client.totps.recovery_codes(request(json!({ "user_id": user_id }))).await);
        fails(status, error, check(client, user_id, "123456", json!({})).await);
        fails(status, error, recover(client, user_id, "aaaa-bbbb-cccc", json!({})).await);
    }
}

#[tokio::test]
async fn removed_app_can_be_replaced() {
    let server = Server::dev(&[]);
    let client = client(&server);
    let user_id = user(&client).await;
    let (created, app) = enrol(&server, &client, &user_id).await;
    let delete = || client.users.delete_totp(request(json!({ "totp_id": created.totp_id })));
    let deleted = delete().await.unwrap();
    assert!(deleted.user_id == user_id && deleted.user.totps.is_empty(), "{deleted:?}");
    fails(UNABLE.0, UNABLE.1, check(&client, &user_id, &app.code(&server), json!({})).await);
    fails(404, "totp_not_found", delete().await);
    enrol(&server, &client, &user_id).await;
}
