//! Tests of the build script: the exact errors for invalid data, and reproducible output.
//!
//! Each test breaks one file in a copy of `data/`, and runs the code that `main.rs` runs.

mod numbering;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::tables::{self, FORMAT, Sources};

const UNSUPPORTED: &str = "region,label,published_code,published_prefix,effective,source,date,note\n";
const ALLOWLIST: &str = "channel,region,source,date,note\n";

/// A copy of `data/`.
struct Data(TempDir);

impl Data {
    fn new() -> Self {
        let copy = tempfile::tempdir().unwrap();
        for file in Sources::new(&ours(), with_format(|_| None)).unwrap().files() {
            fs::copy(file.path(), copy.path().join(file.path().file_name().unwrap())).unwrap();
        }
        Self(copy)
    }

    fn with(file: &str, content: impl AsRef<[u8]>) -> Self {
        let data = Self::new();
        data.write(file, content);
        data
    }

    fn write(&self, file: &str, content: impl AsRef<[u8]>) {
        fs::write(self.0.path().join(file), content).unwrap();
    }

    fn generate(&self) -> Result<String, Vec<String>> {
        generate(self.0.path(), None)
    }
}

fn ours() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../data")
}

fn generate(data: &Path, policy_dir: Option<OsString>) -> Result<String, Vec<String>> {
    generate_with(data, |variable| policy_dir.clone().filter(|_| variable == "COUNTERSIGN_POLICY_DIR"))
}

fn generate_with(data: &Path, value: impl Fn(&str) -> Option<OsString>) -> Result<String, Vec<String>> {
    Sources::new(data, with_format(value))
        .and_then(|sources| tables::generate(&sources))
        .map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

/// Returns an environment in which the feature `format` is on.
fn with_format(value: impl Fn(&str) -> Option<OsString>) -> impl Fn(&str) -> Option<OsString> {
    move |variable| if variable == FORMAT { Some("1".into()) } else { value(variable) }
}

/// Asserts the errors of the build if `file` has this content and all other files are valid.
#[track_caller]
fn assert_errors<const N: usize>(file: &str, content: impl AsRef<[u8]>, expected: [&str; N]) {
    assert_eq!(Data::with(file, content).generate().unwrap_err(), expected);
}

#[test]
fn same_data_generates_the_same_bytes() {
    let code = generate(&ours(), None).unwrap();
    assert_eq!(code, Data::new().generate().unwrap());
    assert_eq!(code, generate(&ours(), Some(ours().into())).unwrap());
}

#[test]
fn ignores_crlf_byte_order_marks_and_blank_lines() {
    let csv = fs::read_to_string(ours().join("regions.csv")).unwrap();
    let from_windows = format!("\u{feff}{}\r\n\r\n", csv.trim_end().replace('\n', "\r\n"));
    assert_eq!(Data::with("regions.csv", from_windows).generate(), generate(&ours(), None));
}

#[test]
fn counts_lines_as_editors_do() {
    let sorted = [r#"data/regions.csv:4: region "AA" comes after "AD"; sort the rows by region, as text"#];
    assert_errors("regions.csv", "region,name,note\r\nAD,Andorra,\r\n\r\nAA,Nowhere,\r\n", sorted);
    assert_errors("regions.csv", "\nregion,name,note\nAD,Andorra,\nAA,Nowhere,", sorted);
}

#[test]
fn rejects_malformed_sheets() {
    assert_errors(
        "regions.csv",
        "region,title,note\nAD\n",
        [r#"data/regions.csv:1: the header is "region,title,note"; it should be "region,name,note""#],
    );
    assert_errors(
        "regions.csv",
        "",
        [r#"data/regions.csv:1: the header is ""; it should be "region,name,note""#],
    );
    assert_errors(
        "regions.csv",
        "region,name,note\nAD,Andorra\nAE,Emirates, United Arab,\nAF\n",
        [
            "data/regions.csv:2: 2 fields but the header has 3; write all columns, including empty ones, and quote fields that contain a comma",
            "data/regions.csv:3: 4 fields but the header has 3; write all columns, including empty ones, and quote fields that contain a comma",
            "data/regions.csv:4: 1 field but the header has 3; write all columns, including empty ones, and quote fields that contain a comma",
        ],
    );
    assert_errors(
        "regions.csv",
        b"region,name,note\nAX,\xc5land Islands,\n",
        ["data/regions.csv:2: field 2 is not UTF-8; save the file as UTF-8"],
    );
    assert_errors(
        "regions.csv",
        "region,name,note\nAD,Andorra,\"\nAE,United Arab Emirates,\n",
        [
            "data/regions.csv:2: field 3 contains a line break or another control character; remove it, or close the open quote",
        ],
    );
}

#[test]
fn rejects_missing_files() {
    let data = Data::new();
    fs::remove_file(data.0.path().join("sms_unsupported.csv")).unwrap();
    fs::remove_file(data.0.path().join("calling_codes.csv")).unwrap();
    fs::remove_file(data.0.path().join("metadata_version.txt")).unwrap();
    assert_eq!(
        data.generate().unwrap_err(),
        [
            "data/sms_unsupported.csv: the file is missing; restore it: the build needs all files that data/README.md names",
            "data/calling_codes.csv: the file is missing; restore it: the build needs all files that data/README.md names",
            "data/metadata_version.txt: the file is missing; restore it: the build needs all files that data/README.md names",
        ]
    );
}

#[test]
fn rejects_malformed_unsorted_and_unnamed_regions() {
    assert_errors(
        "regions.csv",
        "region,name,note\nad,Andorra,\nAE,,\nAD,Andorra,\nAE,Emirates,\nAFG,Afghanistan,\n",
        [
            r#"data/regions.csv:2: region "ad" is not an ISO 3166-1 alpha-2 code; write two capital letters, such as US"#,
            r#"data/regions.csv:3: region "AE" comes after "ad"; sort the rows by region, as text"#,
            r#"data/regions.csv:3: region "AE" has no name; write its common English name"#,
            r#"data/regions.csv:4: region "AD" comes after "AE"; sort the rows by region, as text"#,
            r#"data/regions.csv:5: region "AE" is already on line 3; keep one of the two rows"#,
            r#"data/regions.csv:6: region "AFG" is not an ISO 3166-1 alpha-2 code; write two capital letters, such as US"#,
        ],
    );
}

#[test]
fn rejects_more_than_254_regions() {
    let codes = (b'A'..=b'Z').flat_map(|a| (b'A'..=b'Z').map(move |b| [char::from(a), char::from(b)]));
    let rows: String = codes.take(255).map(|[a, b]| format!("{a}{b},Somewhere,\n")).collect();
    assert_errors(
        "regions.csv",
        format!("region,name,note\n{rows}"),
        [
            "data/regions.csv:256: there are more than 254 regions; widen the region labels in the tables first",
        ],
    );
}

#[test]
fn rejects_unknown_unsorted_and_misdated_unsupported_countries() {
    for file in ["sms_unsupported.csv", "whatsapp_unsupported.csv", "sms_unsupported_older.csv"] {
        let rows =
            "AF,,,,,,,\nZZ,,,,,,,\nAF,,,,,,,\nB,,,,,,,\nAL,,,,2025-7-9,,20 Nov 2026,\nAM,,,,2025-13-01,,,\n";
        let expected = [
            r#"3: region "ZZ" is not in data/regions.csv; add it there or correct the row"#,
            r#"4: region "AF" is already on line 2; keep one of the two rows"#,
            r#"5: region "B" is not an ISO 3166-1 alpha-2 code; write two capital letters, such as US"#,
            r#"6: region "AL" comes after "B"; sort the rows by region, as text"#,
            r#"6: effective "2025-7-9" is not a date; write it as YYYY-MM-DD, or leave it empty"#,
            r#"6: date "20 Nov 2026" is not a date; write it as YYYY-MM-DD, or leave it empty"#,
            r#"7: effective "2025-13-01" is not a date; write it as YYYY-MM-DD, or leave it empty"#,
        ];
        let expected = expected.map(|error| format!("data/{file}:{error}"));
        let expected = expected.each_ref().map(String::as_str);
        assert_errors(file, format!("{UNSUPPORTED}{rows}"), expected);
    }
}

#[test]
fn rejects_unknown_channels_and_unsupported_countries_in_the_allowlist() {
    let data = Data::with("default_allowlist.csv", format!("{ALLOWLIST}email,US,,,\nsms,AF,,,\nsms,ZZ,,,\n"));
    data.write("sms_unsupported.csv", format!("{UNSUPPORTED}AD,,,,,,,\nAF,,,,,,,\n"));
    assert_eq!(
        data.generate().unwrap_err(),
        [
            r#"data/default_allowlist.csv:2: channel "email" is unknown; write sms or whatsapp"#,
            r#"data/default_allowlist.csv:3: region "AF" is unsupported on sms (data/sms_unsupported.csv:3); remove one of the two rows"#,
            r#"data/default_allowlist.csv:4: region "ZZ" is not in data/regions.csv; add it there or correct the row"#,
        ]
    );
    assert_errors(
        "default_allowlist.csv",
        format!("{ALLOWLIST}whatsapp,US,,,\nsms,US,,,\nsms,US,,,\n"),
        [
            r#"data/default_allowlist.csv:3: channel,region "sms,US" comes after "whatsapp,US"; sort the rows by channel,region, as text"#,
            r#"data/default_allowlist.csv:4: channel,region "sms,US" is already on line 3; keep one of the two rows"#,
        ],
    );
    assert_errors(
        "default_allowlist.csv",
        format!("{ALLOWLIST}sms,US,,,\n"),
        [
            "data/default_allowlist.csv: the allowlist of whatsapp is empty; it would deny everyone: add a row such as \"whatsapp,US,,,\"",
        ],
    );
}

#[test]
fn policy_directory_replaces_only_the_policy_tables() {
    let policy = tempfile::tempdir().unwrap();
    fs::write(policy.path().join("sms_unsupported.csv"), UNSUPPORTED).unwrap();
    fs::write(policy.path().join("whatsapp_unsupported.csv"), format!("{UNSUPPORTED}AC,,,,,,,\n")).unwrap();
    fs::write(policy.path().join("default_allowlist.csv"), format!("{ALLOWLIST}sms,AD,,,\nwhatsapp,AE,,,\n"))
        .unwrap();

    let code = generate(&ours(), Some(policy.path().into())).unwrap();

    // AC, AD and AE are the regions 0, 1 and 2.
    for (set, first_word) in [
        ("SMS_UNSUPPORTED", 0b000),
        ("WHATSAPP_UNSUPPORTED", 0b001),
        ("SMS_DEFAULT_ALLOWED", 0b010),
        ("WHATSAPP_DEFAULT_ALLOWED", 0b100),
    ] {
        let zero = format!("{:#018x}", 0);
        let expected = format!("const {set}: [u64; 4] = [{first_word:#018x}, {zero}, {zero}, {zero}];");
        assert!(code.contains(&expected), "{expected}");
    }
    let without_sets = |code: &str| -> Vec<String> {
        let replaced = |line: &&str| line.contains("[u64; 4]") && !line.contains("SMS_UNSUPPORTED_OLDER");
        code.lines().filter(|line| !replaced(line)).map(str::to_owned).collect()
    };
    assert_eq!(without_sets(&code), without_sets(&generate(&ours(), None).unwrap()));
}

/// A service can build with a newer plan before there is a release.
#[test]
fn a_data_directory_replaces_only_the_numbering_plan() {
    let folder = tempfile::tempdir().unwrap();
    let value = |variable: &str| (variable == "COUNTERSIGN_DATA_DIR").then(|| folder.path().into());
    let plan = [
        "regions.csv",
        "calling_codes.csv",
        "numbering_plan.csv",
        "national_prefixes.csv",
        "metadata_version.txt",
        "metadata_date.txt",
        "formats.csv",
        "examples.csv",
    ];
    for file in plan {
        fs::copy(ours().join(file), folder.path().join(file)).unwrap();
    }
    let before = generate(&ours(), None).unwrap();
    assert_eq!(generate_with(&ours(), value).unwrap(), before);

    let version = fs::read_to_string(folder.path().join("metadata_version.txt")).unwrap();
    fs::write(folder.path().join("metadata_version.txt"), "99.0.1\n").unwrap();
    let date = fs::read_to_string(folder.path().join("metadata_date.txt")).unwrap();
    fs::write(folder.path().join("metadata_date.txt"), "2099-12-31\n").unwrap();
    let expected = before.replace(version.trim(), "99.0.1").replace(date.trim(), "2099-12-31");
    assert_eq!(generate_with(&ours(), value).unwrap(), expected);

    fs::remove_file(folder.path().join("numbering_plan.csv")).unwrap();
    let shown = folder.path().display();
    let expected = format!(
        "{shown}/numbering_plan.csv: the file is missing; a data directory contains regions.csv, calling_codes.csv, \
         numbering_plan.csv, national_prefixes.csv, metadata_version.txt, metadata_date.txt and, for the feature format, \
         formats.csv and examples.csv: take all of them from one run of the numbering tool"
    );
    assert_eq!(generate_with(&ours(), value).unwrap_err(), [expected]);

    let relative =
        generate_with(&ours(), |variable| (variable == "COUNTERSIGN_DATA_DIR").then(|| "plan".into()));
    assert!(relative.unwrap_err()[0].starts_with("COUNTERSIGN_DATA_DIR: \"plan\" is not an absolute path"));
}

/// Without the feature `format`, its files are not needed and its tables are not generated.
#[test]
fn tables_of_formats_belong_to_a_feature() {
    let data = Data::new();
    let with_formats = data.generate().unwrap();
    assert!(with_formats.contains("static FORMATS:") && with_formats.contains("static EXAMPLES:"));
    fs::remove_file(data.0.path().join("formats.csv")).unwrap();
    fs::remove_file(data.0.path().join("examples.csv")).unwrap();
    let without = tables::generate(&Sources::new(data.0.path(), |_| None).unwrap()).unwrap_or_default();
    assert!(with_formats.starts_with(without.trim_end()) && !without.contains("FORMAT"));
    assert_eq!(data.generate().unwrap_err().len(), 2);
}

#[test]
fn rejects_malformed_examples() {
    assert_errors(
        "examples.csv",
        "region,type,number\nAD,PHONE,376712345\nAD,MOBILE,376712345\nZZ,MOBILE,376712345\nAE,MOBILE,+971501234567\n\
         AE,PAGER,999501234567\nAE,VOIP,971501\nAE,VOIP,971501000\n",
        [
            r#"data/examples.csv:2: type "PHONE" is unknown; write a type of data/numbering_plan.csv, such as MOBILE"#,
            r#"data/examples.csv:3: region,type "AD,MOBILE" comes after "AD,PHONE"; sort the rows by region,type, as text"#,
            r#"data/examples.csv:4: region "ZZ" is not in data/regions.csv; add it there or correct the row"#,
            r#"data/examples.csv:5: region,type "AE,MOBILE" comes after "ZZ,MOBILE"; sort the rows by region,type, as text"#,
            r#"data/examples.csv:5: number "+971501234567" is not an E.164 number; write an assigned calling code, and 7 to 15 digits in all"#,
            r#"data/examples.csv:6: number "999501234567" is not an E.164 number; write an assigned calling code, and 7 to 15 digits in all"#,
            r#"data/examples.csv:7: number "971501" is not an E.164 number; write an assigned calling code, and 7 to 15 digits in all"#,
            r#"data/examples.csv:8: region,type "AE,VOIP" is already on line 7; keep one of the two rows"#,
        ],
    );
}

#[test]
fn rejects_relative_and_incomplete_policy_directories() {
    for given in ["policy", ""] {
        let expected = format!(
            "COUNTERSIGN_POLICY_DIR: {given:?} is not an absolute path; set one, or unset the variable: a build script \
             runs in the directory of this crate, so a relative path would not start in yours"
        );
        assert_eq!(generate(&ours(), Some(given.into())).unwrap_err(), [expected]);
    }

    let policy = tempfile::tempdir().unwrap();
    fs::write(policy.path().join("sms_unsupported.csv"), format!("{UNSUPPORTED}XX,,,,,,,\n")).unwrap();
    let shown = policy.path().display();
    assert_eq!(
        generate(&ours(), Some(policy.path().into())).unwrap_err(),
        [
            format!(
                "{shown}/sms_unsupported.csv:2: region \"XX\" is not in data/regions.csv; add it there or correct the row"
            ),
            format!(
                "{shown}/whatsapp_unsupported.csv: the file is missing; a policy directory contains sms_unsupported.csv, \
                 whatsapp_unsupported.csv and default_allowlist.csv: copy those that you do not change from this crate's data/"
            ),
        ]
    );
}
