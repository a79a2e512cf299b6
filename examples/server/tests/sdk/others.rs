//! The suites of the other two SDKs, the Python one on each engine. What they need is installed into the target folder, once for each list
//! of versions.

use std::fs;
use std::io::{Write, stderr};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use countersign_engines::{Postgres, Redis};

const PYTHON: &str = "Python 3.10 or newer with venv and pip (Debian: python3-venv)";
const NODE: &str = "Node.js 20 or newer with npm (Debian: nodejs and npm)";

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
static PYTHON_INSTALLED: LazyLock<PathBuf> = LazyLock::new(|| {
    let suite = folder("python");
    let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sdk-python");
    let python = environment.join("bin/python");
    installed(&environment, &suite.join("requirements.txt"), || {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment), PYTHON);
        let requirements = suite.join("requirements.txt");
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "-r"]).arg(requirements), PYTHON);
    });
    python
});

/// On servers that share an engine, with a project each.
fn python(name: &str, engine: &[&str]) {
    // The SDK calls what its own libraries deprecate.
    let arguments = ["-B", "-W", "ignore::DeprecationWarning", "-m", "unittest"];
    let mut command = Command::new(&*PYTHON_INSTALLED);
    command.args(arguments).current_dir(folder("python")).env("COUNTERSIGN_ENGINE", engine.join(" "));
    let output = suite_of(&mut command, PYTHON);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    report(name, &output, &said, |line| line.starts_with("Ran ") || line.starts_with("OK"));
}

#[test]
fn node() {
    let suite = folder("node");
    let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sdk-node");
    fs::create_dir_all(&environment).unwrap();
    // Node looks for packages beside the files that ask for them.
    for old in files(&environment) {
        fs::remove_file(old).unwrap();
    }
    for file in files(&suite) {
        fs::copy(&file, environment.join(file.file_name().unwrap())).unwrap();
    }
    installed(&environment, &suite.join("package-lock.json"), || {
        let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
        run(Command::new("npm").args(arguments).current_dir(&environment), NODE);
    });
    let arguments = ["--test", "--test-reporter=tap"];
    let output = suite_of(Command::new("node").args(arguments).current_dir(&environment), NODE);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    report("Node SDK on memory", &output, &said, |line| {
        ["# tests ", "# pass ", "# fail "].iter().any(|count| line.starts_with(count))
    });
}

fn folder(language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk").join(language)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_file() && !path.ends_with(INSTALLED)).collect()
}

const INSTALLED: &str = "installed-versions";

/// Installs, unless it was done for this very list before.
fn installed(environment: &Path, list: &Path, install: impl FnOnce()) {
    let (mark, wanted) = (environment.join(INSTALLED), fs::read(list).unwrap());
    if fs::read(&mark).is_ok_and(|done| done == wanted) {
        return;
    }
    install();
    fs::write(mark, wanted).unwrap();
}

/// The suite, which starts servers of this build.
fn suite_of(command: &mut Command, needs: &str) -> Output {
    let command = command.env("COUNTERSIGN_SERVER", env!("CARGO_BIN_EXE_countersign-server"));
    command.env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1");
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; needed: {needs}"))
}

fn run(command: &mut Command, needs: &str) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; needed: {needs}"));
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{command:?} failed; needed: {needs}, and the network once\n{said}");
}

/// Shows the suite's own summary, whether or not cargo shows what tests print, and all of it if it failed.
#[allow(clippy::explicit_write, reason = "of a test that passes, eprintln! is not shown")]
fn report(name: &str, output: &Output, said: &str, is_summary: impl Fn(&str) -> bool) {
    assert!(output.status.success(), "{name}: the suite failed\n{said}");
    let summary: Vec<&str> = said.lines().filter(|line| is_summary(line)).collect();
    assert!(!summary.is_empty(), "{name}: the suite ended without a summary\n{said}");
    writeln!(stderr(), "{name}: {}", summary.join(", ")).unwrap();
}
