//! The commands that a refresh runs.

use std::{
    env,
    ffi::OsStr,
    path::PathBuf,
    process::{Command, Stdio},
};

use crate::{
    error::Error,
    workspace::{in_workspace, write},
};

/// A script in the tree, and its arguments.
type Script = (&'static str, &'static [&'static str]);

/// The comparisons with libphonenumber: regions and kinds, formats, and text fields.
const AGREEMENT: [Script; 3] =
    [("agreement/compare.py", &[]), ("agreement/formats.py", &[]), ("agreement/formats.py", &["--typed"])];

/// What writes libphonenumber's answers to `tests/data/`.
const REPLAYED: [Script; 3] = [
    ("agreement/compare.py", &["--write-expected"]),
    ("agreement/formats.py", &["--write-expected"]),
    ("agreement/national.py", &[]),
];

/// The Python package `phonenumbers` of one version, unpacked in a folder.
#[derive(Debug)]
pub(super) struct Python {
    folder: PathBuf,
}

impl Python {
    /// Downloads the package, of a version or `newest`, unless it is there already.
    pub(super) fn fetch(version: &str, work: &str) -> Result<Self, Error> {
        let folder = in_workspace(work).join("phonenumbers");
        let mut command = Command::new("python3");
        command.arg("tools/numbering/fetch/fetch.py").arg(version).arg(&folder);
        let printed = output(&mut command)?;
        Ok(Self { folder: folder.join(printed.lines().last().unwrap_or_default()) })
    }

    /// Returns the path of the package's metadata, as XML.
    pub(super) fn metadata(&self) -> PathBuf {
        self.folder.join("PhoneNumberMetadata.xml")
    }

    /// Compares countersign with libphonenumber, and returns the results, a line each.
    pub(super) fn agreement(&self) -> Result<Vec<String>, Error> {
        let mut results = Vec::new();
        for (script, arguments) in AGREEMENT {
            let printed = output(&mut self.script(script, arguments))?;
            print!("{printed}");
            let is_result = |line: &&str| line.ends_with(" differences");
            results.extend(printed.lines().filter(is_result).map(str::to_owned));
        }
        Ok(results)
    }

    /// Regenerates libphonenumber's answers that tests replay.
    pub(super) fn replay_files(&self) -> Result<(), Error> {
        for (script, arguments) in REPLAYED {
            print!("{}", output(&mut self.script(script, arguments))?);
        }
        let folder = "tools/numbering/tests/data";
        let examples = output(&mut self.script(&format!("{folder}/make_example_numbers.py"), &[]))?;
        write(&format!("{folder}/example_numbers.csv"), &examples)
    }

    /// A script that imports the package.
    fn script(&self, script: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new("python3");
        command.arg(script).args(arguments).env("PYTHONPATH", &self.folder);
        command
    }
}

/// Prints what changed between a former plan and that in `data/`.
pub(super) fn plan_diff(former: &str) -> Result<(), Error> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    // The profile of the agreement, which has built the command already.
    command.args(["run", "-q", "--release", "-p", "countersign-cli", "--", "plan", "diff"]);
    command.args([former, "data"]);
    print!("{}", output(&mut command)?);
    Ok(())
}

/// Runs a command at the root of the workspace, and returns what it printed. Its errors and its
/// progress are shown.
pub(super) fn output(command: &mut Command) -> Result<String, Error> {
    let shown = || {
        let arguments = command.get_args().map(OsStr::to_string_lossy);
        let words: Vec<_> = [command.get_program().to_string_lossy()].into_iter().chain(arguments).collect();
        words.join(" ")
    };
    let shown = shown();
    let failed = |problem: String| Error::Command { command: shown.clone(), problem };
    let run = command.current_dir(in_workspace(".")).stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = run.output().map_err(|cause| failed(format!("cannot be run: {cause}")))?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(printed);
    }
    print!("{printed}");
    Err(failed(format!("failed ({})", output.status)))
}
