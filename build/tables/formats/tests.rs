//! Tests of the exact errors for invalid rows, and of the compiled tables.

use std::fs;

use super::super::calling_codes::CallingCodes;
use super::super::national;
use super::super::regions::Regions;
use super::super::sources::{FORMAT, Sources};
use super::*;

/// Compiles rows without the header. The calling codes are 1 and 22, without a national prefix.
fn compile(rows: &str) -> Result<Formats, Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, text: String| fs::write(folder.path().join(file), text).unwrap();
    write("regions.csv", "region,name,note\nAA,A,\nBB,B,\n".to_owned());
    write("calling_codes.csv", "calling_code,region\n1,AA\n22,BB\n".to_owned());
    write(
        "national_prefixes.csv",
        "region,calling_code,international_prefix,national_prefix,transform\nAA,1,00,,\nBB,22,00,,\n"
            .to_owned(),
    );
    write("formats.csv", format!("{}\n{rows}", COLUMNS.join(",")));
    let sources = Sources::new(folder.path(), |variable| (variable == FORMAT).then(|| "1".into())).unwrap();
    let regions = Regions::read(&sources.regions).unwrap();
    let codes = CallingCodes::read(&sources.calling_codes, &regions).unwrap();
    let national = national::compile(&sources.national_prefixes, &codes, &regions).unwrap();
    super::compile(&sources.format.as_ref().unwrap().formats, &codes, &national)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

#[track_caller]
fn assert_errors<const N: usize>(rows: &str, expected: [&str; N]) {
    let expected = expected.map(|error| format!("data/formats.csv:{error}"));
    assert_eq!(compile(rows).err().unwrap(), expected);
}

/// Follows the automaton as the library does, and returns the layouts of a number in readable form:
/// `#` for each digit in its place.
fn layouts(formats: &Formats, code: &str, national: &str) -> [String; 3] {
    let Automaton { by_code, roots, states_from, table, choices } = &formats.automaton;
    let first: usize = format!("{code}{national}")[..3].parse().unwrap();
    let (mut entry, length) = roots[usize::from(by_code[first])];
    assert_eq!(usize::from(length), code.len());
    let mut rest = national.bytes().map(|byte| usize::from(byte & 0x0F)).chain([10]);
    while entry >= *states_from {
        entry = table[usize::from(entry) + rest.next().unwrap()];
    }
    let choice = table[usize::from(entry) + national.len() - SHORTEST];
    let (text, places) = formats.layouts.texts();
    choices[usize::from(choice)].map(|layout| {
        let (start, len) = places[usize::from(layout)];
        let bytes = &text[usize::from(start)..usize::from(start) + usize::from(len)];
        let character = |&byte: &u8| {
            if byte.is_ascii() {
                char::from(byte)
            } else {
                national.as_bytes()[usize::from(byte & 0x0F)].into()
            }
        };
        bytes.iter().map(character).collect()
    })
}

#[test]
fn the_first_format_that_fits_decides() {
    let formats = compile(
        "1,3 4,310,$1-$2,,,,optional\n1,3 4,3,$1 $2,-,,,\n1,3 3 4,[2-9],($1) $2-$3,$1.$2.$3,0$1,0 $CC ($1),\n\
         22,1-2 3-4,9 9[5-7],$2 15-$1,,(8$1),,\n",
    )
    .unwrap();
    let of = |code, national| layouts(&formats, code, national);
    assert_eq!(of("1", "3101234"), ["310-1234", "310-1234", "310-1234"]);
    assert_eq!(of("1", "3111234"), ["3111234", "311 1234", "3111234"]);
    assert_eq!(of("1", "2025550162"), ["202.555.0162", "(0202) 555-0162", "202-555-0162"]);
    assert_eq!(of("1", "1025550162"), ["1025550162", "1025550162", "1025550162"]);
    // The last pattern of leading digits decides, groups take as many digits as they can, and the
    // prefix comes with the group that is written first.
    assert_eq!(of("22", "951234"), ["1234 15-95", "(81234) 15-95", "1234-15-95"]);
    assert_eq!(of("22", "95123"), ["123 15-95", "(8123) 15-95", "123-15-95"]);
    assert_eq!(of("22", "9512"), ["512 15-9", "(8512) 15-9", "512-15-9"]);
    assert_eq!(of("22", "941234")[0], "941234");
}

#[test]
fn a_number_may_end_before_its_leading_digits() {
    let formats = compile("22,4,12345,$1,,,,\n22,2 2,1234,$1-$2,,,,\n").unwrap();
    assert_eq!(layouts(&formats, "22", "1234")[0], "12-34");
    let formats = compile("22,4,12340,$1,,0$1,,\n").unwrap();
    assert_eq!(layouts(&formats, "22", "1234")[1], "1234");
}

#[test]
fn rows_for_typing_know_their_prefix_and_carrier() {
    let formats =
        compile("1,3 4,,$1-$2,,($1),,\n1,3 4,,$1-$2,-,0 $1,0 $CC $1,optional\n22,3 4,,$2 $1,,,,\n").unwrap();
    let flags: Vec<u8> = formats.rows.iter().map(|row| row.flags).collect();
    assert_eq!(flags, [0b000_011, 0b111_101, 0]);
    let groups: Vec<u16> = formats.rows.iter().map(|row| row.groups).collect();
    assert_eq!(groups, [0, 0, 0]);
}

#[test]
fn rejects_malformed_rows() {
    assert_errors(
        "22,4,,$1,,,,\n1,4,,$1,,,,\n",
        [r#"3: calling code "1" comes after "22"; sort the rows by calling code, as text"#],
    );
    assert_errors(
        "3,4,,$1,,,,\n",
        [r#"2: calling code "3" is not in data/calling_codes.csv; add it there or correct the row"#],
    );
    for groups in ["", "0", "x", "3,4", "4-3", "3  4", "1 1 1 1 1 1 1 1 1 1", "9 9", "18"] {
        let problem = format!(
            "2: groups {groups:?} are not lengths of at most nine groups and 17 digits; write a length or a range for \
             each group, such as \"2 3-4 4\""
        );
        assert_errors(&format!("1,\"{groups}\",,$1,,,,\n"), [&problem]);
    }
    for (form, problem) in [
        ("", "it has no group"),
        ("1-2", "it has no group"),
        ("$3", "$ does not name one of its 2 groups"),
        ("$1 $0", "$ does not name one of its 2 groups"),
        ("$1 $", "$ does not name one of its 2 groups"),
        ("$1*$2", r#"'*' is not a digit, a group such as $1, or one of " -./()""#),
        ("$1\u{A0}$2", r#"'\u{a0}' is not a digit, a group such as $1, or one of " -./()""#),
    ] {
        let error =
            |column: &str| format!("2: {column} {form:?}: {problem}; write a form such as \"$1 $2-$3\"");
        assert_errors(&format!("1,2 2,,{form},,,,\n"), [&error("national")]);
        if !form.is_empty() {
            assert_errors(&format!("1,2 2,,$1 $2,{form},,,\n"), [&error("international")]);
        }
    }
    assert_errors(
        "1,2 2,,$1,,0$2,,\n1,2 2,,$1,,,0$1,\n1,2 2,,$1,,,,yes\n",
        [
            r#"2: prefix "0$2": $ does not name one of its 1 groups; write a form such as "$1 $2-$3""#,
            r#"3: carrier "0$1": it has no carrier code; write a form such as "0 $CC ($1)""#,
            r#"4: optional "yes" is unknown; write "optional" or nothing"#,
        ],
    );
    assert_errors(
        &format!("1,2 2,,$1 $2{},,,,\n", "-".repeat(30)),
        ["2: the national form has up to 35 characters, of at most 32; shorten it"],
    );
    assert_errors(
        &format!("1,2 2,,$1 $2,$1 $2{},,,\n1,2 2,,$1 $2,,{}$1,,\n", "-".repeat(300), "1".repeat(28)),
        [
            "2: the international form has up to 305 characters, of at most 32; shorten it",
            "3: the national form has up to 33 characters, of at most 32; shorten it",
        ],
    );
}

#[test]
fn rejects_unsupported_leading_digits() {
    assert_errors(
        "1,4,12 1*,$1,,,,\n1,4,12$,$1,,,,\n",
        [
            r#"2: leading_digits "1*": at byte 1: unsupported syntax; a prefix contains only digits, \d, classes, groups, |, ?, {n}, {n,m} and $"#,
            r#"3: leading_digits "12$": $ is not supported here; leave it out: leading digits do not depend on the length"#,
        ],
    );
}
