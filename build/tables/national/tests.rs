//! Tests of the exact errors for invalid rows, and of the compiled instructions.

use std::fs;

use super::super::calling_codes::CallingCodes;
use super::super::pattern;
use super::super::program::Program;
use super::super::regions::Regions;
use super::super::sources::Sources;
use super::National;

/// Compiles rows without the header. The only regions are AA and BB, with the calling codes 1 and
/// 22.
fn compile(rows: &str) -> Result<National, Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, text: String| fs::write(folder.path().join(file), text).unwrap();
    write("regions.csv", "region,name,note\nAA,A,\nBB,B,\n".to_owned());
    write("calling_codes.csv", "calling_code,region\n1,AA\n22,BB\n33,\n".to_owned());
    write("national_prefixes.csv", format!("{}\n{rows}", super::COLUMNS.join(",")));
    let sources = Sources::new(folder.path(), |_| None).unwrap();
    let regions = Regions::read(&sources.regions).unwrap();
    let codes = CallingCodes::read(&sources.calling_codes, &regions).unwrap();
    super::compile(&sources.national_prefixes, &codes, &regions)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

#[track_caller]
fn assert_errors<const N: usize>(rows: &str, expected: [&str; N]) {
    assert_eq!(
        compile(rows).err().unwrap(),
        expected.map(|error| format!("data/national_prefixes.csv{error}"))
    );
}

#[test]
fn shares_rules_between_regions() {
    let national = compile("AA,1,00,0,\nBB,22,00,\"0|(1\\d)$\",3$1\n").unwrap();
    let dialling: Vec<_> = national
        .dialling
        .iter()
        .map(|region| (region.calling_code, region.international, region.national))
        .collect();
    assert_eq!(dialling, [(1, 1, 2), (22, 1, 3)]);
    assert_eq!(national.by_code, [(1, 2), (22, 3)]);
    let inserted: Vec<_> = national.rules.iter().map(|(_, digits)| digits.as_str()).collect();
    assert_eq!(inserted, ["", "", "3"]);
}

#[test]
fn rejects_unsorted_rows_and_unknown_codes_and_regions() {
    assert_errors(
        "BB,22,00,0,\nAA,1,00,0,\n",
        [r#":3: region "AA" comes after "BB"; sort the rows by region, as text"#],
    );
    assert_errors(
        "AA,2,00,0,\nBB,22,00,0,\nZZ,1,00,0,\n",
        [
            r#":2: calling code "2" is not in data/calling_codes.csv; add it there or correct the row"#,
            r#":4: region "ZZ" is not in data/regions.csv; add it there or correct the row"#,
        ],
    );
    assert_errors(
        "AA,1,00,0,\n",
        [
            ": BB, the main region of calling code 22, has no row with that code; add the row: its rule applies to +22 (0)",
        ],
    );
    assert_errors(
        "AA,1,00,0,\nBB,1,00,0,\n",
        [
            ": BB, the main region of calling code 22, has no row with that code; add the row: its rule applies to +22 (0)",
        ],
    );
}

#[test]
fn rejects_transforms_that_do_not_keep_the_last_group() {
    let row = |pattern: &str, transform: &str| format!("AA,1,00,{pattern},{transform}\nBB,22,00,0,\n");
    for (pattern, transform, groups) in [
        ("0", "9$1", 0),
        ("0(1)", "9", 1),
        ("0(1)", "9$2", 1),
        ("0(1)(2)", "9$1", 2),
        ("0(1)", "$19", 1),
        ("0(1)", "x$1", 1),
        ("0(1)", "12345$1", 1),
    ] {
        let problem = format!(
            ":2: national_prefix {pattern:?}: transform {transform:?} does not keep the last of its {groups} groups; write \
             at most four digits and the last group, such as 9$1"
        );
        assert_errors(&row(pattern, transform), [&problem]);
    }
    assert_errors(
        &row("", "9$1"),
        [r#":2: national_prefix "": at byte 0: empty alternative; write (?:…)? for an optional part"#],
    );
}

#[test]
fn reports_unsupported_patterns_with_their_byte() {
    for (pattern, at, problem) in [
        ("0*", 1, "unsupported syntax"),
        ("0+", 1, "unsupported syntax"),
        ("^0", 0, "unsupported syntax"),
        (r"0\w", 1, "unsupported syntax"),
        ("0.", 1, "unsupported syntax"),
        ("0é", 1, "unsupported syntax"),
        ("?", 0, "unsupported syntax"),
        ("0(?=1)", 3, "unsupported group"),
        ("0(1", 3, "unclosed group"),
        ("0)", 1, "unmatched )"),
        ("[^1]", 1, "malformed class"),
        ("[]", 2, "malformed class"),
        ("[3-1]", 4, "malformed class"),
        ("[1", 2, "malformed class"),
        ("1{2,}", 4, "malformed count"),
        ("1{3,2}", 5, "malformed count"),
        ("1{16}", 4, "malformed count"),
        ("1{999}", 5, "malformed count"),
        ("1{0}", 3, "malformed count"),
        ("1??", 2, "nothing to repeat"),
        ("1{2}{3}", 4, "nothing to repeat"),
        ("$?", 2, "nothing to repeat"),
        ("0|", 2, "empty alternative"),
        ("(|1)", 1, "empty alternative"),
    ] {
        let (found, _remedy) = pattern::parse(pattern).err().unwrap();
        assert_eq!(found, format!("at byte {at}: {problem}"), "{pattern}");
    }
    assert!(pattern::parse(&"(?:".repeat(1000)).is_err());
    assert_errors(
        "AA,1,00,0*,\nBB,22,0.,0,\n",
        [
            r#":2: national_prefix "0*": at byte 1: unsupported syntax; a prefix contains only digits, \d, classes, groups, |, ?, {n}, {n,m} and $"#,
            r#":3: international_prefix "0.": at byte 1: unsupported syntax; a prefix contains only digits, \d, classes, groups, |, ?, {n}, {n,m} and $"#,
        ],
    );
}

#[test]
fn rejects_expensive_patterns() {
    let add = |text: &str| Program::default().add(&pattern::parse(text).unwrap().root, None);
    let (problem, _) = add(&"[01]{1,15}".repeat(5)).unwrap_err();
    assert!(problem.starts_with("matching can take "), "{problem}");
    let (problem, _) = add("((((1{15}){15}){15}){15}){15}").unwrap_err();
    assert_eq!(problem, "all patterns together take more than 16384 instructions");
    assert_eq!(add("0(?:1[02-4]{2,3})?"), Ok(0));
}

#[test]
fn instructions_lead_forward() {
    let mut program = Program::default();
    let pattern = pattern::parse(r"(1\d{3})$|0").unwrap();
    assert_eq!((program.add(&pattern.root, Some(1)), program.add(&pattern.root, None)), (Ok(0), Ok(9)));
    let instructions = program.into_instructions();
    let digits = |set: u16, count: u16| set << 6 | count << 2;
    let either = |there: u16| there << 2 | 1;
    let jump = |there: u16| there << 2 | 2;
    let mark = |which: u16| which << 2 | 3;
    let one = [
        either(7),
        mark(1),
        digits(1 << 1, 1),
        digits(0x3FF, 3),
        mark(2),
        mark(3),
        jump(8),
        digits(1, 1),
        mark(0),
    ];
    assert_eq!(instructions[..9], one);
    let other = [either(14), digits(1 << 1, 1), digits(0x3FF, 3), mark(3), jump(15), digits(1, 1), mark(0)];
    assert_eq!(instructions[9..], other);
}

#[test]
fn tries_alternatives_in_order() {
    let mut program = Program::default();
    program.add(&pattern::parse("1|2|3").unwrap().root, None).unwrap();
    let sets: Vec<_> = program
        .into_instructions()
        .iter()
        .filter(|&instruction| instruction & 3 == 0)
        .map(|digits| digits >> 6)
        .collect();
    assert_eq!(sets, [1 << 1, 1 << 2, 1 << 3]);
}
