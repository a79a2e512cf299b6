//! Actions on the page, and checks of the browser afterwards.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::components::SelectElement;
use thirtyfour::prelude::*;
use tokio::sync::Mutex;
use tokio::time::sleep;

use countersign_engines::TIMEOUT;

use crate::chromium::Chromium;
use countersign_server_tests::{Authenticator, MGMT_KEY, MGMT_SECRET, Server, qr};

/// Two concurrent browsers would be slower than one after the other.
static TURN: Mutex<()> = Mutex::const_new(());

/// Opens a browser, runs a visit, and checks the browser's log.
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

/// Sets a channel's allowlist as an operator would.
pub(crate) async fn allow(server: &Server, channel: &str, codes: &[&str]) {
    let path = format!("/pwa/v3/projects/p/environments/e/allowed_country_codes/{channel}");
    let request = server.request_as(MGMT_KEY, MGMT_SECRET, "POST", &path);
    let answer = server.send(request.json(&json!({ "country_codes": codes }))).await;
    assert_eq!(answer.status(), 200);
}

/// The page in a browser.
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

    /// Replaces the text of a field.
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

    /// Sends keys to the focused element.
    pub(crate) async fn keys(&self, keys: impl Into<TypingData>) {
        self.driver.action_chain().send_keys(keys).perform().await.unwrap();
    }

    /// Runs a script on the page and returns its result.
    pub(crate) async fn ask(&self, script: &str) -> Value {
        self.driver.execute(script, Vec::new()).await.unwrap().json().clone()
    }

    /// Returns the visible text of an element.
    pub(crate) async fn text(&self, selector: &str) -> String {
        self.find(selector).await.text().await.unwrap()
    }

    /// Waits until an element shows a text.
    pub(crate) async fn sees(&self, selector: &str, text: &str) {
        self.until(&format!("{text:?} in {selector}"), async || self.text(selector).await.contains(text))
            .await;
    }

    /// Waits until an element is empty or hidden.
    pub(crate) async fn shows_nothing(&self, selector: &str) {
        self.until(&format!("nothing in {selector}"), async || self.text(selector).await.is_empty()).await;
    }

    /// Waits until a field has a value.
    pub(crate) async fn has_value(&self, selector: &str, value: &str) {
        let field = self.find(selector).await;
        let has = async || field.value().await.unwrap().as_deref() == Some(value);
        self.until(&format!("{value:?} in {selector}"), has).await;
    }

    /// Waits until an element has the focus.
    pub(crate) async fn focused(&self, id: &str) {
        let script = "return document.activeElement?.id";
        self.until(&format!("focus in #{id}"), async || self.ask(script).await == id).await;
    }

    /// Waits until a text is announced to screen readers.
    pub(crate) async fn hears(&self, words: &str) {
        let script = "return document.querySelector('[role=status]').textContent";
        let heard = async || self.ask(script).await.as_str().is_some_and(|said| said.contains(words));
        self.until(&format!("{words:?} in the status"), heard).await;
    }

    async fn until(&self, what: &str, holds: impl AsyncFn() -> bool) {
        let begun = Instant::now();
        while !holds().await {
            let seen = self.text("main").await;
            assert!(begun.elapsed() < TIMEOUT, "timed out waiting for {what}; the page shows:\n{seen}");
            sleep(Duration::from_millis(30)).await;
        }
    }

    /// Waits until the phone shows this many messages.
    pub(crate) async fn until_messages(&self, count: u64) {
        let script = "return document.querySelectorAll('#messages li').length";
        self.until(&format!("{count} messages"), async || self.ask(script).await == count).await;
    }

    /// Sends a code from a freshly opened page.
    pub(crate) async fn send(&self, number: &str) {
        self.type_into("#number", number).await;
        self.press("#send").await;
        self.focused("code").await;
    }

    /// Returns the code in the newest message on the phone, as a person reads it.
    pub(crate) async fn code(&self) -> String {
        let newest = "#messages li:last-child .bubble";
        let script = format!("return document.querySelector('{newest}')?.getAnimations().length");
        self.until("a message that has arrived", async || self.ask(&script).await == 0).await;
        let body = self.text(newest).await;
        let code = body.split(|c: char| !c.is_ascii_digit()).find(|digits| digits.len() == 6);
        code.unwrap_or_else(|| panic!("no code in {body:?}")).to_owned()
    }

    /// Scans the QR code on the screen.
    pub(crate) async fn scan(&self) -> Authenticator {
        let loaded = "const image = document.querySelector('#app-qr'); return image.complete && image.naturalWidth > 0";
        self.until("a QR code", async || self.ask(loaded).await == true).await;
        let code = self.find("#app-qr").await;
        code.scroll_into_view().await.unwrap();
        Authenticator::read(&qr::read_png(&code.screenshot_as_png().await.unwrap()))
    }

    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.driver.cdp().send_raw(command, parameters).await.unwrap()
    }

    /// Sets the size of the viewport, in CSS pixels.
    pub(crate) async fn sized(&self, width: u32, height: u32) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Sets a media feature, such as `prefers-color-scheme` to `dark`.
    pub(crate) async fn preferring(&self, feature: &str, value: &str) {
        let features = json!({ "features": [{ "name": feature, "value": value }] });
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// Returns by how many pixels the page overflows to the right.
    pub(crate) async fn overflow(&self) -> i64 {
        let script = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        self.ask(script).await.as_i64().unwrap()
    }

    /// Checks that only this server was contacted, that the page did not violate its policy, and
    /// that no script failed. Refusals by the server (4xx) are fine.
    async fn kept_to_itself(&self) {
        let mut asked = 0;
        for entry in self.driver.get_log("performance").await.unwrap() {
            let event: Value = serde_json::from_str(&entry.message).unwrap();
            if event["message"]["method"] == "Network.requestWillBeSent" {
                let url = event["message"]["params"]["request"]["url"].as_str().unwrap();
                // The browser's own start page.
                let inside =
                    ["data:", "chrome:", "chrome-untrusted:"].iter().any(|scheme| url.starts_with(scheme));
                let own = url.starts_with(&format!("{}/", self.base));
                assert!(own || inside, "the browser asked for {url}");
                asked += usize::from(own);
            }
        }
        assert!(asked > 5, "the browser logged only {asked} requests");
        for entry in self.driver.browser_log().await.unwrap() {
            let refused = entry.source.as_deref() == Some("network") && entry.message.contains("status of 4");
            assert!(refused, "unexpected entry in the browser's log: {entry:?}");
        }
    }
}
