//! The page's files, compiled in, so that the server needs no directory for them.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// The path, content type and content of each file.
const FILES: [(&str, &str, &str); 16] = [
    ("/", HTML, include_str!("../../page/index.html")),
    ("/countries", HTML, include_str!("../../page/countries.html")),
    ("/page/page.css", CSS, include_str!("../../page/page.css")),
    ("/page/icon.svg", SVG, include_str!("../../page/icon.svg")),
    ("/page/api.js", SCRIPT, include_str!("../../page/api.js")),
    ("/page/countdown.js", SCRIPT, include_str!("../../page/countdown.js")),
    ("/page/countries.js", SCRIPT, include_str!("../../page/countries.js")),
    ("/page/credentials.js", SCRIPT, include_str!("../../page/credentials.js")),
    ("/page/decision.js", SCRIPT, include_str!("../../page/decision.js")),
    ("/page/element.js", SCRIPT, include_str!("../../page/element.js")),
    ("/page/enrol.js", SCRIPT, include_str!("../../page/enrol.js")),
    ("/page/field.js", SCRIPT, include_str!("../../page/field.js")),
    ("/page/login.js", SCRIPT, include_str!("../../page/login.js")),
    ("/page/phone.js", SCRIPT, include_str!("../../page/phone.js")),
    ("/page/second.js", SCRIPT, include_str!("../../page/second.js")),
    ("/page/words.js", SCRIPT, include_str!("../../page/words.js")),
];

pub(super) fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    FILES.into_iter().fold(Router::new(), |router, (path, kind, text)| {
        router.route(path, get(move || async move { ([(CONTENT_TYPE, kind)], text) }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every file that another one imports, links or loads exists. A misspelt module name would
    /// only show in a browser.
    #[test]
    fn files_refer_only_to_existing_files() {
        let mut asked = 0;
        for (path, _, text) in FILES {
            for quoted in text.split('"').skip(1).step_by(2) {
                let target = match quoted.strip_prefix("./") {
                    Some(module) => format!("/page/{module}"),
                    None if quoted.starts_with("/page/") && quoted.contains('.') => quoted.to_owned(),
                    None => continue,
                };
                assert!(FILES.iter().any(|(path, ..)| *path == target), "{path} refers to {target}");
                asked += 1;
            }
        }
        assert!(asked > 20, "{asked}");
    }

    #[test]
    fn files_have_no_inline_or_external_content() {
        for (path, kind, text) in FILES {
            for inline in ["<script>", "<style", " style=\"", " onclick", "javascript:", "innerHTML", "eval("]
            {
                assert!(!text.contains(inline), "{path} has {inline}");
            }
            let elsewhere = text.replace("http://www.w3.org/2000/svg", "");
            assert!(!elsewhere.contains("//cdn") && !elsewhere.contains("http"), "{path} ({kind})");
        }
    }
}
