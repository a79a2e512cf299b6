//! Accessibility: small screens, large text, colour schemes, reduced motion and screen readers.

use crate::visit::{Page, visit};
use countersign_server_tests::Server;
use serde_json::{Value, json};

/// Checks names and roles in the document.
const STRUCTURE: &str = r#"
    const wrong = [];
    const seen = (element) => element.checkVisibility();
    const say = (element, what) => wrong.push(`${what}: ${element.outerHTML.slice(0, 120)}`);
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) wrong.push(`duplicate id ${id}`);
    for (const field of document.querySelectorAll("input, select")) {
        if (!field.labels.length || !field.labels[0].textContent.trim()) say(field, "no label");
    }
    for (const button of document.querySelectorAll("button, a")) {
        if (seen(button) && !button.textContent.trim()) say(button, "no text");
    }
    for (const image of document.images) if (!image.hasAttribute("alt")) say(image, "no alt");
    for (const name of ["aria-describedby", "aria-labelledby"]) {
        for (const element of document.querySelectorAll(`[${name}]`)) {
            for (const id of element.getAttribute(name).split(" ")) if (!ids.includes(id)) say(element, `no #${id}`);
        }
    }
    for (const group of document.querySelectorAll("fieldset")) if (!group.querySelector("legend")) say(group, "no legend");
    for (const table of document.querySelectorAll("table")) if (!table.caption) say(table, "no caption");
    const levels = [...document.querySelectorAll("h1, h2, h3")].filter(seen).map((heading) => heading.tagName);
    if (levels[0] !== "H1" || levels.lastIndexOf("H1") !== 0) wrong.push(`headings: ${levels}`);
    if (document.documentElement.lang !== "en") wrong.push("no lang");
    if (!document.title.includes("countersign")) wrong.push("no title");
    if (document.querySelectorAll("main").length !== 1) wrong.push("not one main");
    if (document.scripts.length && !document.querySelector("[role=status]")) wrong.push("no status");
    if (document.querySelector("[tabindex]:not([tabindex='-1']):not([tabindex='0'])")) wrong.push("a tabindex of its own");
    for (const element of document.querySelectorAll("button, select, input:not([type=radio])")) {
        const { width, height } = element.getBoundingClientRect();
        if (seen(element) && (width < 24 || height < 24)) say(element, "touch target too small");
    }
    return wrong;
"#;

/// Goes through every state of all pages, and runs the checks in each.
async fn in_every_state(server: &Server, page: &Page, number: &str, asks: impl AsyncFn(&str)) {
    page.open("/").await;
    page.focused("number").await;
    asks("at the beginning").await;
    page.type_into("#number", "+44 7400 123456").await;
    page.sees("#decision", "allowlist").await;
    asks("refused").await;
    page.type_into("#number", number).await;
    page.sees("#decision", "Allowed").await;
    asks("allowed").await;
    page.press("#send").await;
    page.focused("code").await;
    page.code().await;
    asks("sent").await;
    page.type_into("#code", "12345").await;
    page.press("#verify").await;
    page.sees("#code-error", "six digits").await;
    asks("wrong code").await;
    page.press("#fill").await;
    page.press("#verify").await;
    page.focused("result-title").await;
    asks("verified").await;
    page.press("#app-add").await;
    page.focused("app-code").await;
    asks("enrolling").await;
    let app = page.scan().await;
    page.type_into("#app-code", "12345").await;
    page.press("#app-confirm").await;
    page.sees("#app-error", "not the app’s code").await;
    asks("wrong code of the app").await;
    page.type_into("#app-code", &app.code(server)).await;
    page.press("#app-confirm").await;
    page.focused("app-title").await;
    asks("enrolled").await;
    page.press("#over").await;
    page.send(number).await;
    page.code().await;
    page.press("#fill").await;
    page.press("#verify").await;
    page.focused("second-code").await;
    asks("second factor").await;
    page.press("#second-other").await;
    page.focused("recovery-code").await;
    page.type_into("#recovery-code", "aaaa-bbbb-cccc").await;
    page.press("#second-verify").await;
    page.sees("#second-error", "not one of your unused recovery codes").await;
    asks("wrong recovery code").await;
    page.open("/countries").await;
    page.sees("#shown", "252 of").await;
    asks("countries").await;
    page.open("/errors#otp_code_not_found").await;
    page.sees("h1", "Errors").await;
    asks("errors").await;
}

#[tokio::test]
async fn elements_have_names_and_structure() {
    let server = Server::dev(&[]);
    visit(&server, async |page| {
        in_every_state(&server, page, "+12025550167", async |state| {
            assert_eq!(page.ask(STRUCTURE).await, json!([]), "{state}");
        })
        .await;
    })
    .await;
    let server = Server::production("http://127.0.0.1:9/");
    visit(&server, async |page| {
        for path in ["/", "/countries"] {
            page.open(path).await;
            page.sees("#credentials", "Project id").await;
            assert_eq!(page.ask(STRUCTURE).await, json!([]), "{path}");
        }
    })
    .await;
}

/// 320 pixels are a small phone, or a window of 1280 at 400%. Text of twice the size must also fit
/// the width of a window of 640, which is one of 1280 at 200%.
#[tokio::test]
async fn narrow_screens_do_not_scroll_horizontally() {
    let server = Server::dev(&[]);
    visit(&server, async |page| {
        for (width, number) in [(320, "+12025550168"), (640, "+12025550169")] {
            page.sized(width, 640).await;
            in_every_state(&server, page, number, async |state| {
                assert_eq!(page.overflow().await, 0, "{state}, {width} pixels");
                if width == 640 {
                    page.ask("document.documentElement.style.fontSize = '200%'").await;
                    assert_eq!(page.overflow().await, 0, "{state}, twice the size");
                    page.ask("document.documentElement.style.fontSize = ''").await;
                }
            })
            .await;
        }
    })
    .await;
}

/// Text has a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3), in light and dark schemes.
#[tokio::test]
async fn text_has_enough_contrast_in_light_and_dark() {
    let server = Server::dev(&[]);
    visit(&server, async |page| {
        let mut backs = Vec::new();
        for (scheme, number) in [("light", "+12025550170"), ("dark", "+12025550171")] {
            page.preferring("prefers-color-scheme", scheme).await;
            in_every_state(&server, page, number, async |state| {
                let found = page.ask(CONTRAST).await;
                assert!(found["texts"].as_u64().unwrap() > 10, "{found}");
                assert_eq!(found["poor"], json!([]), "{state}, {scheme}");
            })
            .await;
            backs.push(page.ask("return getComputedStyle(document.body).backgroundColor").await);
        }
        assert_ne!(backs[0], backs[1]);
    })
    .await;
}

/// Computes the contrast of every visible text with the nearest painted background.
const CONTRAST: &str = r#"
    const rgb = (colour) => colour.match(/[\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
        .map((part) => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4)
        .reduce((sum, part, place) => sum + part * [.2126, .7152, .0722][place], 0);
    const behind = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const colour = rgb(getComputedStyle(at).backgroundColor);
            if (colour.length === 3 || colour[3] === 1) return colour;
        }
        return [255, 255, 255];
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const poor = [];
    let count = 0;
    while (texts.nextNode()) {
        const text = texts.currentNode.textContent.trim(), element = texts.currentNode.parentElement;
        if (!text || !element.checkVisibility() || element.closest(".unseen, option, noscript")) continue;
        count += 1;
        const [a, b] = [light(rgb(getComputedStyle(element).color)), light(behind(element))].sort((a, b) => b - a);
        const ratio = (a + .05) / (b + .05);
        if (ratio < 4.5) poor.push(`${ratio.toFixed(2)}: ${text.slice(0, 40)}`);
    }
    return { texts: count, poor: [...new Set(poor)] };
"#;

#[tokio::test]
async fn respects_reduced_motion() {
    let server = Server::dev(&[]);
    visit(&server, async |page| {
        let animation = "return getComputedStyle(document.querySelector('.bubble')).animationName";
        for (wish, number, name) in
            [("no-preference", "+12025550172", "arrive"), ("reduce", "+12025550173", "none")]
        {
            page.preferring("prefers-reduced-motion", wish).await;
            page.open("/").await;
            page.send(number).await;
            page.code().await;
            assert_eq!(page.ask(animation).await, name);
        }
    })
    .await;
}

/// Runs the accessibility checker axe-core. After `npm install axe-core`:
///
/// ```sh
/// export COUNTERSIGN_AXE=…/node_modules/axe-core/axe.min.js
/// cargo test -p countersign-server --test page -- --ignored axe
/// ```
#[tokio::test]
#[ignore = "needs axe-core: COUNTERSIGN_AXE is the path of its axe.min.js"]
async fn axe_finds_no_violations() {
    let axe = std::fs::read_to_string(std::env::var("COUNTERSIGN_AXE").unwrap()).unwrap();
    let server = Server::dev(&[]);
    visit(&server, async |page| {
        for (scheme, number) in [("light", "+12025550174"), ("dark", "+12025550175")] {
            page.preferring("prefers-color-scheme", scheme).await;
            in_every_state(&server, page, number, async |state| {
                page.ask(&axe).await;
                let run = "const done = arguments[0]; axe.run().then(done, (error) => done({ error: String(error) }))";
                let found = page.driver.execute_async(run, Vec::new()).await.unwrap().json().clone();
                assert!(found["passes"].as_array().is_some_and(|passes| passes.len() > 15), "{state}: {found}");
                let violations: Vec<Value> = found["violations"].as_array().unwrap().iter().map(summary).collect();
                assert_eq!(violations, Vec::<Value>::new(), "{state}, {scheme}");
            })
            .await;
        }
    })
    .await;
}

fn summary(violation: &Value) -> Value {
    json!([
        violation["id"],
        violation["help"],
        violation["nodes"][0]["html"],
        violation["nodes"][0]["failureSummary"]
    ])
}
