//! Tests that the files in `data/` are generated from the metadata, byte for byte. A newer crate
//! `phonenumber` shows here as a readable difference; `cargo run -p countersign-numbering` applies
//! it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use countersign_numbering::{
    files::{self, DataFile},
    metadata::Metadata,
};

fn of_crate() -> Metadata {
    Metadata::of_crate().unwrap()
}

#[test]
fn data_is_up_to_date() {
    for file in files::data_files(&of_crate()).unwrap() {
        let difference = file.difference().unwrap();
        assert_eq!(
            difference, None,
            "{} differs; cargo run -p countersign-numbering regenerates it",
            file.name
        );
    }
}

/// The crate's metadata is generated from libphonenumber's file, which it also contains.
#[test]
fn libphonenumbers_own_file_generates_the_same_bytes() {
    let xml = folder_of_phonenumber().join("assets/PhoneNumberMetadata.xml");
    let metadata = Metadata::of_xml(&xml, &of_crate().version).unwrap();
    let by_name = |files: Vec<DataFile>| files.into_iter().map(|file| (file.name, file.text));
    let expected = by_name(files::data_files(&of_crate()).unwrap());
    for (found, expected) in by_name(files::data_files(&metadata).unwrap()).zip(expected) {
        assert!(found == expected, "{} differs", expected.0);
    }
}

/// Each calling code appears once, with its main region or none, in the order of E.164 texts.
#[test]
fn calling_codes_are_sorted_as_text() {
    let files = files::data_files(&of_crate()).unwrap();
    let codes = files.iter().find(|file| file.name == "data/calling_codes.csv").unwrap();
    let rows: Vec<_> = codes.text.lines().skip(1).map(|row| row.split_once(',').unwrap()).collect();
    assert_eq!(rows.len(), 215);
    assert!(rows.is_sorted_by(|(a, _), (b, _)| a < b));
    let nowhere: Vec<_> =
        rows.iter().filter(|(_, region)| region.is_empty()).map(|(code, _)| *code).collect();
    assert_eq!(nowhere, ["800", "808", "870", "878", "881", "882", "883", "888", "979"]);
}

#[test]
fn rejects_malformed_files_and_versions() {
    let territory = |inside: &str| {
        format!(
            "<phoneNumberMetadata><territories><territory id=\"AD\" countryCode=\"376\">{inside}</territory>\
             </territories></phoneNumberMetadata>"
        )
    };
    let cases = [
        ("none", String::new(), "not libphonenumber's PhoneNumberMetadata.xml: metadata: unhandled event"),
        (
            "page",
            "<html><body>404</body></html>".into(),
            "not libphonenumber's PhoneNumberMetadata.xml: metadata: unhandled event",
        ),
        (
            "cut",
            "<phoneNumberMetadata><territories>".into(),
            "not libphonenumber's PhoneNumberMetadata.xml: unexpected end of file",
        ),
        (
            "empty",
            "<phoneNumberMetadata></phoneNumberMetadata>".into(),
            "not libphonenumber's PhoneNumberMetadata.xml: no territories",
        ),
        ("panic", territory("<generalDesc></generalDesc>"), "malformed: a territory lacks a required part"),
        (
            "pattern",
            territory("<generalDesc><nationalNumberPattern>1+</nationalNumberPattern></generalDesc>"),
            "metadata of AD (+376), general description, pattern \"1+\", ",
        ),
    ];
    for (name, text, problem) in cases {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.xml"));
        fs::write(&path, text).unwrap();
        let error = Metadata::of_xml(&path, "9.0.34").unwrap_err().to_string();
        assert!(error.starts_with(&format!("{}: {problem}", path.display())), "{error}");
    }
    let error = Metadata::of_xml("no.xml".as_ref(), "9.0.34").unwrap_err().to_string();
    assert!(error.starts_with("no.xml: "), "{error}");
    for version in ["", "9", "v9.0.34", "9.0.34-rc", "9..1"] {
        let error = Metadata::of_xml("no.xml".as_ref(), version).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("no.xml: version {version:?} is not of the form 9.0.33; take it from the release")
        );
    }
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
