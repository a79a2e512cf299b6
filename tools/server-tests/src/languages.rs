//! Python and Node environments, whose packages are installed once per list of versions.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const PYTHON: &str = "Python 3.10 or newer with venv and pip (Debian: python3-venv)";
const NODE: &str = "Node.js 20 or newer with npm (Debian: nodejs and npm)";

/// The file that records which versions are installed.
const INSTALLED: &str = "installed-versions";

/// Returns the Python of a virtual environment with the packages in the suite's `requirements.txt`.
pub fn python(suite: &Path, environment: &Path) -> PathBuf {
    let (python, requirements) = (environment.join("bin/python"), suite.join("requirements.txt"));
    installed(environment, &requirements, || {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(environment), PYTHON);
        let install = ["-m", "pip", "install", "--quiet", "-r"];
        run(Command::new(&python).args(install).arg(&requirements), PYTHON);
    });
    python
}

/// Copies a suite to this directory and returns a Node command that runs there, with the packages
/// in the suite's `package-lock.json`. Node searches for packages beside the importing file.
pub fn node(suite: &Path, environment: &Path) -> Command {
    fs::create_dir_all(environment).unwrap();
    for old in files(environment) {
        fs::remove_file(old).unwrap();
    }
    for file in files(suite) {
        fs::copy(&file, environment.join(file.file_name().unwrap())).unwrap();
    }
    installed(environment, &suite.join("package-lock.json"), || {
        let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
        run(Command::new("npm").args(arguments).current_dir(environment), NODE);
    });
    let mut node = Command::new("node");
    node.current_dir(environment);
    node
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_file() && !path.ends_with(INSTALLED)).collect()
}

/// Runs `install`, unless this list is already installed.
fn installed(environment: &Path, list: &Path, install: impl FnOnce()) {
    let (mark, wanted) = (environment.join(INSTALLED), fs::read(list).unwrap());
    if fs::read(&mark).is_ok_and(|done| done == wanted) {
        return;
    }
    install();
    fs::write(mark, wanted).unwrap();
}

fn run(command: &mut Command, needs: &str) {
    let Output { status, stdout, stderr } =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; requires {needs}"));
    let said = [stdout, stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(
        status.success(),
        "{command:?} failed; requires {needs}, and network access the first time\n{said}"
    );
}
