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

#[test]
fn errors_name_the_file_and_line() {
    let good = plan("good", "9.0.33", OLD);
    for (name, rows, problem) in [
        ("code", "44a,7,5,MOBILE,GB\n", "2: \"44a\" is not a calling code"),
        ("prefix", "44,7[,5,MOBILE,GB\n", "2: prefix \"7[\" is malformed"),
        ("lengths", "44,7,14,MOBILE,GB\n", "2: lengths \"14\" are malformed, or do not fit prefix \"7\""),
        ("short", "44,777,2,MOBILE,GB\n", "2: lengths \"2\" are malformed, or do not fit prefix \"777\""),
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
    let output = diff(&good, Path::new("no/such/folder"), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr).unwrap().starts_with("error: no/such/folder/numbering_plan.csv: ")
    );
}
