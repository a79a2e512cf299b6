//! The server's program, asked over HTTP: what the SDKs do not ask, and what is asked at once.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

use std::collections::HashMap;

use countersign_server_tests::{MGMT_KEY, MGMT_SECRET, PROJECT, SECRET, Server};
use reqwest::StatusCode;
use serde_json::{Value, json};

#[tokio::test]
async fn a_code_logs_in_once_and_the_number_is_the_users() {
    let server = Server::dev(&[]);
    let sent = server.login("+12025550101").await;
    assert_eq!(sent["user_created"], true);
    let code = server.code("+12025550101").await;
    let (status, passed) = server.authenticate(&sent["phone_id"], &code).await;
    assert_eq!(
        (status, &passed["session"], &passed["session_token"]),
        (StatusCode::OK, &Value::Null, &json!(""))
    );
    assert_eq!(passed["user"]["phone_numbers"][0]["verified"], true);
    assert_eq!(server.login("+12025550101").await["user_created"], false);
    let (status, refused) = server.authenticate(&sent["phone_id"], &code).await;
    assert_eq!((status, error(&refused)), (StatusCode::UNAUTHORIZED, "unable_to_auth_otp_code"));
}

#[tokio::test]
async fn of_many_right_submissions_at_once_one_succeeds() {
    let server = Server::dev(&[]);
    for round in 0..5 {
        let number = format!("+1202555020{round}");
        let sent = server.login(&number).await;
        let code = server.code(&number).await;
        let tries = (0..40).map(|_| server.authenticate(&sent["phone_id"], &code));
        let mut counted: HashMap<StatusCode, usize> = HashMap::new();
        for (status, _) in futures_of(tries).await {
            *counted.entry(status).or_default() += 1;
        }
        assert_eq!(counted, HashMap::from([(StatusCode::OK, 1), (StatusCode::UNAUTHORIZED, 39)]));
    }
}

#[tokio::test]
async fn ten_wrong_codes_lead_to_the_lock_and_an_hour_opens_it() {
    let server = Server::dev(&[]);
    let sent = server.login("+12025550102").await;
    let code = server.code("+12025550102").await;
    let wrong = if code == "111111" { "222222" } else { "111111" };
    for _ in 0..10 {
        let (status, refused) = server.authenticate(&sent["phone_id"], wrong).await;
        assert_eq!((status, error(&refused)), (StatusCode::NOT_FOUND, "otp_code_not_found"));
    }
    let (status, refused) = server.authenticate(&sent["phone_id"], &code).await;
    assert_eq!((status, error(&refused)), (StatusCode::TOO_MANY_REQUESTS, "user_lock_limit_reached"));
    let body = json!({ "phone_number": "+12025550102" });
    let (status, refused) = server.post("/v1/otps/sms/send", &body).await;
    assert_eq!((status, error(&refused)), (StatusCode::TOO_MANY_REQUESTS, "user_lock_limit_reached"));
    let user = sent["user_id"].as_str().unwrap();
    assert_eq!(server.get(&format!("/v1/users/{user}")).await.1["is_locked"], true);

    server.advance(3600).await;
    assert_eq!(server.get(&format!("/v1/users/{user}")).await.1["is_locked"], false);
    let (status, refused) = server.authenticate(&sent["phone_id"], &code).await;
    assert_eq!((status, error(&refused)), (StatusCode::UNAUTHORIZED, "unable_to_auth_otp_code"));
    server.login("+12025550102").await;
    let code = server.code("+12025550102").await;
    assert_eq!(server.authenticate(&sent["phone_id"], &code).await.0, StatusCode::OK);
}

#[tokio::test]
async fn an_older_code_is_told_so_on_whatever_terms_the_newer_was_sent() {
    let server = Server::dev(&[]);
    let sent = server.login("+12025550103").await;
    let mut older = server.code("+12025550103").await;
    for (path, more) in [
        ("/v1/otps/sms/send", json!({})),
        ("/v1/otps/sms/send", json!({ "expiration_minutes": 10 })),
        ("/v1/otps/whatsapp/send", json!({})),
        ("/v1/otps/sms/login_or_create", json!({ "expiration_minutes": 1, "locale": "fr" })),
    ] {
        let mut body = json!({ "phone_number": "+12025550103" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (status, again) = server.post(path, &body).await;
        assert_eq!((status, &again["phone_id"]), (StatusCode::OK, &sent["phone_id"]));
        let newer = server.code("+12025550103").await;
        if newer == older {
            continue;
        }
        let (status, refused) = server.authenticate(&sent["phone_id"], &older).await;
        assert_eq!(
            (status, error(&refused)),
            (StatusCode::UNAUTHORIZED, "unable_to_auth_otp_code"),
            "{path} {more}"
        );
        older = newer;
    }
    // It lived a minute; a day later the verifier has forgotten it.
    for seconds in [61, 24 * 60 * 60, 60 * 24 * 60 * 60] {
        server.advance(seconds).await;
        let (status, refused) = server.authenticate(&sent["phone_id"], &older).await;
        assert_eq!(
            (status, error(&refused)),
            (StatusCode::UNAUTHORIZED, "unable_to_auth_otp_code"),
            "{seconds}"
        );
    }
}

#[tokio::test]
async fn a_new_number_of_a_user_is_verified_in_five_minutes_or_not_at_all() {
    let server = Server::dev(&[]);
    let user = server.login("+12025550104").await["user_id"].clone();
    let body = json!({ "phone_number": "+12025550105", "user_id": user, "expiration_minutes": 10 });
    let (status, sent) = server.post("/v1/otps/sms/send", &body).await;
    assert_eq!((status, &sent["user_id"]), (StatusCode::OK, &user));
    let code = server.code("+12025550105").await;
    server.advance(301).await;
    let (status, refused) = server.authenticate(&sent["phone_id"], &code).await;
    assert_eq!((status, error(&refused)), (StatusCode::UNAUTHORIZED, "unable_to_auth_otp_code"));
    let shown = server.get(&format!("/v1/users/{}", user.as_str().unwrap())).await.1;
    assert_eq!(shown["phone_numbers"].as_array().unwrap().len(), 1);
    // Another user can have it now, whom the code of then does not let in, though it was to live ten minutes.
    let (status, other) = server.post("/v1/users", &json!({ "phone_number": "+12025550105" })).await;
    assert_eq!(status, StatusCode::OK);
    let (status, refused) = server.authenticate(&other["phone_id"], &code).await;
    assert_eq!((status, error(&refused)), (StatusCode::UNAUTHORIZED, "unable_to_auth_otp_code"));
    let again = server.login("+12025550105").await;
    assert_eq!((&again["user_created"], &again["user_id"]), (&json!(false), &other["user_id"]));
}

/// Asking with an id whose claim is over costs no try, so it must not tell which code is right with another.
#[tokio::test]
async fn whose_a_number_was_is_told_nothing_of_its_codes() {
    let server = Server::dev(&[]);
    let user = server.login("+12025550122").await["user_id"].clone();
    let body = json!({ "phone_number": "+12025550123", "user_id": user });
    let (_, theirs) = server.post("/v1/otps/sms/send", &body).await;
    server.advance(301).await;
    let ours = server.login("+12025550123").await;
    assert_ne!(ours["phone_id"], theirs["phone_id"]);
    for _ in 0..2 {
        let code = server.code("+12025550123").await;
        let (status, refused) = server.authenticate(&theirs["phone_id"], &code).await;
        assert_eq!((status, error(&refused)), (StatusCode::NOT_FOUND, "otp_code_not_found"));
        server.login("+12025550123").await;
    }
}

/// Or whoever names a stranger's number as one of their own would have the stranger log in to their account, and bind it there.
#[tokio::test]
async fn a_login_with_a_number_that_somebody_else_only_named_is_no_login_to_their_account() {
    let server = Server::dev(&[]);
    let user = server.login("+12025550124").await["user_id"].clone();
    let body = json!({ "phone_number": "+12025550125", "user_id": user });
    let (_, named) = server.post("/v1/otps/sms/send", &body).await;
    let before = server.code("+12025550125").await;
    let ours = server.login("+12025550125").await;
    assert_eq!(ours["user_created"], true);
    assert_ne!(ours["user_id"], user);
    let code = server.code("+12025550125").await;
    for (id, code) in [(&named, &before), (&named, &code)] {
        assert_eq!(server.authenticate(&id["phone_id"], code).await.0, StatusCode::NOT_FOUND);
    }
    let (status, passed) = server.authenticate(&ours["phone_id"], &code).await;
    assert_eq!((status, &passed["user_id"]), (StatusCode::OK, &ours["user_id"]));
    let (_, refused) = server.post("/v1/otps/sms/send", &body).await;
    assert_eq!(error(&refused), "duplicate_phone_number");
    // What was verified in time stays.
    let body = json!({ "phone_number": "+12025550126", "user_id": user });
    let (_, sent) = server.post("/v1/otps/sms/send", &body).await;
    server.authenticate(&sent["phone_id"], &server.code("+12025550126").await).await;
    assert_eq!(server.login("+12025550126").await["user_id"], user);
}

/// A code for a user's account goes to the user's mailbox, not to one whose name is nearly the same.
#[tokio::test]
async fn a_code_goes_to_the_address_as_its_user_wrote_it() {
    let server = Server::dev(&[]);
    let ours = "Kate@example.com";
    for (address, path) in [
        (ours, "/v1/otps/email/login_or_create"),
        ("kate@example.com", "/v1/otps/email/send"),
        ("KATE@EXAMPLE.COM", "/v1/otps/email/login_or_create"),
    ] {
        let (status, sent) = server.post(path, &json!({ "email": address })).await;
        assert_eq!(status, StatusCode::OK, "{sent}");
        let outbox = server.outbox(ours).await;
        assert_eq!(outbox.last().unwrap()["to"], ours, "{address}");
        let (status, passed) = server.authenticate(&sent["email_id"], &server.code(ours).await).await;
        assert_eq!((status, &passed["user"]["emails"][0]["email"]), (StatusCode::OK, &json!(ours)));
    }
    // The Kelvin sign is a k to Unicode, and begins somebody else's address.
    for path in ["/v1/otps/email/send", "/v1/otps/email/login_or_create"] {
        let (status, refused) = server.post(path, &json!({ "email": "\u{212a}ate@example.com" })).await;
        assert_eq!((status, &refused["error_type"]), (StatusCode::BAD_REQUEST, &json!("invalid_email")));
        let said = refused["error_message"].as_str().unwrap();
        assert!(said.contains("byte 0") && !said.contains("ate@"), "{said}");
    }
}

#[tokio::test]
async fn what_is_refused_attaches_nothing_and_sends_nothing() {
    let server = Server::dev(&[]);
    let user = server.login("+12025550106").await["user_id"].clone();
    let fr = "+33612345678";
    for (body, kind) in [
        (json!({ "phone_number": fr, "user_id": user }), "invalid_phone_number_country_code"),
        (
            json!({ "phone_number": "+12025550107", "user_id": user, "expiration_minutes": 11 }),
            "invalid_expiration_otp",
        ),
        (
            json!({ "phone_number": "+12025550107", "user_id": user, "expiration_minutes": -1 }),
            "invalid_expiration_otp",
        ),
        (json!({ "phone_number": "+12025550107", "user_id": user, "locale": "de" }), "invalid_locale"),
        (json!({ "phone_number": "+12025550107", "user_id": "user-test-none" }), "user_not_found"),
        (json!({ "phone_number": "+12025550107" }), "phone_number_not_found"),
        (json!({ "phone_number": "12025550107" }), "invalid_phone_number"),
        (json!({ "user_id": user }), "bad_request"),
        (json!({ "phone_number": "+12025550107", "user_id": user, "session_token": 7 }), "bad_request"),
    ] {
        let (status, refused) = server.post("/v1/otps/sms/send", &body).await;
        assert_eq!((status.is_client_error(), error(&refused)), (true, kind), "{body}");
        assert!(server.outbox("+12025550107").await.is_empty() && server.outbox(fr).await.is_empty());
    }
    let shown = server.get(&format!("/v1/users/{}", user.as_str().unwrap())).await.1;
    assert_eq!(shown["phone_numbers"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_a_host_says_of_a_person_has_its_types() {
    let server = Server::dev(&[]);
    for wrong in [
        json!({ "name": 5 }),
        json!({ "trusted_metadata": "x" }),
        json!({ "untrusted_metadata": [] }),
        json!({ "external_id": {} }),
        json!({ "create_user_as_pending": "yes" }),
    ] {
        let (status, refused) = server.post("/v1/users", &wrong).await;
        assert_eq!((status, error(&refused)), (StatusCode::BAD_REQUEST, "bad_request"), "{wrong}");
    }
    let said =
        json!({ "name": { "first_name": "Ada" }, "trusted_metadata": { "plan": 1 }, "external_id": "7" });
    let (status, made) = server.post("/v1/users", &said).await;
    assert_eq!(status, StatusCode::OK);
    let shown = server.get(&format!("/v1/users/{}", made["user_id"].as_str().unwrap())).await.1;
    for field in ["name", "trusted_metadata", "external_id"] {
        assert_eq!(shown[field], said[field]);
    }
}

#[tokio::test]
async fn a_list_that_is_refused_changes_nothing() {
    let server = Server::dev(&[]);
    for channel in ["sms", "whatsapp"] {
        let path = format!("/pwa/v3/projects/p/environments/e/allowed_country_codes/{channel}");
        let ask = async |method: &str, body: Value| {
            let request = server.request_as(MGMT_KEY, MGMT_SECRET, method, &path).json(&body);
            let answer: Value = server.send(request).await.json().await.unwrap();
            answer
        };
        assert_eq!(ask("GET", json!({})).await["country_codes"], json!(["US", "CA"]));
        assert_eq!(
            ask("POST", json!({ "country_codes": ["GB", "us", "GB"] })).await["country_codes"],
            json!(["GB", "US"])
        );
        for (codes, kind) in [
            (json!([]), "country_code_allowlist_empty"),
            (json!(["FR", "ZZ"]), "country_code_allowlist_invalid_country_codes"),
            (json!(["FR", "AQ"]), "country_code_allowlist_invalid_country_codes"),
            (json!(["FR "]), "country_code_allowlist_invalid_country_codes"),
            (json!("FR"), "bad_request"),
            (json!(null), "bad_request"),
        ] {
            let refused = ask("POST", json!({ "country_codes": codes })).await;
            assert_eq!(error(&refused), kind, "{channel} {codes}");
            assert_eq!(ask("GET", json!({})).await["country_codes"], json!(["GB", "US"]));
        }
    }
}

#[tokio::test]
async fn a_session_ends_with_its_time() {
    let server = Server::dev(&[]);
    let sent = server.login("+12025550112").await;
    let code = server.code("+12025550112").await;
    for minutes in [4, 527_041, -5] {
        let body =
            json!({ "method_id": sent["phone_id"], "code": code, "session_duration_minutes": minutes });
        assert_eq!(server.post("/v1/otps/authenticate", &body).await.0, StatusCode::BAD_REQUEST, "{minutes}");
    }
    let body = json!({ "method_id": sent["phone_id"], "code": code, "session_duration_minutes": 5 });
    let (status, passed) = server.post("/v1/otps/authenticate", &body).await;
    assert_eq!(status, StatusCode::OK, "what was refused did not use the code up: {passed}");
    let attach = async |number: &str, token: &Value| {
        let body = json!({ "phone_number": number, "session_token": token });
        server.post("/v1/otps/sms/send", &body).await.0
    };
    assert_eq!(attach("+12025550113", &passed["session_token"]).await, StatusCode::OK);
    assert_ne!(attach("+12025550114", &json!("not a token")).await, StatusCode::OK);
    server.advance(299).await;
    assert_eq!(attach("+12025550115", &passed["session_token"]).await, StatusCode::OK);
    server.advance(1).await;
    assert_ne!(attach("+12025550116", &passed["session_token"]).await, StatusCode::OK);
}

#[tokio::test]
async fn a_second_factor_goes_on_with_the_session_that_is_shown() {
    let server = Server::dev(&[]);
    let sent = server.login("+12025550117").await;
    let mut session = json!({ "session_duration_minutes": 60 });
    let mut tokens = Vec::new();
    for number in ["+12025550117", "+12025550118"] {
        let asked = json!({ "phone_number": number, "user_id": sent["user_id"] });
        let (_, sent) = server.post("/v1/otps/sms/send", &asked).await;
        session["method_id"] = sent["phone_id"].clone();
        session["code"] = server.code(number).await.into();
        let (status, passed) = server.post("/v1/otps/authenticate", &session).await;
        assert_eq!(status, StatusCode::OK, "{passed}");
        session["session_token"] = passed["session_token"].clone();
        tokens.push((passed["session_token"].clone(), passed["session"]["session_id"].clone()));
        assert_eq!(passed["session"]["authentication_factors"].as_array().unwrap().len(), tokens.len());
    }
    assert_eq!(tokens[0], tokens[1]);
    // Another user's is not gone on with.
    let sent = server.login("+12025550119").await;
    session["method_id"] = sent["phone_id"].clone();
    session["code"] = server.code("+12025550119").await.into();
    let (status, passed) = server.post("/v1/otps/authenticate", &session).await;
    assert_eq!((status, &passed["session"]["user_id"]), (StatusCode::OK, &sent["user_id"]));
    assert_ne!(passed["session_token"], tokens[0].0);
}

/// All of it stands in every JWT, and JWTs travel in headers.
#[tokio::test]
async fn a_session_that_goes_on_does_not_grow() {
    let server = Server::dev(&[]);
    let mut session = json!({ "session_duration_minutes": 60 });
    let mut shown = Vec::new();
    for round in 0..3 {
        session["method_id"] = server.login("+12025550121").await["phone_id"].clone();
        session["code"] = server.code("+12025550121").await.into();
        session["session_custom_claims"] = json!({ format!("claim {round}"): "x".repeat(2_000) });
        let (status, answer) = server.post("/v1/otps/authenticate", &session).await;
        if round == 2 {
            assert_eq!((status, error(&answer)), (StatusCode::BAD_REQUEST, "bad_request"));
            session["session_custom_claims"] = json!({ "claim 0": "x" });
            assert_eq!(server.post("/v1/otps/authenticate", &session).await.0, StatusCode::OK, "not used up");
            continue;
        }
        assert_eq!(status, StatusCode::OK, "{answer}");
        session["session_token"] = answer["session_token"].clone();
        shown.push(answer["session"]["authentication_factors"].clone());
        server.advance(1).await;
    }
    assert_eq!((shown[0].as_array().unwrap().len(), shown[1].as_array().unwrap().len()), (1, 1));
    assert_eq!(shown[0][0]["created_at"], shown[1][0]["created_at"]);
    assert_ne!(shown[0][0]["last_authenticated_at"], shown[1][0]["last_authenticated_at"]);
}

/// What a request can say, a document can: what is written and can't be read takes the number from its owner for ever.
#[tokio::test]
async fn what_is_nested_as_deep_as_can_be_is_read_again() {
    let server = Server::dev(&[]);
    for depth in 120..130 {
        let nested = format!("{}{{}}{}", r#"{"a":"#.repeat(depth - 1), "}".repeat(depth - 1));
        for (at, field) in ["name", "trusted_metadata"].into_iter().enumerate() {
            let number = format!("+12025551{depth}").replace("555", if at == 0 { "555" } else { "556" });
            let body = format!(r#"{{"phone_number":"{number}","{field}":{nested}}}"#);
            let made = server.send(server.request("POST", "/v1/users").body(body)).await;
            let refused = made.status() == StatusCode::BAD_REQUEST;
            assert_eq!(refused, depth > 126, "{depth}");
            if !refused {
                let text = made.text().await.unwrap();
                let at = text.find("user-test-").unwrap();
                let user = &text[at..at + "user-test-".len() + 36];
                assert_eq!(
                    server.send(server.request("GET", &format!("/v1/users/{user}"))).await.status(),
                    200
                );
            }
        }
    }
}

#[tokio::test]
async fn strict_limits_say_when_to_come_again() {
    let server = Server::dev(&["--strict-limits"]);
    server.login("+12025550108").await;
    let body = json!({ "phone_number": "+12025550108" });
    let response = server.send(server.request("POST", "/v1/otps/sms/send").json(&body)).await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    let seconds: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=30).contains(&seconds), "{seconds}");
    assert_eq!(error(&response.json().await.unwrap()), "too_many_requests");
    server.advance(30).await;
    assert_eq!(server.post("/v1/otps/sms/send", &body).await.0, StatusCode::OK);
}

#[tokio::test]
async fn hostile_requests_get_an_answer_of_the_api() {
    let server = Server::dev(&[]);
    let long = json!({ "phone_number": "1".repeat(20_000) }).to_string();
    for (method, path, body, status, kind) in [
        ("POST", "/v1/otps/sms/send", "{", 400, "bad_request"),
        ("POST", "/v1/otps/sms/send", "\u{0}", 400, "bad_request"),
        ("POST", "/v1/otps/sms/send", &long, 413, "request_too_large"),
        ("POST", "/v1/otps/pigeon/send", "{}", 404, "route_not_found"),
        ("POST", "/v1/otps/nothing", "{}", 404, "route_not_found"),
        ("GET", "/v1/otps/sms/send", "", 405, "method_not_allowed"),
        ("GET", "/v1/users/../../etc/passwd", "", 404, "route_not_found"),
        ("GET", "/v1/users/%00", "", 404, "user_not_found"),
        ("GET", "/v1/users/%ff", "", 404, "route_not_found"),
        ("POST", "/v1/otps/%ff/send", "{}", 404, "route_not_found"),
        ("GET", "/dev/outbox?to=a&to=b", "", 400, "bad_request"),
        ("POST", "/v1/otps/authenticate", r#"{"method_id":"x","code":"123456"}"#, 400, "invalid_method_id"),
        ("POST", "/dev/clock", r#"{"advance_seconds":-1}"#, 400, "bad_request"),
        ("POST", "/dev/clock", r#"{"advance_seconds":18446744073709551615}"#, 400, "bad_request"),
    ] {
        let response = server.send(server.request(method, path).body(body.to_owned())).await;
        assert_eq!(response.status().as_u16(), status, "{method} {path}");
        let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        let answer: Value = response.json().await.unwrap();
        assert_eq!((error(&answer), &answer["status_code"]), (kind, &json!(status)), "{method} {path}");
        assert_eq!(answer["request_id"], id);
        let url = answer["error_url"].as_str().unwrap();
        let page = reqwest::get(url).await.unwrap().text().await.unwrap();
        assert!(page.contains(&format!("id=\"{kind}\"")), "{url}");
    }
}

#[tokio::test]
async fn a_page_of_another_site_reads_nothing_here() {
    let server = Server::dev(&[]);
    server.login("+12025550109").await;
    for (host, status) in [("example.com", 400), ("127.0.0.1.example.com:80", 400), ("localhost", 200)] {
        let request = server.request("GET", "/dev/outbox?to=%2B12025550109").header("host", host);
        assert_eq!(server.send(request).await.status().as_u16(), status, "{host}");
    }
    for (origin, status) in [("https://example.com", 400), ("null", 400), ("http://localhost:1", 200)] {
        let request = server.request("POST", "/dev/clock").header("origin", origin);
        let request = request.header("content-type", "text/plain").body(r#"{"advance_seconds":1}"#);
        assert_eq!(server.send(request).await.status().as_u16(), status, "{origin}");
    }
}

#[tokio::test]
async fn development_is_refused_off_loopback_and_absent_in_production() {
    let output = Server::fails(&["--dev", "--listen", "0.0.0.0:0"]);
    assert!(output.contains("loopback only"), "{output}");
    let output = Server::fails(&["--listen", "127.0.0.1:0"]);
    assert!(output.contains("--webhook"), "{output}");
    let output = Server::fails(&["--listen", "127.0.0.1:0", "--webhook", "https://example.com/"]);
    assert!(output.contains("PROJECT_ID is not set"), "{output}");

    let server = Server::production("http://127.0.0.1:9/");
    for path in ["/dev/outbox?to=%2B12025550162", "/dev/clock"] {
        assert_eq!(server.get(path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    // The sandbox's number is one like others there.
    let body = json!({ "phone_number": "+10000000000" });
    let (_, refused) = server.post("/v1/otps/sms/login_or_create", &body).await;
    assert_eq!(error(&refused), "invalid_phone_number");
}

#[tokio::test]
async fn wrong_credentials_open_nothing_and_one_kind_does_not_open_the_other() {
    let server = Server::dev(&[]);
    let list = "/pwa/v3/projects/p/environments/e/allowed_country_codes/sms";
    for (user, secret, api, lists) in [
        (PROJECT, SECRET, 200, 401),
        (MGMT_KEY, MGMT_SECRET, 401, 200),
        (PROJECT, "wrong", 401, 401),
        ("", "", 401, 401),
    ] {
        let get = async |path: String| {
            let request = server.request_as(user, secret, "GET", &path);
            server.send(request).await.status().as_u16()
        };
        let user_id = server.login("+12025550110").await["user_id"].as_str().unwrap().to_owned();
        assert_eq!(
            (get(format!("/v1/users/{user_id}")).await, get(list.into()).await),
            (api, lists),
            "{user}"
        );
    }
}

#[tokio::test]
async fn the_log_and_the_figures_tell_no_number_and_no_code() {
    let mut server = Server::dev(&[]);
    let sent = server.login("+12025550111").await;
    let code = server.code("+12025550111").await;
    server.authenticate(&sent["phone_id"], "000001").await;
    server.authenticate(&sent["phone_id"], &code).await;
    server.post("/v1/otps/sms/send", &json!({ "phone_number": "+1202555011" })).await;
    server.get("/v1/users/+12025550111").await;
    server.get("/+12025550111?to=+12025550111").await;
    let figures = server.text("/metrics").await;
    let log = server.stop();
    assert!(log.lines().count() > 5, "{log}");
    for (name, text) in [("log", &log), ("figures", &figures)] {
        for secret in ["2025550111", code.as_str(), SECRET, MGMT_SECRET] {
            assert!(!text.contains(secret), "{secret} is in the {name}: {text}");
        }
    }
    let verified = r#"{event="verified",call="check",reason="",channel="sms",region="US"} 1"#;
    assert!(figures.contains(&format!("countersign_events_total{verified}")), "{figures}");
    assert!(figures.contains("countersign_sends_total{channel=\"sms\"} 1"), "{figures}");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<&Value> = lines.iter().filter(|line| line["message"] == "verifier").collect();
    let events: Vec<&str> = told.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["issued", "refused", "verified"], "{log}");
    let [_, refused, verified] = &*told else { panic!("three events") };
    assert_eq!((&refused["reason"], &verified["region"]), (&json!("wrong_code"), &json!("US")));
    let answered =
        |line: &&Value| line["message"] == "answered" && line["request_id"] == verified["request_id"];
    assert_eq!(lines.iter().find(answered).unwrap()["route"], "/v1/otps/authenticate");
}

#[tokio::test]
async fn a_server_that_stops_answers_what_was_asked() {
    let mut server = Server::dev(&[]);
    let logins: Vec<_> = (0..20).map(|n| format!("+120255503{n:02}")).collect();
    let asked = futures_of(logins.iter().map(|number| server.login(number)));
    let answers = asked.await;
    assert!(answers.iter().all(|answer| answer["status_code"] == 200));
    server.terminate();
    assert!(server.exited_within(countersign_engines::PATIENCE), "SIGTERM ends it");
}

fn error(answer: &Value) -> &str {
    answer["error_type"].as_str().unwrap_or("none")
}

/// All at once.
async fn futures_of<F: Future>(all: impl Iterator<Item = F>) -> Vec<F::Output> {
    futures_util::future::join_all(all).await
}
