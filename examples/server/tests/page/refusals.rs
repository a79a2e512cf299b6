//! Refusals and errors as the page words them.

use crate::visit::{Page, allow, visit};
use countersign_server_tests::Server;

#[tokio::test]
async fn explains_refused_numbers() {
    let server = Server::dev(&[]);
    visit(&server, async |page| {
        page.open("/").await;
        for (number, words, about, wire) in [
            (
                "+44 7400 123456",
                "United Kingdom is not on this project’s allowlist for SMS.",
                "United Kingdom, mobile",
                COUNTRY,
            ),
            ("+1 242 359 1234", "Codes can’t be sent to Bahamas by SMS.", "Bahamas, mobile", COUNTRY),
            ("+882 16 12345678", "satellite or global service", "No country, internet telephony", COUNTRY),
            ("+1 900 555 0123", "not sent to numbers of this kind: premium rate", "premium rate", NUMBER),
            ("+1 102 555 0162", "No such number is in use", "a range that is not in use", NUMBER),
        ] {
            page.type_into("#number", number).await;
            page.sees("#decision", words).await;
            page.sees("#decision", about).await;
            page.sees("#decision", wire).await;
            page.hears(words).await;
            assert_eq!(
                page.find("#number").await.attr("aria-invalid").await.unwrap().as_deref(),
                Some("true")
            );
            // Pressing the button anyway repeats the refusal and sends nothing.
            page.press("#send").await;
            page.focused("number").await;
            page.sees("#decision", words).await;
            let number: String = number.split(' ').collect();
            assert_eq!(server.outbox(&number).await.len(), 0);
        }
        // An incomplete number is not an error until it is sent.
        page.type_into("#number", "+1202").await;
        page.sees("#decision", "").await;
        page.press("#send").await;
        page.sees("#decision", "That is too short for a phone number.").await;
        page.type_into("#number", "+1 202 555 01x2").await;
        page.sees("#decision", "can’t contain this character").await;

        // A number that is refused for SMS may be allowed for WhatsApp.
        allow(&server, "whatsapp", &["US", "GB"]).await;
        page.type_into("#number", "+44 7400 123456").await;
        page.sees("#decision", "allowlist for SMS").await;
        page.press("input[value=whatsapp]").await;
        page.sees("#decision", "Allowed").await;
    })
    .await;
}

const COUNTRY: &str = "invalid_phone_number_country_code";
const NUMBER: &str = "invalid_phone_number";

#[tokio::test]
async fn explains_wrong_superseded_expired_and_malformed_codes() {
    let server = Server::dev(&[]);
    visit(&server, async |page| {
        page.open("/").await;
        page.send("+12025550165").await;
        let first = page.code().await;
        try_code(page, &other_than(&first), "That is not the code.").await;
        page.sees("#code-error", "otp_code_not_found").await;
        page.focused("code").await;
        let code = page.find("#code").await;
        assert_eq!(code.attr("aria-invalid").await.unwrap().as_deref(), Some("true"));
        assert!(code.attr("aria-describedby").await.unwrap().unwrap().contains("code-error"));
        try_code(page, "12345", "A code is six digits.").await;

        page.press("#again").await;
        page.hears("A new code was sent. The older one no longer works.").await;
        assert_eq!(page.text("#code-error").await, "");
        page.until_messages(2).await;
        let second = page.code().await;
        if first != second {
            try_code(page, &first, "This code no longer works").await;
        }

        server.advance(121).await;
        try_code(page, &second, "This code no longer works: it has expired").await;
        page.sees("#code-error", "unable_to_auth_otp_code").await;
        page.press("#again").await;
        page.until_messages(3).await;
        let third = page.code().await;
        page.type_into("#code", &third).await;
        page.press("#verify").await;
        page.sees("#result", "Verified").await;
    })
    .await;
}

#[tokio::test]
async fn explains_the_lock_after_ten_wrong_codes() {
    let server = Server::dev(&[]);
    visit(&server, async |page| {
        page.open("/").await;
        page.send("+12025550166").await;
        let wrong = other_than(&page.code().await);
        for _ in 0..10 {
            page.type_into("#code", &wrong).await;
            page.ask("document.getElementById('status').textContent = ''").await;
            page.press("#verify").await;
            page.hears(".").await;
        }
        try_code(page, &wrong, "you are locked out. Try again in").await;
        page.sees("#code-error", "minutes").await;
        page.press("#change").await;
        page.focused("number").await;
        page.press("#send").await;
        page.sees("#decision", "you are locked out").await;
        page.sees("#decision", "user_lock_limit_reached").await;
        page.focused("number").await;
    })
    .await;
}

async fn try_code(page: &Page, code: &str, words: &str) {
    page.type_into("#code", code).await;
    page.press("#verify").await;
    page.sees("#code-error", words).await;
    page.hears(words).await;
}

fn other_than(code: &str) -> String {
    let code: u32 = code.parse().unwrap();
    format!("{:06}", (code + 1) % 1_000_000)
}
