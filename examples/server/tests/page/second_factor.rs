//! The enrolment of an authenticator app, and logins with it.

use countersign_server_tests::{Authenticator, Server};
use serde_json::{Value, json};

use crate::visit::{Page, visit};

const NUMBER: &str = "+12025550176";

/// Logs in with a passcode, as far as that goes.
async fn passcode(page: &Page) {
    page.open("/").await;
    page.send(NUMBER).await;
    page.type_into("#code", &page.code().await).await;
    page.press("#verify").await;
}

/// Enrols an app. Returns it with the recovery codes.
async fn enrol(server: &Server, page: &Page) -> (Authenticator, Vec<String>) {
    passcode(page).await;
    page.focused("result-title").await;
    page.press("#app-add").await;
    page.focused("app-code").await;
    let app = page.scan().await;
    page.type_into("#app-code", &app.code(server)).await;
    page.press("#app-confirm").await;
    page.focused("app-title").await;
    let codes = page.text("#recovery-codes").await;
    server.advance(30).await;
    (app, codes.split_whitespace().map(str::to_owned).collect())
}

async fn user(server: &Server, page: &Page) -> Value {
    let facts = page.text("#result-facts").await;
    let user_id = facts.split_whitespace().find(|word| word.starts_with("user-test-")).unwrap();
    server.get(&format!("/v1/users/{user_id}")).await.1
}

#[tokio::test]
async fn enrols_an_app_by_its_qr_code() {
    let server = Server::dev(&[]);
    visit(&server, async |page| {
        passcode(page).await;
        page.focused("result-title").await;
        page.sees("#result-facts", "SMS passcode").await;
        assert!(!page.find("#second-step").await.is_displayed().await.unwrap());
        page.press("#app-add").await;
        page.focused("app-code").await;
        page.hears("Scan the QR code").await;
        let app = page.scan().await;
        assert_eq!(app.names(), ("Countersign", NUMBER));
        let key = page.text("#app-secret").await;
        assert_eq!(key.replace(' ', ""), app.secret());
        // Nothing is set up before the first code.
        assert_eq!(user(&server, page).await["totps"][0]["verified"], false);
        page.type_into("#app-code", &app.wrong_code(&server)).await;
        page.press("#app-confirm").await;
        page.sees("#app-error", "That is not the app’s code.").await;
        page.sees("#app-error", "unable_to_authenticate_totp").await;
        page.focused("app-code").await;

        page.type_into("#app-code", &app.code(&server)).await;
        page.press("#app-confirm").await;
        page.focused("app-title").await;
        page.hears("Save the recovery codes").await;
        page.sees("#result-facts", "SMS passcode, authenticator app").await;
        assert_eq!(user(&server, page).await["totps"][0]["verified"], true);
        let codes = page.text("#recovery-codes").await;
        let codes: Vec<_> = codes.split_whitespace().collect();
        assert!(codes.len() == 10 && codes.iter().all(|code| code.len() == 14), "{codes:?}");
        let user_id = &user(&server, page).await["user_id"];
        let (_, shown) = server.post("/v1/totps/recovery_codes", &json!({ "user_id": user_id })).await;
        assert_eq!(shown["totps"][0]["recovery_codes"], json!(codes));

        // The page forgets the key and the codes.
        page.press("#over").await;
        page.focused("number").await;
        assert!(!page.find("#app-step").await.is_displayed().await.unwrap());
        let source = page.driver.source().await.unwrap();
        assert!(!source.contains(codes[0]) && !source.contains(&key) && !source.contains("data:image"));
    })
    .await;
}

#[tokio::test]
async fn login_asks_for_the_app() {
    let server = Server::dev(&[]);
    visit(&server, async |page| {
        let (app, _) = enrol(&server, page).await;
        passcode(page).await;
        page.focused("second-code").await;
        page.hears("Enter the code of your authenticator app.").await;
        assert!(!page.find("#result").await.is_displayed().await.unwrap(), "one factor is not enough");
        let old = app.code(&server);
        page.type_into("#second-code", &app.wrong_code(&server)).await;
        page.press("#second-verify").await;
        page.sees("#second-error", "That is not the app’s code.").await;
        page.focused("second-code").await;
        page.type_into("#second-code", &old).await;
        page.press("#second-verify").await;
        page.focused("result-title").await;
        page.sees("#result", &format!("Verified: {NUMBER} is yours.")).await;
        page.sees("#result-facts", "SMS passcode, authenticator app").await;
        assert!(!page.find("#app-step").await.is_displayed().await.unwrap(), "there is an app already");

        passcode(page).await;
        page.focused("second-code").await;
        page.type_into("#second-code", &old).await;
        page.press("#second-verify").await;
        page.sees("#second-error", "This code was already used.").await;
        // Another number can be tried instead.
        page.press("#change").await;
        page.focused("number").await;
        assert!(!page.find("#second-step").await.is_displayed().await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn login_with_a_recovery_code() {
    let server = Server::dev(&[]);
    visit(&server, async |page| {
        let (_, codes) = enrol(&server, page).await;
        let other = codes[5].to_uppercase().replace('-', " ");
        for (used, typed) in [(None, &codes[4]), (Some(&codes[4]), &other)] {
            passcode(page).await;
            page.focused("second-code").await;
            page.press("#second-other").await;
            page.focused("recovery-code").await;
            if let Some(used) = used {
                page.type_into("#recovery-code", used).await;
                page.press("#second-verify").await;
                page.sees("#second-error", "not one of your unused recovery codes").await;
            }
            page.type_into("#recovery-code", typed).await;
            page.press("#second-verify").await;
            page.focused("result-title").await;
            page.sees("#result-facts", "SMS passcode, recovery code").await;
        }
        // The other way round.
        passcode(page).await;
        page.focused("second-code").await;
        page.press("#second-other").await;
        page.focused("recovery-code").await;
        page.press("#second-other").await;
        page.focused("second-code").await;
    })
    .await;
}
