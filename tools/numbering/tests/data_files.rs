//! Tests that the files in `data/` are generated from the metadata in the tree, byte for byte, and
//! that malformed metadata is rejected.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path};

use countersign_numbering::{files, metadata::Metadata, release::Release};

fn in_tree() -> Metadata {
    Metadata::in_tree().unwrap()
}

#[test]
fn data_is_up_to_date() {
    for file in files::data_files(&in_tree()).unwrap() {
        let difference = file.difference().unwrap();
        assert_eq!(
            difference, None,
            "{} differs; cargo run -p countersign-numbering regenerates it",
            file.name
        );
    }
}

#[test]
fn the_corpus_of_the_benches_is_up_to_date() {
    for file in files::corpus(&in_tree()).unwrap() {
        let is_same = file.difference().unwrap().is_none();
        assert!(is_same, "cargo run -p countersign-numbering regenerates {}", file.name);
    }
}

/// Each calling code appears once, with its main region or none, in the order of E.164 texts.
#[test]
fn calling_codes_are_sorted_as_text() {
    let files = files::data_files(&in_tree()).unwrap();
    let codes = files.iter().find(|file| file.name == "data/calling_codes.csv").unwrap();
    let rows: Vec<_> = codes.text.lines().skip(1).map(|row| row.split_once(',').unwrap()).collect();
    assert_eq!(rows.len(), 215);
    assert!(rows.is_sorted_by(|(a, _), (b, _)| a < b));
    let nowhere: Vec<_> =
        rows.iter().filter(|(_, region)| region.is_empty()).map(|(code, _)| *code).collect();
    assert_eq!(nowhere, ["800", "808", "870", "878", "881", "882", "883", "888", "979"]);
}

#[test]
fn rejects_malformed_files() {
    let territory = |inside: &str| {
        format!(
            "<phoneNumberMetadata><territories><territory id=\"AD\" countryCode=\"376\">{inside}</territory>\
             </territories></phoneNumberMetadata>"
        )
    };
    let general = "<generalDesc><nationalNumberPattern>1</nationalNumberPattern></generalDesc>";
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
        (
            "part",
            territory("<generalDesc></generalDesc>"),
            "not libphonenumber's PhoneNumberMetadata.xml: the generalDesc of territory \"AD\" has no pattern",
        ),
        (
            "panic",
            territory(&format!(
                "{general}<mobile><possibleLengths national=\"\"/>\
                 <nationalNumberPattern>1</nationalNumberPattern></mobile>"
            )),
            "not libphonenumber's PhoneNumberMetadata.xml: malformed",
        ),
        (
            "pattern",
            territory("<generalDesc><nationalNumberPattern>1+</nationalNumberPattern></generalDesc>"),
            "metadata of AD (+376), general description, pattern \"1+\", ",
        ),
    ];
    let release = || Release { version: "9.0.34".parse().unwrap(), date: "2026-07-06".parse().unwrap() };
    for (name, text, problem) in cases {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.xml"));
        fs::write(&path, text).unwrap();
        let error = Metadata::of_xml(&path, Some(release())).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{}: {problem}", path.display())), "{error}");
    }
    let error = Metadata::of_xml("no.xml".as_ref(), Some(release())).unwrap_err().to_string();
    assert!(error.starts_with("no.xml: "), "{error}");
}

#[test]
fn takes_the_release_from_the_file() {
    let release = |attributes: &str| {
        let text = format!(
            "<phoneNumberMetadata{attributes}><territories><territory id=\"AD\" countryCode=\"376\"><generalDesc>\
             <nationalNumberPattern>1</nationalNumberPattern></generalDesc></territory></territories>\
             </phoneNumberMetadata>"
        );
        let source = countersign_numbering::source::Source::parse("test.xml".as_ref(), &text, None);
        source.map(|source| source.release.to_string()).map_err(|error| error.to_string())
    };
    assert_eq!(release(" version=\"9.0.34\" date=\"2026-07-06\"").unwrap(), "9.0.34 (2026-07-06)");
    assert_eq!(
        release(" version=\"9.0\" date=\"2026-07-06\"").unwrap_err(),
        "test.xml: version \"9.0\" is not of the form 9.0.43; take it from the release"
    );
    let unknown = "test.xml: the file does not state its release; give it with --version and --date";
    assert_eq!(release("").unwrap_err(), unknown);
    assert_eq!(release(" version=\"9.0.34\"").unwrap_err(), unknown);
}
