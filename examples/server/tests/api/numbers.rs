//! Phone numbers that a user only named, and their later owners.

use countersign_server_tests::Server;
use reqwest::StatusCode;
use serde_json::json;

use crate::error;

#[tokio::test]
async fn named_number_is_released_after_five_minutes() {
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
    // Another user can have the number now, and the old code does not log in to that user, although
    // it was to be valid for ten minutes.
    let (status, other) = server.post("/v1/users", &json!({ "phone_number": "+12025550105" })).await;
    assert_eq!(status, StatusCode::OK);
    let (status, refused) = server.authenticate(&other["phone_id"], &code).await;
    assert_eq!((status, error(&refused)), (StatusCode::UNAUTHORIZED, "unable_to_auth_otp_code"));
    let again = server.login("+12025550105").await;
    assert_eq!((&again["user_created"], &again["user_id"]), (&json!(false), &other["user_id"]));
}

/// A request with an id whose claim has expired costs no attempt, so it must not reveal which code
/// is correct for the new claim.
#[tokio::test]
async fn former_owner_learns_nothing_about_later_codes() {
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

/// Otherwise a user could name a stranger's number, and the stranger would log in to that user's
/// account and bind the number to it.
#[tokio::test]
async fn login_with_a_number_named_by_another_user_creates_a_user() {
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
    // A number that was verified in time stays.
    let body = json!({ "phone_number": "+12025550126", "user_id": user });
    let (_, sent) = server.post("/v1/otps/sms/send", &body).await;
    server.authenticate(&sent["phone_id"], &server.code("+12025550126").await).await;
    assert_eq!(server.login("+12025550126").await["user_id"], user);
}
