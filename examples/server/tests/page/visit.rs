//! What a person does on the page, and what the browser is asked afterwards.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::components::SelectElement;
use thirtyfour::prelude::*;
use tokio::sync::Mutex;
use tokio::time::sleep;

use countersign_engines::TIMEOUT;

use crate::chromium::Chromium;
use countersign_server_tests::{MGMT_KEY, MGMT_SECRET, Server};

/// Two browsers at once would be slower than one after the other.
static TURN: Mutex<()> = Mutex::const_new(());

/// Opens a browser, and asks it at the end whether all was as it should be.
pub(crate) async fn visit(server: &Server, does: impl AsyncFnOnce(&Page)) {
    let _turn = TURN.lock().await;
    let chromium = Chromium::start().await;
    let base = server.base.clone();
    let visited = chromium.driver.clone().run_and_quit(async |driver| {
        let page = Page { driver, base };
        does(&page).await;
        page.kept_to_itself().await;
        Ok::<_, Infallible>(())
    });
    visited.await.unwrap();
}

/// Sets a channel's allowlist, as its operator would.
pub(crate) async fn allow(server: &Server, channel: &str, codes: &[&str]) {
    let path = format!("/pwa/v3/projects/p/environments/e/allowed_country_codes/{channel}");
    let request = server.request_as(MGMT_KEY, MGMT_SECRET, "POST", &path);
    let answer = server.send(request.json(&json!({ "country_codes": codes }))).await;
    assert_eq!(answer.status(), 200);
}

/// The page, as a person has it before them.
pub(crate) struct Page {
    pub(crate) driver: WebDriver,
    base: String,
}

impl Page {
    pub(crate) async fn open(&self, path: &str) {
        self.driver.goto(format!("{}{path}", self.base)).await.unwrap();
    }

    pub(crate) async fn find(&self, selector: &str) -> WebElement {
        self.driver.find(By::Css(selector)).await.unwrap_or_else(|error| panic!("{selector}: {error}"))
    }

    /// Types where there may be something already.
    pub(crate) async fn type_into(&self, selector: &str, text: &str) {
        let field = self.find(selector).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    pub(crate) async fn press(&self, selector: &str) {
        self.find(selector).await.click().await.unwrap();
    }

    pub(crate) async fn choose(&self, selector: &str, value: &str) {
        SelectElement::new(&self.find(selector).await).await.unwrap().select_by_value(value).await.unwrap();
    }

    /// To whatever has the keyboard.
    pub(crate) async fn keys(&self, keys: impl Into<TypingData>) {
        self.driver.action_chain().send_keys(keys).perform().await.unwrap();
    }

    /// What a script on the page answers.
    pub(crate) async fn ask(&self, script: &str) -> Value {
        self.driver.execute(script, Vec::new()).await.unwrap().json().clone()
    }

    /// The text that is seen there.
    pub(crate) async fn text(&self, selector: &str) -> String {
        self.find(selector).await.text().await.unwrap()
    }

    /// Waits until a text is seen there.
    pub(crate) async fn sees(&self, selector: &str, text: &str) {
        self.until(&format!("{text:?} in {selector}"), async || self.text(selector).await.contains(text))
            .await;
    }

    /// Waits until an element has the keyboard.
    pub(crate) async fn focused(&self, id: &str) {
        let script = "return document.activeElement?.id";
        self.until(&format!("the keyboard in #{id}"), async || self.ask(script).await == id).await;
    }

    /// Waits until those who do not see the page were told.
    pub(crate) async fn hears(&self, words: &str) {
        let script = "return document.querySelector('[role=status]').textContent";
        let heard = async || self.ask(script).await.as_str().is_some_and(|said| said.contains(words));
        self.until(&format!("{words:?} in the status"), heard).await;
    }

    async fn until(&self, what: &str, holds: impl AsyncFn() -> bool) {
        let begun = Instant::now();
        while !holds().await {
            let seen = self.text("main").await;
            assert!(begun.elapsed() < TIMEOUT, "waited in vain for {what}; the page says:\n{seen}");
            sleep(Duration::from_millis(30)).await;
        }
    }

    /// Waits until so many messages are on the phone.
    pub(crate) async fn until_messages(&self, count: u64) {
        let script = "return document.querySelectorAll('#messages li').length";
        self.until(&format!("{count} messages"), async || self.ask(script).await == count).await;
    }

    /// Has a code sent: the page is open and has not been used yet.
    pub(crate) async fn send(&self, number: &str) {
        self.type_into("#number", number).await;
        self.press("#send").await;
        self.focused("code").await;
    }

    /// The code in the newest message on the phone, as a person reads it.
    pub(crate) async fn code(&self) -> String {
        let newest = "#messages li:last-child .bubble";
        let script = format!("return document.querySelector('{newest}')?.getAnimations().length");
        self.until("a message that has arrived", async || self.ask(&script).await == 0).await;
        let body = self.text(newest).await;
        let code = body.split(|c: char| !c.is_ascii_digit()).find(|digits| digits.len() == 6);
        code.unwrap_or_else(|| panic!("no code in {body:?}")).to_owned()
    }

    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.driver.cdp().send_raw(command, parameters).await.unwrap()
    }

    /// The size of what is seen, in CSS pixels.
    pub(crate) async fn sized(&self, width: u32, height: u32) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// What the reader asks of all pages, such as `prefers-color-scheme`, `dark`.
    pub(crate) async fn preferring(&self, feature: &str, value: &str) {
        let features = json!({ "features": [{ "name": feature, "value": value }] });
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// Whether there is something to the right of what is seen.
    pub(crate) async fn overflow(&self) -> i64 {
        let script = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        self.ask(script).await.as_i64().unwrap()
    }

    /// Nobody but this server was asked for anything, nothing was tried that the page's policy forbids, and no script failed. That
    /// the server refused what it should refuse (4xx) is no failure.
    async fn kept_to_itself(&self) {
        let mut asked = 0;
        for entry in self.driver.get_log("performance").await.unwrap() {
            let event: Value = serde_json::from_str(&entry.message).unwrap();
            if event["message"]["method"] == "Network.requestWillBeSent" {
                let url = event["message"]["params"]["request"]["url"].as_str().unwrap();
                // The page that it begins with is inside of it.
                let inside =
                    ["data:", "chrome:", "chrome-untrusted:"].iter().any(|scheme| url.starts_with(scheme));
                let own = url.starts_with(&format!("{}/", self.base));
                assert!(own || inside, "the browser asked for {url}");
                asked += usize::from(own);
            }
        }
        assert!(asked > 5, "the browser's log has {asked} requests: was anything logged?");
        for entry in self.driver.browser_log().await.unwrap() {
            let refused = entry.source.as_deref() == Some("network") && entry.message.contains("status of 4");
            assert!(refused, "the browser complains: {entry:?}");
        }
    }
}
