//! Runs the commands of the README's section on toll fraud as written, but for the address.

use std::path::Path;
use std::process::Command;

use countersign_engines::Redis;
use countersign_server_tests::Server;

/// The blocks of commands: files, start, import, monitor, enforce, override.
fn blocks() -> [String; 6] {
    let readme = include_str!("../../README.md");
    let section = readme.split("### Import, monitor a week, enforce\n").nth(1).unwrap();
    let section = section.split("\n### ").next().unwrap();
    let blocks = section.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned());
    blocks.collect::<Vec<_>>().try_into().unwrap()
}

/// Runs commands in a folder, and returns what they print.
fn run(commands: &str, folder: &Path) -> String {
    let output = Command::new("sh").args(["-ec", commands]).current_dir(folder).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{commands}{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// Starts the server by the README's command, with the files in a folder and maybe another engine.
fn start(command: &str, folder: &Path, engine: Option<&str>) -> Server {
    let options = command.trim().strip_prefix("cargo run -p countersign-server -- --dev --redis ").unwrap();
    let (_, options) = options.split_once(' ').unwrap();
    let path = |file: &str| folder.join(file).to_str().unwrap().to_owned();
    let options: Vec<_> = options
        .split(' ')
        .map(|option| if option.starts_with("--") { option.into() } else { path(option) })
        .collect();
    let engine = engine.map_or(vec![], |url| vec!["--redis", url]);
    Server::dev(&[&engine[..], &options.iter().map(String::as_str).collect::<Vec<_>>()].concat())
}

async fn follow_the_steps(engine: Option<&str>) {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let [files, command, import, monitor, enforce, overrule] = blocks();
    run(&files, folder);
    let at = |server: &Server, commands: &str| {
        let operator = import.lines().next().unwrap();
        format!("{operator}\n{commands}").replace("http://127.0.0.1:8080", &server.base)
    };

    let server = start(&command, folder, engine);
    let said = run(&at(&server, &import), folder);
    assert!(said.contains("\"done\":true") && said.contains("\"imported\":2"), "{said}");
    for at in 0..8 {
        server.login(&format!("+1202555{at}100")).await;
    }
    let said = run(&at(&server, &monitor), folder);
    let counted =
        "countersign_guard_refusals_total{outcome=\"monitored\",rule=\"block_10000\",region=\"US\"} 1";
    assert!(said.contains(counted), "{said}");
    assert!(said.contains("\"sent\":true") && said.contains("\"rule\":\"guard:block_10000\""), "{said}");

    run(&enforce, folder);
    let server = start(&command, folder, engine);
    if engine.is_none() {
        for at in 0..7 {
            server.login(&format!("+1202555{at}100")).await;
        }
    }
    let stranger = serde_json::json!({ "phone_number": "+12025558100" });
    let (status, _) = server.post("/v1/otps/sms/login_or_create", &stranger).await;
    assert_eq!(status.as_u16(), 429);
    let said = run(&at(&server, &overrule), folder);
    assert_eq!(said.matches("\"treatment\":\"allow\"").count(), 2, "{said}");
    assert_eq!(said.matches("\"status_code\":200").count(), 3, "{said}");
    server.login("+12025558100").await;
}

#[tokio::test]
async fn readme_steps_in_memory() {
    follow_the_steps(None).await;
}

#[tokio::test]
async fn readme_steps_on_redis() {
    let redis = Redis::start().unwrap();
    follow_the_steps(Some(&redis.url())).await;
}
