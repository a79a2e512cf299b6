//! `POST …/guard/import`: tells the guard which numbers were verified before it was introduced.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use countersign::{Error, Recipient};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;

use super::present::guarding;
use crate::app::App;
use crate::failure::{Failure, Kind};
use crate::recipients::phone;

/// How many numbers are imported between two reports.
const STEP: usize = 1000;

/// How many numbers are imported at a time.
const AT_ONCE: usize = 32;

/// How many of the rejected lines are named.
const NAMED: usize = 20;

/// The longest line. A number has 16 characters.
const LONGEST_LINE: usize = 256;

/// The time limit for the next part of the body.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Imports the numbers of a body of any length, one a line, and answers with a JSON object a line:
/// one after each thousand numbers, and a last one with `"done": true`. Lines that are no phone
/// number are counted and skipped.
///
/// If the engine fails, the last object has an `error_type` instead of `done`, and the status is
/// 200 nevertheless, since it was sent before. Importing a number again is harmless.
pub(super) async fn import(State(app): State<Arc<App>>, request: Request) -> Result<Response, Failure> {
    guarding(&app)?;
    let body = request.into_body().into_data_stream();
    let import =
        Import { app, body, rest: Vec::new(), lines: 0, imported: 0, rejected: 0, named: Vec::new() };
    let reports = stream::unfold(Some(import), |import| async {
        let (report, import) = import?.step().await;
        Some((Ok::<_, std::convert::Infallible>(Bytes::from(report)), import))
    });
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(reports)).into_response())
}

/// An import in progress.
struct Import {
    app: Arc<App>,
    body: BodyDataStream,
    /// The beginning of a line whose end has not arrived.
    rest: Vec<u8>,
    lines: usize,
    imported: usize,
    rejected: usize,
    /// The numbers of the first lines that were rejected.
    named: Vec<usize>,
}

impl Import {
    /// Imports the next numbers. Returns a report, and itself if more may follow.
    async fn step(mut self) -> (String, Option<Self>) {
        let (mut numbers, mut is_done) = (Vec::new(), false);
        while numbers.len() < STEP && !is_done {
            match tokio::time::timeout(TIMEOUT, self.body.next()).await {
                Ok(Some(Ok(part))) => {
                    self.rest.extend_from_slice(&part);
                    let end = self.rest.iter().rposition(|byte| *byte == b'\n');
                    let rest = self.rest.split_off(end.map_or(0, |end| end + 1));
                    let lines = std::mem::replace(&mut self.rest, rest);
                    self.read(&lines, &mut numbers);
                }
                Ok(None) => {
                    is_done = true;
                    let last = std::mem::take(&mut self.rest);
                    self.read(&last, &mut numbers);
                }
                Ok(Some(Err(_))) | Err(_) => return (self.failed(Kind::BadRequest), None),
            }
            if self.rest.len() > LONGEST_LINE {
                return (self.failed(Kind::BadRequest), None);
            }
        }
        match self.add(numbers).await {
            Err(failure) => (self.failed(failure.kind()), None),
            Ok(()) if is_done => (self.report(json!({ "done": true })), None),
            Ok(()) => (self.report(json!({})), Some(self)),
        }
    }

    /// Collects the numbers of complete lines.
    fn read(&mut self, lines: &[u8], numbers: &mut Vec<Recipient>) {
        if lines.is_empty() {
            return;
        }
        let lines = lines.strip_suffix(b"\n").unwrap_or(lines);
        for line in lines.split(|byte| *byte == b'\n') {
            self.lines += 1;
            let text = std::str::from_utf8(line).unwrap_or("not a number").trim();
            if text.is_empty() {
                continue;
            }
            if let Ok(number) = phone(text) {
                numbers.push(number);
                continue;
            }
            self.rejected += 1;
            if self.named.len() < NAMED {
                self.named.push(self.lines);
            }
        }
    }

    async fn add(&mut self, numbers: Vec<Recipient>) -> Result<(), Failure> {
        let (app, now) = (&*self.app, self.app.now().await?);
        let guarding = guarding(app)?;
        let imports = numbers.into_iter().map(|number| guarding.import(number, now));
        let imports = stream::iter(imports).buffer_unordered(AT_ONCE);
        let mut imported = 0;
        let counted = imports.try_for_each(|()| {
            imported += 1;
            std::future::ready(Ok(()))
        });
        let result = counted.await;
        self.imported += imported;
        result.map_err(|error: Error| Failure::from_core(&error, now))
    }

    fn failed(&self, kind: Kind) -> String {
        self.report(json!({ "error_type": kind.name(), "error_message": kind.when() }))
    }

    fn report(&self, mut more: serde_json::Value) -> String {
        more["imported"] = self.imported.into();
        more["rejected"] = self.rejected.into();
        more["rejected_lines"] = self.named.clone().into();
        format!("{more}\n")
    }
}
