//! The official verifiers of Standard Webhooks, for Python and JavaScript, accept the server's
//! messages and nothing else. They are installed into the target directory, once per list of
//! versions.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use countersign_server_tests::receiver::{NUMBER, Receiver, Reply};
use countersign_server_tests::{Server, WEBHOOK_SECRET, languages};
use reqwest::StatusCode;
use serde_json::{Value, json};

#[tokio::test]
async fn python_verifier_accepts_only_genuine_messages() {
    let suite = folder("python");
    let python = languages::python(&suite, &environment("webhook-python"));
    let mut command = Command::new(python);
    command.arg("-B").arg(suite.join("verify.py"));
    judges(command).await;
}

#[tokio::test]
async fn javascript_verifier_accepts_only_genuine_messages() {
    let mut command = languages::node(&folder("node"), &environment("webhook-node"));
    command.arg("verify.js");
    judges(command).await;
}

/// Checks a verifier's results for a message from the server, unaltered and altered.
async fn judges(mut verifier: Command) {
    let receiver = Receiver::start([Reply::Status(200)]).await;
    let server = Server::production(&receiver.url());
    let body = json!({ "phone_number": NUMBER });
    let (status, sent) = server.post("/v1/otps/sms/login_or_create", &body).await;
    assert_eq!(status, StatusCode::OK, "{sent}");
    receiver.has_got(1).await;
    let [got] = receiver.got().try_into().unwrap();

    let headers = |name: &str| got.header(name).to_owned();
    let names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    let genuine = json!({
        "secret": WEBHOOK_SECRET,
        "headers": HashMap::from(names.map(|name| (name, headers(name)))),
        "body": str::from_utf8(&got.body).unwrap(),
        "later": 0,
    });
    let with = |pointer: &str, value: Value| {
        let mut altered = genuine.clone();
        *altered.pointer_mut(pointer).unwrap() = value;
        altered
    };
    let body = genuine["body"].as_str().unwrap();
    let time: u64 = headers("webhook-timestamp").parse().unwrap();
    let (forged, late, early) = ("No matching signature found", "timestamp too old", "timestamp too new");
    for (what, message, rejected) in [
        ("as it arrived", genuine.clone(), None),
        ("four minutes later", with("/later", json!(240)), None),
        ("six minutes later", with("/later", json!(360)), Some(late)),
        ("an old timestamp", with("/headers/webhook-timestamp", json!((time - 360).to_string())), Some(late)),
        ("a clock that is behind", with("/later", json!(-360)), Some(early)),
        (
            "another timestamp",
            with("/headers/webhook-timestamp", json!((time - 1).to_string())),
            Some(forged),
        ),
        ("another id", with("/headers/webhook-id", json!("another")), Some(forged)),
        ("another number", with("/body", json!(body.replace(NUMBER, "+12025550163"))), Some(forged)),
        ("a space more", with("/body", json!(format!("{body} "))), Some(forged)),
        (
            "another secret",
            with("/secret", json!("whsec_YW5vdGhlciBzZWNyZXQgb2YgYSB3ZWJob29r")),
            Some(forged),
        ),
    ] {
        let said = ask(&mut verifier, &message);
        match rejected {
            None => assert_eq!(said["accepted"], got.json(), "{what}: {said}"),
            Some(why) => {
                assert!(said["rejected"].as_str().is_some_and(|said| said.contains(why)), "{what}: {said}");
            }
        }
    }
}

/// Runs a verifier on a message. Returns its result.
fn ask(verifier: &mut Command, message: &Value) -> Value {
    let piped = verifier.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = piped.spawn().unwrap_or_else(|error| panic!("{piped:?}: {error}"));
    write!(child.stdin.take().unwrap(), "{message}").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{verifier:?} failed");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn folder(language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/webhook").join(language)
}

fn environment(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}
