//! Errors of the calling codes, the numbering plan and its version.

use super::{Data, assert_errors};

const CODES: &str = "calling_code,region\n";
const PLAN: &str = "calling_code,prefix,lengths,type,region\n";

/// Asserts the errors of the build for these rows of the plan, of which the first is line 2.
#[track_caller]
fn assert_plan_errors<const N: usize>(rows: &[&str], expected: [&str; N]) {
    let expected = expected.map(|error| format!("data/numbering_plan.csv:{error}"));
    let content = format!("{PLAN}{}\n", rows.join("\n"));
    assert_errors("numbering_plan.csv", content, expected.each_ref().map(String::as_str));
}

#[test]
fn rejects_malformed_calling_codes() {
    assert_errors(
        "calling_codes.csv",
        format!("{CODES},US\n01,US\n1,US\n1234,US\n44,ZZ\n+7,RU\n"),
        [
            r#"data/calling_codes.csv:2: calling code "" is not an E.164 calling code; write 1 to 3 digits, of which the first is not 0"#,
            r#"data/calling_codes.csv:3: calling code "01" is not an E.164 calling code; write 1 to 3 digits, of which the first is not 0"#,
            r#"data/calling_codes.csv:5: calling code "1234" is not an E.164 calling code; write 1 to 3 digits, of which the first is not 0"#,
            r#"data/calling_codes.csv:7: calling code "+7" is not an E.164 calling code; write 1 to 3 digits, of which the first is not 0"#,
        ],
    );
}

#[test]
fn rejects_unsorted_calling_codes_and_prefixes_of_others() {
    assert_errors(
        "calling_codes.csv",
        format!("{CODES}1,US\n12,GB\n44,GB\n7,ZZ\n61,AU\n7,KZ\n800,\n878,fr\n"),
        [
            "data/calling_codes.csv:3: calling code 12 begins with calling code 1 (line 2); no code may begin with another: correct one of the two",
            r#"data/calling_codes.csv:5: region "ZZ" is not in data/regions.csv; add it there or correct the row"#,
            r#"data/calling_codes.csv:6: calling code "61" comes after "7"; sort the rows by calling code, as text"#,
            r#"data/calling_codes.csv:7: calling code "7" is already on line 5; keep one of the two rows"#,
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
fn rejects_unknown_codes_types_and_regions_in_the_plan() {
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
            r#"4: type "mobile" is not a libphonenumber type; write one of FIXED_LINE, MOBILE, FIXED_LINE_OR_MOBILE, TOLL_FREE, PREMIUM_RATE, SHARED_COST, VOIP, PERSONAL_NUMBER, PAGER, UAN, VOICEMAIL"#,
            r#"5: type "" is not a libphonenumber type; write one of FIXED_LINE, MOBILE, FIXED_LINE_OR_MOBILE, TOLL_FREE, PREMIUM_RATE, SHARED_COST, VOIP, PERSONAL_NUMBER, PAGER, UAN, VOICEMAIL"#,
            r#"6: region "ZZ" is not in data/regions.csv; add it there or correct the row"#,
            r#"7: region "UK1" is not an ISO 3166-1 alpha-2 code; write two capital letters, such as US"#,
            r#"8: region "gb" is not an ISO 3166-1 alpha-2 code; write two capital letters, such as US"#,
        ],
    );
}

#[test]
fn rejects_malformed_prefixes_and_lengths() {
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
            &format!(r#"2: prefix "7a" is malformed; {prefix}"#),
            &format!(r#"3: prefix "7[4-" is malformed; {prefix}"#),
            &format!(r#"4: prefix "7[]" is malformed; {prefix}"#),
            &format!(r#"5: prefix "7[9-4]" is malformed; {prefix}"#),
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
fn rejects_prefixes_that_are_too_long_or_too_wide() {
    assert_plan_errors(
        &["44,12345678,7-9,MOBILE,GB", "44,[1-9]xxxx,10,MOBILE,GB", "98,12345678901234567890123456,4,UAN,IR"],
        [
            r#"2: prefix "12345678" is longer than a number of lengths "7-9"; shorten the prefix or correct the lengths"#,
            r#"3: prefix "[1-9]xxxx" expands to 90000 prefixes, more than 10000; remove trailing digits that match anything"#,
            r#"4: prefix "12345678901234567890123456" is longer than a number of lengths "4"; shorten the prefix or correct the lengths"#,
        ],
    );
}

#[test]
fn rejects_unsorted_rows_of_the_plan() {
    assert_plan_errors(
        &[
            "44,7,10,MOBILE,GB",
            "44,[56],10,VOIP,GB",
            "49,[12],9,FIXED_LINE,DE",
            "49,15,10,MOBILE,DE",
            "1,2,10,UAN,US",
        ],
        [
            "3: the row comes after line 2, whose first number is greater; sort the rows by their first matching number",
            "6: the row comes after line 5, whose first number is greater; sort the rows by their first matching number",
        ],
    );
}

#[test]
fn rejects_overlapping_rows_of_the_plan() {
    let remedy = "narrow the prefix or the lengths of one of them";
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
            &format!("4: the row overlaps line 2: some numbers match both; {remedy}"),
            &format!("5: the row overlaps line 4: some numbers match both; {remedy}"),
            &format!("7: the row overlaps line 6: some numbers match both; {remedy}"),
        ],
    );
}

#[test]
fn rejects_a_malformed_plan_sheet() {
    let fields = "write all columns, including empty ones, and quote fields that contain a comma";
    assert_plan_errors(
        &["44,7,10,MOBILE", "44,7,7,9,MOBILE,GB", ""],
        [
            &format!("2: 4 fields but the header has 5; {fields}"),
            &format!("3: 6 fields but the header has 5; {fields}"),
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
fn rejects_malformed_metadata_versions() {
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
fn rejects_malformed_metadata_dates() {
    for (content, shown) in [
        (&b"2026-11-6\n"[..], r#""2026-11-6""#),
        (b"", r#""""#),
        (b"06.11.2026", r#""06.11.2026""#),
        (b"2026-11-06T11:43", r#""2026-11-06T11:43""#),
        (b"2026-13-01", r#""2026-13-01""#),
        (b"2026-00-01", r#""2026-00-01""#),
        (b"2026-11-31", r#""2026-11-31""#),
        (b"2026-02-29", r#""2026-02-29""#),
        (b"2100-02-29", r#""2100-02-29""#),
        (b"2026-11-00", r#""2026-11-00""#),
        (b" 2026-11-06", r#"" 2026-11-06""#),
        (b"2026-11-06\n2026-11-07\n", r#""2026-11-06\n2026-11-07""#),
        (b"2026-11-\xff\n", "\"2026-11-\u{fffd}\""),
    ] {
        let expected = format!("data/metadata_date.txt:1: {shown} is not a date; write it as 2026-11-06");
        assert_errors("metadata_date.txt", content, [&expected]);
    }
    for content in ["2026-11-06", "2026-12-31\r\n", "2028-02-29\n", "2000-02-29\n"] {
        let code = Data::with("metadata_date.txt", content).generate().unwrap();
        let date = format!("pub const METADATA_DATE: &str = \"{}\";", content.trim_end());
        assert!(code.contains(&date), "{date}");
    }
}

#[test]
fn reports_errors_of_several_files() {
    let data = Data::with("numbering_plan.csv", format!("{PLAN}44,7,10,PHONE,GB\n"));
    data.write("metadata_version.txt", "9");
    data.write("calling_codes.csv", format!("{CODES}0,US\n"));
    // The plan is not read without valid calling codes, which its rows refer to.
    assert_eq!(
        data.generate().unwrap_err(),
        [
            r#"data/calling_codes.csv:2: calling code "0" is not an E.164 calling code; write 1 to 3 digits, of which the first is not 0"#,
            r#"data/metadata_version.txt:1: "9" is not a version; write it as 9.0.33"#,
        ]
    );
}
