//! The plan before a refresh.

use std::{fs, path::Path, process::Command};

use crate::{
    error::Error,
    refresh::commands::output,
    workspace::{in_workspace, write},
};

/// Copies the plan of the last commit to a folder, to compare it with the next one. The plan in
/// `data/` may already be the next one, after a refresh that failed.
pub(super) fn keep(folder: &str) -> Result<(), Error> {
    fs::create_dir_all(in_workspace(folder)).map_err(|cause| Error::File { file: folder.into(), cause })?;
    for name in ["numbering_plan.csv", "metadata_version.txt", "metadata_date.txt"] {
        let text = committed(&in_workspace("."), &format!("data/{name}"))?;
        write(&format!("{folder}/{name}"), &text)?;
    }
    Ok(())
}

/// Returns the text of a file in the last commit.
fn committed(root: &Path, name: &str) -> Result<String, Error> {
    output(Command::new("git").arg("-C").arg(root).arg("show").arg(format!("HEAD:./{name}")))
}

#[cfg(test)]
mod tests {
    use std::{env, fs, process};

    use super::*;

    #[test]
    fn takes_the_plan_of_the_last_commit() {
        let root = env::temp_dir().join(format!("countersign-former-{}", process::id()));
        fs::create_dir_all(root.join("data")).unwrap();
        let file = root.join("data/metadata_version.txt");
        fs::write(&file, "9.0.33\n").unwrap();
        let git = |arguments: &[&str]| {
            let settings = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
            let mut command = Command::new("git");
            output(command.arg("-C").arg(&root).args(settings).args(arguments)).unwrap()
        };
        git(&["init", "-q"]);
        git(&["add", "."]);
        git(&["commit", "-q", "-m", "plan"]);
        // As a refresh leaves it whose agreement failed.
        fs::write(&file, "9.0.43\n").unwrap();
        let former = committed(&root, "data/metadata_version.txt");
        let missing = committed(&root, "data/none.txt");
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(former.unwrap(), "9.0.33\n");
        assert!(missing.is_err());
    }
}
