//! The Python and Node suites; the Python one runs on each engine. Their packages are installed
//! into the target directory, once per list of versions.

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

/// Runs the Python suite on servers that share an engine, with a project each.
fn python(name: &str, engine: &[&str]) {
    // The SDK uses deprecated parts of its dependencies.
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

/// Runs a suite, which starts servers from this build.
fn suite_of(command: &mut Command) -> Output {
    let command = command.env("COUNTERSIGN_SERVER", env!("CARGO_BIN_EXE_countersign-server"));
    command.env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1");
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// Prints the suite's summary even if cargo hides the output of passing tests. If the suite failed,
/// prints all of its output.
#[allow(clippy::explicit_write, reason = "cargo captures eprintln! in passing tests")]
fn report(name: &str, output: &Output, said: &str, is_summary: impl Fn(&str) -> bool) {
    assert!(output.status.success(), "{name}: the suite failed\n{said}");
    let summary: Vec<&str> = said.lines().filter(|line| is_summary(line)).collect();
    assert!(!summary.is_empty(), "{name}: the suite ended without a summary\n{said}");
    writeln!(stderr(), "{name}: {}", summary.join(", ")).unwrap();
}
