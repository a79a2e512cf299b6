//! Successful logins.

use std::time::Instant;

use crate::visit::{allow, visit};
use countersign_server_tests::Server;
use serde_json::json;
use thirtyfour::Key;

#[tokio::test]
async fn logs_in_from_a_number_to_a_session() {
    let server = Server::dev(&[]);
    allow(&server, "sms", &["US", "CA", "FR"]).await;
    visit(&server, async |page| {
        page.open("/").await;
        page.focused("number").await;
        page.type_into("#number", "+33 6 12-34-56-78").await;
        page.sees("#decision", "Allowed").await;
        page.sees("#decision", "+33612345678 · France, mobile").await;
        page.hears("Allowed: France, mobile").await;
        page.choose("#locale", "fr").await;
        let sent = Instant::now();
        page.press("#send").await;

        page.focused("code").await;
        page.hears("A code was sent to +33612345678").await;
        page.sees("#number-summary", "+33612345678 · France, mobile · allowed by SMS").await;
        page.sees("#messages", "Votre code Countersign").await;
        page.sees("#life", "Valid for another").await;
        let life = page.text("#life").await;
        let (minutes, seconds) =
            life.trim_start_matches(|c: char| !c.is_ascii_digit()).split_once(':').unwrap();
        let left = 60 * minutes.parse::<u64>().unwrap() + seconds[..2].parse::<u64>().unwrap();
        assert!(left <= 120 && left + sent.elapsed().as_secs() >= 118, "{life} after {:?}", sent.elapsed());
        let code = page.find("#code").await;
        for (name, value) in [("autocomplete", "one-time-code"), ("inputmode", "numeric"), ("maxlength", "6")]
        {
            assert_eq!(code.attr(name).await.unwrap().as_deref(), Some(value));
        }
        page.type_into("#code", &page.code().await).await;
        page.press("#verify").await;

        page.focused("result-title").await;
        page.sees("#result", "Verified: +33612345678 is yours.").await;
        page.hears("Verified").await;
        let facts = page.text("#result-facts").await;
        assert!(facts.contains("session-test-") && facts.contains("Valid until"), "{facts}");
        // The page shows the API's state.
        let user_id = facts.split_whitespace().find(|word| word.starts_with("user-test-")).unwrap();
        let phone = &server.get(&format!("/v1/users/{user_id}")).await.1["phone_numbers"][0];
        assert_eq!((&phone["phone_number"], &phone["verified"]), (&json!("+33612345678"), &json!(true)));
        assert_eq!(server.outbox("+33612345678").await.len(), 1);

        page.press("#over").await;
        page.focused("number").await;
        assert_eq!(page.text("#messages").await, "");
    })
    .await;
}

/// Phones offer the code above the keyboard; a tap fills it in. WhatsApp messages are labelled.
#[tokio::test]
async fn tapping_the_suggestion_fills_in_the_code() {
    let server = Server::dev(&[]);
    visit(&server, async |page| {
        page.open("/").await;
        page.press("input[value=whatsapp]").await;
        // Without a country code: the browser's region is the United States.
        page.send("(202) 555-0163").await;
        page.sees("#messages", "WhatsApp").await;
        let code = page.code().await;
        page.sees("#fill", &code).await;
        page.press("#fill").await;
        page.focused("code").await;
        page.press("#verify").await;
        page.sees("#result", "Verified: +12025550163 is yours.").await;
    })
    .await;
}

#[tokio::test]
async fn works_with_the_keyboard_alone() {
    let server = Server::dev(&[]);
    visit(&server, async |page| {
        page.open("/").await;
        page.focused("number").await;
        page.keys("+1 202 555 0164").await;
        page.sees("#decision", "Allowed").await;
        // After the number come the channel, which the arrow keys change, the language and the
        // button.
        page.keys(Key::Tab + "").await;
        page.keys(Key::Right + "").await;
        page.sees("#decision", "Allowed").await;
        page.keys(Key::Tab + "").await;
        page.focused("locale").await;
        page.keys("e").await;
        page.keys(Key::Tab + "").await;
        page.focused("send").await;
        assert_ne!(page.ask("return getComputedStyle(document.activeElement).outlineStyle").await, "none");
        page.keys(Key::Enter + "").await;

        page.focused("code").await;
        page.sees("#messages", "WhatsApp").await;
        page.keys(page.code().await).await;
        page.keys(Key::Enter + "").await;
        page.focused("result-title").await;
        page.keys(Key::Tab + "").await;
        page.focused("over").await;
        page.keys(Key::Enter + "").await;
        page.focused("number").await;
    })
    .await;
}

/// The placeholder and the format are those of the browser's region, the United States.
#[tokio::test]
async fn number_is_formatted_while_it_is_typed() {
    let server = Server::dev(&[]);
    visit(&server, async |page| {
        page.open("/").await;
        page.focused("number").await;
        let placeholder = page.find("#number").await.attr("placeholder").await.unwrap();
        assert_eq!(placeholder.as_deref(), Some("(201) 555-0123"));
        page.keys("2025550165").await;
        page.has_value("#number", "(202) 555-0165").await;
        page.sees("#decision", "+12025550165").await;
        // A change in the middle is left alone, so that the cursor stays.
        page.keys(Key::Left + "").await;
        page.keys(Key::Backspace + "").await;
        page.shows_nothing("#decision").await;
        page.has_value("#number", "(202) 555-015").await;
        page.keys("7").await;
        page.sees("#decision", "+12025550175").await;
        page.keys(Key::End + "").await;
        for _ in 0..3 {
            page.keys(Key::Backspace + "").await;
        }
        page.has_value("#number", "202-5550").await;
        page.type_into("#number", "+33612345678").await;
        page.has_value("#number", "+33 6 12 34 56 78").await;
    })
    .await;
}

/// Some browsers can be given any text as their language. The page then knows no region.
#[tokio::test]
async fn page_works_without_a_region() {
    let server = Server::dev(&[]);
    visit(&server, async |page| {
        let source = "Object.defineProperty(Navigator.prototype, 'language', { get: () => 'no_tag!' })";
        page.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": source })).await;
        page.open("/").await;
        page.focused("number").await;
        assert_eq!(page.ask("return navigator.language").await, "no_tag!");
        let placeholder = page.find("#number").await.attr("placeholder").await.unwrap();
        assert_eq!(placeholder.as_deref().unwrap_or_default(), "");
        page.keys("+12025550165").await;
        page.has_value("#number", "+1 202-555-0165").await;
        page.sees("#decision", "Allowed").await;
    })
    .await;
}

/// The sandbox number passes with its fixed code, and no message appears.
#[tokio::test]
async fn sandbox_number() {
    let server = Server::dev(&[]);
    visit(&server, async |page| {
        page.open("/").await;
        page.type_into("#number", "+10000000000").await;
        page.sees("#decision", "nothing is sent, and its code is 000000").await;
        page.press("#send").await;
        page.focused("code").await;
        page.type_into("#code", "000000").await;
        page.press("#verify").await;
        page.sees("#result", "Verified: +10000000000 is yours.").await;
        assert_eq!(page.text("#messages").await, "");
    })
    .await;
}
