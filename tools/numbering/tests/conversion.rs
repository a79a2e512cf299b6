//! Tests that metadata keeps its meaning in the form of the tree: from the Python package
//! `phonenumbers`, and from libphonenumber's own file.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use countersign_numbering::{
    files,
    metadata::{IN_TREE, Metadata},
    release::Release,
    source::Source,
    xml,
};
use phonenumber::metadata::DATABASE;

/// Twelve territories of `phonenumbers` 9.0.33, the version whose file the crate `phonenumber`
/// contains. `python3 tools/numbering/fetch/to_xml.py` wrote it, see its documentation.
const OF_PYTHON: &str = include_str!("data/phonenumbers_9.0.33.xml");

/// libphonenumber's own file of version 9.0.33, from the crate `phonenumber`.
fn official() -> Source {
    let release = Release { version: "9.0.33".parse().unwrap(), date: "2026-06-22".parse().unwrap() };
    Source::read(&folder_of_phonenumber().join("assets/PhoneNumberMetadata.xml"), Some(release)).unwrap()
}

fn parsed(text: &str) -> Source {
    Source::parse("test.xml".as_ref(), text, None).unwrap()
}

#[test]
fn the_tree_has_the_form_that_the_tool_writes() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(IN_TREE)).unwrap();
    assert!(xml::text(&parsed(&text)) == text, "{IN_TREE} is not as the tool would write it");
}

/// The package contains what libphonenumber's build makes of its file. Both give the same text:
/// numbers, prefixes and formats.
#[test]
fn the_python_package_means_the_same_as_libphonenumbers_own_file() {
    let python = parsed(OF_PYTHON);
    let mut official = official();
    let ids: Vec<_> = python.territories.iter().map(|territory| territory.id.clone()).collect();
    official.territories.retain(|territory| ids.contains(&territory.id));
    assert_eq!(official.territories.len(), python.territories.len());
    for (python, official) in
        xml::text(&python).split("</territory>").zip(xml::text(&official).split("</territory>"))
    {
        assert_eq!(python, official);
    }
}

#[test]
fn libphonenumbers_own_file_keeps_its_meaning() {
    let official = official();
    let text = xml::text(&official);
    let read_back = parsed(&text);
    assert!(xml::text(&read_back) == text);
    let data = |source: &Source| files::data_files(&Metadata::new(source).unwrap()).unwrap();
    assert_eq!(data(&official), data(&read_back));
}

/// The crate's metadata is generated from libphonenumber's file, which it also contains.
#[test]
fn libphonenumbers_own_file_generates_what_the_crate_contains() {
    let mut of_crate = official();
    let of_file = files::data_files(&Metadata::new(&of_crate).unwrap()).unwrap();
    of_crate.database = DATABASE.clone();
    assert_eq!(files::data_files(&Metadata::new(&of_crate).unwrap()).unwrap(), of_file);
}

/// Returns the directory of the source of the crate `phonenumber`.
fn folder_of_phonenumber() -> PathBuf {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let cargo = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--manifest-path", manifest])
        .output()
        .unwrap();
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&cargo.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let phonenumber = packages.iter().find(|package| package["name"] == "phonenumber").unwrap();
    Path::new(phonenumber["manifest_path"].as_str().unwrap()).parent().unwrap().into()
}
