//! The page of a production server.

use crate::visit::visit;
use countersign_server_tests::{PRODUCTION_SECRET as SECRET, PROJECT, Server};
use serde_json::{Value, json};

/// Nothing served without credentials contains the secret, and decisions and lists require
/// credentials.
#[tokio::test]
async fn serves_no_secrets() {
    let server = Server::production("http://127.0.0.1:9/");
    for path in
        ["/", "/countries", "/page/settings", "/page/login.js", "/page/credentials.js", "/page/api.js"]
    {
        let answer = open(&server, path).await;
        assert_eq!(answer.status(), 200, "{path}");
        let text = answer.text().await.unwrap();
        assert!(!text.contains(SECRET) && !text.contains(PROJECT), "{path}");
    }
    assert_eq!(open(&server, "/page/settings").await.json::<Value>().await.unwrap(), json!({ "dev": false }));
    let question = json!({ "phone_number": "+12025550162", "channel": "sms" });
    let asked = reqwest::Client::new().post(format!("{}/page/decision", server.base)).json(&question);
    assert_eq!(asked.send().await.unwrap().status(), 401);
    assert_eq!(open(&server, "/page/countries").await.status(), 401);
    assert_eq!(open(&server, "/dev/outbox?to=%2B12025550162").await.status(), 404);
}

/// With the credentials entered, everything works. They are not stored.
#[tokio::test]
async fn credentials_are_entered_and_not_stored() {
    let server = Server::production("http://127.0.0.1:9/");
    visit(&server, async |page| {
        page.open("/").await;
        page.focused("project-id").await;
        assert!(!page.find("#phone").await.is_displayed().await.unwrap());
        page.type_into("#number", "+1 202 555 0162").await;
        page.sees("#decision", "Enter the project id and its secret first.").await;

        assert_eq!(page.find("#secret").await.attr("type").await.unwrap().as_deref(), Some("password"));
        page.type_into("#project-id", PROJECT).await;
        page.type_into("#secret", "not the secret").await;
        page.press("#send").await;
        page.sees("#decision", "The project id or the secret is wrong.").await;
        page.sees("#decision", "unauthorized_credentials").await;

        page.type_into("#secret", SECRET).await;
        page.press("#send").await;
        page.focused("code").await;
        page.hears("A code was sent to +12025550162.").await;
        page.type_into("#code", "12345").await;
        page.press("#verify").await;
        page.sees("#code-error", "A code is six digits.").await;

        let kept = "return [localStorage.length, sessionStorage.length, document.cookie, location.href]";
        let kept = page.ask(kept).await;
        assert_eq!((&kept[0], &kept[1], &kept[2]), (&json!(0), &json!(0), &json!("")));
        assert!(!kept[3].as_str().unwrap().contains('?'), "{kept}");
        assert!(!page.driver.source().await.unwrap().contains(SECRET));
        page.driver.refresh().await.unwrap();
        page.focused("project-id").await;
        assert_eq!(page.find("#secret").await.prop("value").await.unwrap().as_deref(), Some(""));
    })
    .await;
}

#[tokio::test]
async fn countries_require_credentials() {
    let server = Server::production("http://127.0.0.1:9/");
    visit(&server, async |page| {
        page.open("/countries").await;
        page.sees("#credentials", "Project id").await;
        page.press("#credentials button").await;
        page.sees("#problem", "Enter the project id and its secret first.").await;
        page.type_into("#project-id", PROJECT).await;
        page.type_into("#secret", "not the secret").await;
        page.press("#credentials button").await;
        page.sees("#problem", "The project id or the secret is wrong.").await;
        page.type_into("#secret", SECRET).await;
        page.press("#credentials button").await;
        page.sees("#shown", "252 of 252 countries").await;
        assert_eq!(page.text("#problem").await, "");
    })
    .await;
}

/// Sends a request without credentials.
async fn open(server: &Server, path: &str) -> reqwest::Response {
    reqwest::get(format!("{}{path}", server.base)).await.unwrap()
}
