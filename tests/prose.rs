//! The version of libphonenumber's metadata that documents state is that of the plan.

use std::fs;
use std::path::{Path, PathBuf};

use countersign::number::METADATA_VERSION;

/// Documents about earlier versions, too.
const HISTORY: [&str; 2] = ["CHANGELOG.md", "docs/figures.md"];

/// If this fails, the plan was refreshed in part: `cargo run -p countersign-numbering -- refresh`
/// replaces the version in documents, too.
#[test]
fn documents_state_the_version_of_the_plan() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut seen = 0;
    for file in documents(&root) {
        let name = file.strip_prefix(&root).unwrap();
        if HISTORY.iter().any(|history| name == Path::new(history)) {
            continue;
        }
        for version in stated_versions(&fs::read_to_string(&file).unwrap()) {
            assert_eq!(version, METADATA_VERSION, "{}", name.display());
            seen += 1;
        }
    }
    // Those of README.md in data/ and agreement/, docs/agreement.md and CONTRIBUTING.md.
    assert!(seen >= 5, "{seen}");
}

#[test]
fn finds_stated_versions() {
    let text = "phonenumbers==9.0.43`, metadata 9.0.33, of (metadata\n10.1.2). Metadata of 2026, pyotp==2.12.0, \
                metadata 9.0, phonenumbers 9.0.1";
    assert_eq!(stated_versions(text), ["9.0.43", "9.0.33", "10.1.2"]);
}

/// Returns the Markdown files in a folder, but not those that other tools put there.
fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy();
        if name.starts_with('.') || name == "target" || name == "node_modules" {
            continue;
        }
        if path.is_dir() {
            files.extend(documents(&path));
        } else if name.ends_with(".md") {
            files.push(path);
        }
    }
    files
}

/// Returns the versions after `phonenumbers==` and after the word `metadata`.
fn stated_versions(text: &str) -> Vec<&str> {
    let after =
        |marker: &'static str| text.match_indices(marker).map(move |(at, _)| &text[at + marker.len()..]);
    after("phonenumbers==")
        .chain(after("metadata").filter(|rest| rest.starts_with(char::is_whitespace)).map(str::trim_start))
        .map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            rest[..end].trim_end_matches('.')
        })
        .filter(|version| version.split('.').filter(|part| part.parse::<u32>().is_ok()).count() == 3)
        .collect()
}
