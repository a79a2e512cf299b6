//! The suites of the other two SDKs, the Python one on each engine. What they need is installed
//! into the target folder, once for each list of versions.

use std::io::{Write, stderr};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use countersign_engines::{Postgres, Redis};
use countersign_server_tests::languages;

#[test]
fn python_on_memory() {
    python("Python SDK on memory", &[]);
}

#[test]
fn python_on_redis() {
    let redis = Redis::start_with(&[]).unwrap();
    python("Python SDK on Redis", &["--redis", &redis.url()]);
}

#[test]
fn python_on_postgresql() {
    let postgres = Postgres::start_with(&["fsync=off"]).unwrap();
    python("Python SDK on PostgreSQL", &["--postgres", &postgres.url()]);
}

/// Python with the SDK.
static PYTHON: LazyLock<PathBuf> =
    LazyLock::new(|| languages::python(&folder("python"), &environment("sdk-python")));

/// On servers that share an engine, with a project each.
fn python(name: &str, engine: &[&str]) {
    // The SDK calls what its own libraries deprecate.
    let arguments = ["-B", "-W", "ignore::DeprecationWarning", "-m", "unittest"];
    let mut command = Command::new(&*PYTHON);
    command.args(arguments).current_dir(folder("python")).env("COUNTERSIGN_ENGINE", engine.join(" "));
    let output = suite_of(&mut command);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    report(name, &output, &said, |line| line.starts_with("Ran ") || line.starts_with("OK"));
}

#[test]
fn node() {
    let mut command = languages::node(&folder("node"), &environment("sdk-node"));
    let output = suite_of(command.args(["--test", "--test-reporter=tap"]));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    report("Node SDK on memory", &output, &said, |line| {
        ["# tests ", "# pass ", "# fail "].iter().any(|count| line.starts_with(count))
    });
}

fn folder(language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk").join(language)
}

fn environment(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// Runs the suite, which starts servers of this build.
fn suite_of(command: &mut Command) -> Output {
    let command = command.env("COUNTERSIGN_SERVER", env!("CARGO_BIN_EXE_countersign-server"));
    command.env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1");
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// Shows the suite's own summary, whether or not cargo shows what tests print, and all of it if it
/// failed.
#[allow(clippy::explicit_write, reason = "of a test that passes, eprintln! is not shown")]
fn report(name: &str, output: &Output, said: &str, is_summary: impl Fn(&str) -> bool) {
    assert!(output.status.success(), "{name}: the suite failed\n{said}");
    let summary: Vec<&str> = said.lines().filter(|line| is_summary(line)).collect();
    assert!(!summary.is_empty(), "{name}: the suite ended without a summary\n{said}");
    writeln!(stderr(), "{name}: {}", summary.join(", ")).unwrap();
}
