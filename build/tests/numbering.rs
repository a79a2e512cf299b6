//! What is said of the calling codes, the numbering plan and its version.

use super::{Data, assert_errors};

const CODES: &str = "calling_code,region\n";
const PLAN: &str = "calling_code,prefix,lengths,type,region\n";

/// Asserts what the build says of these rows of the plan; the first is line 2.
#[track_caller]
fn assert_plan_errors<const N: usize>(rows: &[&str], expected: [&str; N]) {
    let expected = expected.map(|error| format!("data/numbering_plan.csv:{error}"));
    let content = format!("{PLAN}{}\n", rows.join("\n"));
    assert_errors("numbering_plan.csv", content, expected.each_ref().map(String::as_str));
}

#[test]
fn calling_codes_are_one_to_three_digits() {
    assert_errors(
        "calling_codes.csv",
        format!("{CODES},US\n01,US\n1,US\n1234,US\n44,ZZ\n+7,RU\n"),
        [
            r#"data/calling_codes.csv:2: calling code "" is not one of E.164; write 1 to 3 digits, the first of them 1 to 9"#,
            r#"data/calling_codes.csv:3: calling code "01" is not one of E.164; write 1 to 3 digits, the first of them 1 to 9"#,
            r#"data/calling_codes.csv:5: calling code "1234" is not one of E.164; write 1 to 3 digits, the first of them 1 to 9"#,
            r#"data/calling_codes.csv:7: calling code "+7" is not one of E.164; write 1 to 3 digits, the first of them 1 to 9"#,
        ],
    );
}

#[test]
fn calling_codes_are_sorted_and_none_begins_with_another() {
    assert_errors(
        "calling_codes.csv",
        format!("{CODES}1,US\n12,GB\n44,GB\n7,ZZ\n61,AU\n7,KZ\n800,\n878,fr\n"),
        [
            "data/calling_codes.csv:3: calling code 12 begins with calling code 1 (line 2); no code may begin with another: correct one of the two",
            r#"data/calling_codes.csv:5: region "ZZ" is not in data/regions.csv; add it there or correct the row"#,
            r#"data/calling_codes.csv:6: calling code "61" comes after "7"; sort the rows by calling code, as text"#,
            r#"data/calling_codes.csv:7: calling code "7" is on line 5 already; keep one of the two rows"#,
            r#"data/calling_codes.csv:9: region "fr" is not an ISO 3166-1 alpha-2 code; write two capital letters, such as US"#,
        ],
    );
    assert_errors(
        "calling_codes.csv",
        "calling_code,prefix,region\n1,,US\n",
        [
            r#"data/calling_codes.csv:1: the header is "calling_code,prefix,region"; it should be "calling_code,region""#,
        ],
    );
}

#[test]
fn a_row_of_the_plan_names_what_is_known() {
    assert_plan_errors(
        &[
            "210,1,9,MOBILE,US",
            ",1,9,MOBILE,US",
            "44,7,10,mobile,GB",
            "44,7,10,,GB",
            "44,7,10,MOBILE,ZZ",
            "44,7,10,MOBILE,UK1",
            "44,7,10,MOBILE,gb",
        ],
        [
            r#"2: calling code "210" is not in data/calling_codes.csv; add it there or correct the row"#,
            r#"3: calling code "" is not in data/calling_codes.csv; add it there or correct the row"#,
            r#"4: type "mobile" is none of libphonenumber's; write one of FIXED_LINE, MOBILE, FIXED_LINE_OR_MOBILE, TOLL_FREE, PREMIUM_RATE, SHARED_COST, VOIP, PERSONAL_NUMBER, PAGER, UAN, VOICEMAIL"#,
            r#"5: type "" is none of libphonenumber's; write one of FIXED_LINE, MOBILE, FIXED_LINE_OR_MOBILE, TOLL_FREE, PREMIUM_RATE, SHARED_COST, VOIP, PERSONAL_NUMBER, PAGER, UAN, VOICEMAIL"#,
            r#"6: region "ZZ" is not in data/regions.csv; add it there or correct the row"#,
            r#"7: region "UK1" is not an ISO 3166-1 alpha-2 code; write two capital letters, such as US"#,
            r#"8: region "gb" is not an ISO 3166-1 alpha-2 code; write two capital letters, such as US"#,
        ],
    );
}

#[test]
fn a_row_of_the_plan_has_a_prefix_and_lengths() {
    let prefix = "write digits, x for any digit, or classes such as [3-57]";
    let lengths = "write them as 9, 7-9 or 7;9, with at most 15 digits in all";
    assert_plan_errors(
        &[
            "44,7a,10,MOBILE,GB",
            "44,7[4-,10,MOBILE,GB",
            "44,7[],10,MOBILE,GB",
            "44,7[9-4],10,MOBILE,GB",
            "44,7,,MOBILE,GB",
            "44,7,ten,MOBILE,GB",
            "44,7,9-7,MOBILE,GB",
            r#"44,7,"7,9",MOBILE,GB"#,
            "44,7,10-14,MOBILE,GB",
            "44,7,0,MOBILE,GB",
        ],
        [
            &format!(r#"2: prefix "7a" cannot be read; {prefix}"#),
            &format!(r#"3: prefix "7[4-" cannot be read; {prefix}"#),
            &format!(r#"4: prefix "7[]" cannot be read; {prefix}"#),
            &format!(r#"5: prefix "7[9-4]" cannot be read; {prefix}"#),
            &format!(r#"6: lengths "" are not lengths of national numbers; {lengths}"#),
            &format!(r#"7: lengths "ten" are not lengths of national numbers; {lengths}"#),
            &format!(r#"8: lengths "9-7" are not lengths of national numbers; {lengths}"#),
            &format!(r#"9: lengths "7,9" are not lengths of national numbers; {lengths}"#),
            &format!(r#"10: lengths "10-14" are not lengths of national numbers; {lengths}"#),
            &format!(r#"11: lengths "0" are not lengths of national numbers; {lengths}"#),
        ],
    );
}

#[test]
fn a_prefix_is_no_longer_than_its_numbers_and_no_wider_than_can_be_compiled() {
    assert_plan_errors(
        &["44,12345678,7-9,MOBILE,GB", "44,[1-9]xxxx,10,MOBILE,GB", "98,12345678901234567890123456,4,UAN,IR"],
        [
            r#"2: prefix "12345678" is longer than a number of lengths "7-9"; shorten the prefix or correct the lengths"#,
            r#"3: prefix "[1-9]xxxx" stands for 90000 prefixes, more than 10000; leave out the digits that decide nothing"#,
            r#"4: prefix "12345678901234567890123456" is longer than a number of lengths "4"; shorten the prefix or correct the lengths"#,
        ],
    );
}

#[test]
fn rows_of_the_plan_are_sorted_by_their_first_numbers() {
    assert_plan_errors(
        &[
            "44,7,10,MOBILE,GB",
            "44,[56],10,VOIP,GB",
            "49,[12],9,FIXED_LINE,DE",
            "49,15,10,MOBILE,DE",
            "1,2,10,UAN,US",
        ],
        [
            "3: it comes after line 2, whose first number is greater; sort the rows by the first number that each matches",
            "6: it comes after line 5, whose first number is greater; sort the rows by the first number that each matches",
        ],
    );
}

#[test]
fn rows_of_the_plan_do_not_overlap() {
    let remedy = "no two rows may match one number: narrow a prefix or the lengths of one of them";
    assert_plan_errors(
        &[
            "44,7,9-10,MOBILE,GB",
            "44,7,8,MOBILE,GB",
            "44,7[4-6],10,PAGER,GB",
            "44,76,10,MOBILE,IM",
            "49,1,10,MOBILE,DE",
            "49,1,10,MOBILE,DE",
        ],
        [
            &format!("4: a number can match both this row and line 2; {remedy}"),
            &format!("5: a number can match both this row and line 4; {remedy}"),
            &format!("7: a number can match both this row and line 6; {remedy}"),
        ],
    );
}

#[test]
fn the_plan_is_a_well_formed_sheet() {
    let fields = "write every column, the empty ones too, and quote a field that holds a comma";
    assert_plan_errors(
        &["44,7,10,MOBILE", "44,7,7,9,MOBILE,GB", ""],
        [
            &format!("2: 4 fields where the header has 5; {fields}"),
            &format!("3: 6 fields where the header has 5; {fields}"),
        ],
    );
    assert_errors(
        "numbering_plan.csv",
        [PLAN.as_bytes(), b"44,\xff,10,MOBILE,GB\n"].concat(),
        ["data/numbering_plan.csv:2: field 2 is not UTF-8; save the file as UTF-8"],
    );
    assert_errors(
        "numbering_plan.csv",
        "calling_code,prefix,lengths,kind,region\n",
        [
            r#"data/numbering_plan.csv:1: the header is "calling_code,prefix,lengths,kind,region"; it should be "calling_code,prefix,lengths,type,region""#,
        ],
    );
}

#[test]
fn the_version_of_the_metadata_is_three_numbers() {
    for (content, shown) in [
        (&b"9.0\n"[..], r#""9.0""#),
        (b"", r#""""#),
        (b"v9.0.33\n", r#""v9.0.33""#),
        (b"9.0.33-rc1", r#""9.0.33-rc1""#),
        (b"9..33", r#""9..33""#),
        (b" 9.0.33", r#"" 9.0.33""#),
        (b"9.0.33\n9.0.34\n", r#""9.0.33\n9.0.34""#),
        (b"9.0.\xff\n", "\"9.0.\u{fffd}\""),
    ] {
        let expected = format!("data/metadata_version.txt:1: {shown} is not a version; write it as 9.0.33");
        assert_errors("metadata_version.txt", content, [&expected]);
    }
    for content in ["9.0.33", "9.0.33\r\n", "10.11.0\n"] {
        let code = Data::with("metadata_version.txt", content).generate().unwrap();
        let version = format!("pub const METADATA_VERSION: &str = \"{}\";", content.trim_end());
        assert!(code.contains(&version), "{version}");
    }
}

#[test]
fn what_is_wrong_with_one_file_does_not_hide_what_is_wrong_with_another() {
    let data = Data::with("numbering_plan.csv", format!("{PLAN}44,7,10,PHONE,GB\n"));
    data.write("metadata_version.txt", "9");
    data.write("calling_codes.csv", format!("{CODES}0,US\n"));
    // The plan waits for the calling codes, which its rows name.
    assert_eq!(
        data.generate().unwrap_err(),
        [
            r#"data/calling_codes.csv:2: calling code "0" is not one of E.164; write 1 to 3 digits, the first of them 1 to 9"#,
            r#"data/metadata_version.txt:1: "9" is not a version; write it as 9.0.33"#,
        ]
    );
}
