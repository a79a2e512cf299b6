//! The version that documents state.

use std::process::Command;

use crate::{
    error::Error,
    refresh::commands::output,
    release::Version,
    workspace::{read, write},
};

/// Documents about earlier versions, too.
const HISTORY: [&str; 2] = ["CHANGELOG.md", "docs/figures.md"];

/// Replaces the version in all documents of the tree, and returns the names of those that changed.
/// `tests/prose.rs` fails for documents that state another version than the plan's.
pub(super) fn update(version: &Version) -> Result<Vec<String>, Error> {
    let names = output(Command::new("git").args(["ls-files", "--", "*.md"]))?;
    let mut changed = Vec::new();
    for name in names.lines().filter(|name| !HISTORY.contains(name)) {
        let text = read(name)?;
        let new = with_version(&text, version);
        if new != text {
            write(name, &new)?;
            changed.push(name.to_owned());
        }
    }
    Ok(changed)
}

/// Replaces the versions that follow `phonenumbers==` or the word `metadata`.
fn with_version(text: &str, version: &Version) -> String {
    let mut new = String::with_capacity(text.len());
    let mut left = text;
    while let Some(start) = left.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = left.split_at(start);
        new.push_str(before);
        let end = from.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(from.len());
        let (number, after) = from.split_at(from[..end].trim_end_matches('.').len());
        let words = new.trim_end();
        let is_stated =
            new.ends_with("phonenumbers==") || words.len() < new.len() && words.ends_with("metadata");
        if is_stated && number.parse::<Version>().is_ok() {
            new.push_str(&version.to_string());
        } else {
            new.push_str(number);
        }
        left = after;
    }
    new + left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_stated_versions_only() {
        let version = "9.0.44".parse().unwrap();
        for (old, new) in [
            ("pip install phonenumbers==9.0.43", "pip install phonenumbers==9.0.44"),
            ("(`phonenumbers==9.0.43`)", "(`phonenumbers==9.0.44`)"),
            ("metadata 9.0.43, metadata\n9.0.9.", "metadata 9.0.44, metadata\n9.0.44."),
            ("metadata 10.0.0", "metadata 9.0.44"),
        ] {
            assert_eq!(with_version(old, &version), new);
        }
        for kept in [
            "",
            "refresh 9.0.43",
            "with 9.0.43: 5,355,897 numbers",
            "phonenumber (9.0.33), pyotp==2.12.0",
            "metadata9.0.43, metadata 9.0, metadata 2026-11-06, metadata (9.0.43)",
            "metadata 1.2.3.4 …",
        ] {
            assert_eq!(with_version(kept, &version), kept);
        }
    }
}
