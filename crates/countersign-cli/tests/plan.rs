//! `countersign plan diff`: its counts, its output, and its errors.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::std_instead_of_alloc, reason = "a test, which always has the standard library")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const HEADER: &str = "calling_code,prefix,lengths,type,region\n";

/// Writes a plan, and returns its folder.
fn plan(name: &str, version: &str, rows: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("numbering_plan.csv"), format!("{HEADER}{rows}")).unwrap();
    fs::write(folder.join("metadata_version.txt"), format!("{version}\n")).unwrap();
    folder
}

fn diff(old: &Path, new: &Path, options: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["plan", "diff"])
        .args([old, new])
        .args(options)
        .output()
        .unwrap()
}

fn printed(output: Output) -> String {
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

const OLD: &str = "\
44,7[4-6],5,MOBILE,GB
44,7[4-6],6;8,MOBILE,GB
44,76x1,7,PAGER,GB
44,781,5,MOBILE,GG
44,9,4-5,PREMIUM_RATE,GB
800,x,4,TOLL_FREE,
";
const NEW: &str = "\
44,7[4-7],5,MOBILE,GB
44,7[45],6,MOBILE,GB
44,74,8,VOIP,GB
44,75,8,MOBILE,GB
44,76,7,PAGER,GB
44,78,5,MOBILE,JE
44,9[1-9],4-5,PREMIUM_RATE,GB
800,[1-8],4,TOLL_FREE,
";

#[test]
fn prints_a_table_with_totals() {
    let (old, new) = (plan("table-old", "9.0.33", OLD), plan("table-new", "9.0.43", NEW));
    let expected = "\
region     before      after  gained       lost  moved in  moved out   new kind
+800       10,000      8,000       0      2,000         0          0          0
GB      3,054,000  2,133,900  91,000  1,011,100         0          0  1,000,000
GG            100          0       0          0         0        100          0
JE              0      1,000     900          0       100          0          0
total   3,064,100  2,142,900  91,900  1,013,100       100        100  1,000,000
9.0.33 to 9.0.43: 91,900 gained, 1,013,100 lost, 1,000,100 reassigned of 3,064,100 numbers, in 4 regions
";
    let found = printed(diff(&old, &new, &[]));
    assert_eq!(found, expected, "{found}");
}

#[test]
fn equal_plans_have_no_rows() {
    let (old, new) = (plan("same-old", "9.0.33", OLD), plan("same-new", "9.0.33", OLD));
    let found = printed(diff(&old, &new, &["--format", "csv"]));
    assert_eq!(found, "region,before,after,gained,lost,moved_in,moved_out,new_kind\n");
    assert!(
        printed(diff(&old, &new, &[])).ends_with(
            "9.0.33 to 9.0.33: 0 gained, 0 lost, 0 reassigned of 3,064,100 numbers, in 0 regions\n"
        )
    );
}

/// Counts every number of the two plans one by one.
#[test]
fn counts_are_those_of_all_numbers_one_by_one() {
    // Rows of at most six digits in all, so that a million strings are all numbers.
    let old = "\
44,[1-3]x[02468],4,FIXED_LINE,GB
44,7,2-3,MOBILE,GB
44,71,4,MOBILE,IM
45,,4,MOBILE,DK
";
    let new = "\
44,[2-5]x[0-4],4,FIXED_LINE,GB
44,7[1-9],2,MOBILE,GB
44,7[1-9],3,MOBILE,IM
44,7,4,PAGER,IM
45,[0-8],4,MOBILE,DK
45,9,4,MOBILE,
";
    let mut expected: BTreeMap<String, [u64; 7]> = BTreeMap::new();
    for length in 1..=6_u32 {
        for number in 0..10_u64.pow(length) {
            let digits = format!("{number:0length$}", length = length as usize);
            let (before, after) = (label(old, &digits), label(new, &digits));
            let mut add = |place: &str, column: usize| expected.entry(place.into()).or_default()[column] += 1;
            before.iter().for_each(|(place, _)| add(place, 0));
            after.iter().for_each(|(place, _)| add(place, 1));
            match (before, after) {
                (None, Some((place, _))) => add(&place, 2),
                (Some((place, _)), None) => add(&place, 3),
                (Some((old, _)), Some((new, _))) if old != new => {
                    add(&new, 4);
                    add(&old, 5);
                }
                (Some((_, old)), Some((place, new))) if old != new => add(&place, 6),
                _ => {}
            }
        }
    }
    let rows: Vec<String> = expected
        .iter()
        .filter(|(_, counts)| counts[2..].iter().any(|&count| count > 0))
        .map(|(place, counts)| format!("{place},{}", counts.map(|count| count.to_string()).join(",")))
        .collect();
    assert_eq!(rows.len(), 4);
    let (old, new) = (plan("all-old", "1.0.0", old), plan("all-new", "1.0.1", new));
    let found = printed(diff(&old, &new, &["--format", "csv"]));
    assert_eq!(found.lines().skip(1).collect::<Vec<_>>(), rows);
}

/// Returns the place and kind of a number, by the first row that matches its digits.
fn label(rows: &str, digits: &str) -> Option<(String, String)> {
    rows.lines().find_map(|row| {
        let fields: Vec<&str> = row.split(',').collect();
        let [code, prefix, lengths, kind, region] = fields[..] else { panic!("{row}") };
        let national = digits.strip_prefix(code)?;
        let (first, last) = lengths.split_once('-').unwrap_or((lengths, lengths));
        let fits = (first.parse().unwrap()..=last.parse().unwrap()).contains(&national.len());
        let place = if region.is_empty() { format!("+{code}") } else { region.to_owned() };
        (fits && starts_with(national, prefix)).then(|| (place, kind.to_owned()))
    })
}

fn starts_with(digits: &str, prefix: &str) -> bool {
    let Some(first) = prefix.chars().next() else { return true };
    let Some(digit) = digits.chars().next() else { return false };
    match first {
        'x' => starts_with(&digits[1..], &prefix[1..]),
        '[' => {
            let (class, rest) = prefix[1..].split_once(']').unwrap();
            let class: Vec<char> = class.chars().collect();
            let within = match class[..] {
                [first, '-', last] => (first..=last).contains(&digit),
                _ => class.contains(&digit),
            };
            within && starts_with(&digits[1..], rest)
        }
        _ => digit == first && starts_with(&digits[1..], &prefix[1..]),
    }
}

#[test]
fn the_shipped_plan_equals_itself() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    let found = printed(diff(&data, &data, &[]));
    assert!(found.contains(": 0 gained, 0 lost, 0 reassigned of "), "{found}");
}

/// Each row fixes one of nine digits, so that almost every prefix fits other rows.
#[test]
fn rows_that_share_many_prefixes_take_no_longer() {
    let mut rows = String::new();
    for place in 0..9 {
        for digit in 0..10 {
            let (before, after) = ("x".repeat(place), "x".repeat(8 - place));
            rows += &format!("1,{before}{digit}{after}{:03},12,MOBILE,US\n", place * 10 + digit);
        }
    }
    let (old, new) = (plan("many-old", "1.0.0", &rows), plan("many-new", "1.0.1", "1,,12,PAGER,US\n"));
    let found = printed(diff(&old, &new, &["--format", "csv"]));
    let row = "US,9000000000,1000000000000,991000000000,0,0,0,9000000000\n";
    assert!(found.ends_with(&format!("\n{row}")), "{found}");
}

/// A calling code that is the beginning of another one in the other plan.
#[test]
fn calling_codes_may_begin_with_others() {
    let (old, new) =
        (plan("code-old", "1.0.0", "4,4,5,MOBILE,DE\n"), plan("code-new", "1.0.1", "44,1,4,MOBILE,GB\n"));
    let found = printed(diff(&old, &new, &["--format", "csv"]));
    assert_eq!(
        found.lines().skip(1).collect::<Vec<_>>(),
        ["DE,10000,0,0,9000,0,1000,0", "GB,0,1000,0,0,1000,0,0"]
    );
}

#[test]
fn reads_quoted_fields_and_any_line_ending() {
    let quoted =
        OLD.replace("44,9,4-5,PREMIUM_RATE,GB\n", "\"44\",\"9\",\"4-5\",\"PREMIUM_RATE\",\"GB\"\n\n");
    let (old, new) = (plan("plain", "1.0.0", OLD), plan("quoted", "1.0.1", &quoted.replace('\n', "\r\n")));
    assert_eq!(printed(diff(&old, &new, &["--format", "csv"])).lines().count(), 1);
}

#[test]
fn shows_only_versions_and_dates_that_look_like_one() {
    let (old, new) = (plan("version-old", "9.0.33", OLD), plan("version-new", "9.0.43\x1B[2J", OLD));
    fs::write(old.join("metadata_date.txt"), "2026-11-06\n").unwrap();
    let found = printed(diff(&old, &new, &[]));
    assert!(found.contains(&format!("\n9.0.33 (2026-11-06) to {}: 0 gained", new.display())), "{found}");
    fs::write(old.join("metadata_date.txt"), "\x1B[2J\n").unwrap();
    assert!(printed(diff(&old, &new, &[])).contains("\n9.0.33 to "));
}

#[test]
fn one_region_is_singular() {
    let (old, new) =
        (plan("one-old", "1.0.0", "44,7,5,MOBILE,GB\n"), plan("one-new", "1.0.1", "44,8,5,MOBILE,GB\n"));
    assert!(printed(diff(&old, &new, &[])).ends_with(" of 10,000 numbers, in 1 region\n"));
}

#[test]
fn errors_name_the_file_and_line() {
    let good = plan("good", "9.0.33", OLD);
    for (name, rows, problem) in [
        (
            "code",
            "44a,7,5,MOBILE,GB\n",
            "2: \"44a\" is not a calling code; expected 1 to 3 digits, the first not 0",
        ),
        (
            "zero",
            "044,7,5,MOBILE,GB\n",
            "2: \"044\" is not a calling code; expected 1 to 3 digits, the first not 0",
        ),
        (
            "prefix",
            "44,7[,5,MOBILE,GB\n",
            "2: prefix \"7[\" is malformed; expected digits, classes such as [0157-9], and x for any digit",
        ),
        (
            "lengths",
            "44,7,14,MOBILE,GB\n",
            "2: lengths \"14\" are malformed, or do not fit prefix \"7\"; expected lengths such as 7;9-10, from 1 to 13",
        ),
        (
            "short",
            "44,777,2,MOBILE,GB\n",
            "2: lengths \"2\" are malformed, or do not fit prefix \"777\"; expected lengths such as 7;9-10, from 3 to 13",
        ),
        (
            "sign",
            "44,7,+7,MOBILE,GB\n",
            "2: lengths \"+7\" are malformed, or do not fit prefix \"7\"; expected lengths such as 7;9-10, from 1 to 13",
        ),
        (
            "no-length",
            "44,,0,MOBILE,GB\n",
            "2: lengths \"0\" are malformed, or do not fit prefix \"\"; expected lengths such as 7;9-10, from 1 to 13",
        ),
        (
            "type",
            "44,7,5,MOBIL,GB\n",
            "2: \"MOBIL\" is not a type; expected one of FIXED_LINE, MOBILE, FIXED_LINE_OR_MOBILE, TOLL_FREE, \
             PREMIUM_RATE, SHARED_COST, VOIP, PERSONAL_NUMBER, PAGER, UAN, VOICEMAIL",
        ),
        ("region", "44,7,5,MOBILE,QQ\n", "2: \"QQ\" is not a region; expected a code such as GB, or nothing"),
        ("accent", "44,7,5,MOBILE,é\n", "2: \"é\" is not a region; expected a code such as GB, or nothing"),
        ("letter", "44,7,5,MOBILE,U\n", "2: \"U\" is not a region; expected a code such as GB, or nothing"),
        ("case", "44,7,5,MOBILE,gb\n", "2: \"gb\" is not a region; expected a code such as GB, or nothing"),
        (
            "feed",
            "44,7,5,MOBILE,\"G\nB\"\n",
            "2: a field has a control character; remove it, or close the open quote",
        ),
        (
            "quote",
            "44,7,5,MOBILE,GB\n44,8,5,\"MOBILE,GB\n44,9,5,MOBILE,GB\n",
            "3: a field has a control character; remove it, or close the open quote",
        ),
        (
            "last-quote",
            "44,7,5,MOBILE,\"GB\n",
            "2: a field has a control character; remove it, or close the open quote",
        ),
        (
            "fields",
            "44,7,5,MOBILE,GB\r\n\r\n44,8,5,MOBILE\r\n",
            "4: 4 fields; expected 5: calling_code,prefix,lengths,type,region",
        ),
        (
            "cut",
            "44,7,5,MOBILE,GB\n44,8,5,MOBILE,",
            "3: the file is cut off; expected a line feed at its end",
        ),
        (
            "overlap",
            "44,7,5,MOBILE,GB\n44,8,5,MOBILE,GB\n44,x5,5,PAGER,GB\n",
            "4: the row overlaps line 2: some numbers match both",
        ),
    ] {
        let bad = plan(name, "9.0.34", rows);
        let output = diff(&good, &bad, &[]);
        assert_eq!(output.status.code(), Some(1));
        let file = bad.join("numbering_plan.csv");
        assert_eq!(
            String::from_utf8(output.stderr).unwrap(),
            format!("error: {}:{problem}\n", file.display())
        );
    }
    let bytes = plan("bytes", "9.0.34", "");
    let file = bytes.join("numbering_plan.csv");
    fs::write(&file, [HEADER.as_bytes(), b"44,7,5,MOBILE,\xFF\n"].concat()).unwrap();
    let output = diff(&good, &bytes, &[]);
    assert_eq!(output.status.code(), Some(1));
    let expected = format!("error: {}:2: not UTF-8; save the file as UTF-8\n", file.display());
    assert_eq!(String::from_utf8(output.stderr).unwrap(), expected);

    let output = diff(&good, Path::new("no/such/folder"), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr).unwrap().starts_with("error: no/such/folder/numbering_plan.csv: ")
    );
}
