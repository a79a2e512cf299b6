//! `countersign number`.

use std::process::Command;

use crate::{COUNTERSIGN, answers, complaint, countersign};

#[test]
fn shows_all_that_is_known() {
    let shown = answers(&["number", "+12025550162", "+8821612345678", "+11025550162"], "");
    let numbers: Vec<_> = shown.split("\n\n").collect();
    assert_eq!(
        numbers[0],
        "number         +12025550162\n\
         region         US (United States)\n\
         kind           fixed_line_or_mobile\n\
         allocation     assigned\n\
         international  +1 202-555-0162\n\
         national       (202) 555-0162\n\
         rfc3966        tel:+1-202-555-0162\n\
         sms            allow\n\
         whatsapp       allow"
    );
    assert!(numbers[1].contains("\nregion         none"), "{}", numbers[1]);
    assert!(numbers[1].contains("\nsms            deny invalid_phone_number_country_code:no_country ("));
    assert!(numbers[2].contains("\nallocation     unallocated\n"), "{}", numbers[2]);
    assert!(!numbers[2].contains("kind"), "{}", numbers[2]);
    assert_eq!(numbers.len(), 3);
}

#[test]
fn reads_national_numbers_of_a_region() {
    let national = answers(&["number", "--region", "gb", "07400 123456"], "");
    assert_eq!(national, answers(&["number", "+447400123456"], ""));
    assert!(national.starts_with("number         +447400123456\nregion         GB (United Kingdom)\n"));
}

#[test]
fn arguments_that_are_not_numbers_exit_with_1() {
    for text in ["nonsense", "", "+9991234567", "07400 123456"] {
        let complaint = complaint(1, &["number", text]);
        assert!(complaint.starts_with(&format!("error: {text}: not an E.164 number: ")), "{complaint}");
    }
    // The others are shown nevertheless.
    let output = countersign(&["number", "+12025550162", "x\n\u{1b}[2J", "+33612345678"], b"");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8(output.stdout).unwrap().matches("allocation").count(), 2);
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(complaint.starts_with("error: x\\n\\u{1b}[2J: "), "{complaint}");
    assert!(complaint.ends_with("; expected `+` and 7 to 15 ASCII digits\n"), "{complaint}");
}

/// The lenient parser would take the 0 for a national prefix, because the plan knows the rest.
#[test]
fn e164_numbers_are_shown_as_they_are() {
    let shown = answers(&["number", "+430487752599"], "");
    assert!(shown.starts_with("number         +430487752599\n"), "{shown}");
    let row = answers(&["audit"], "+430487752599\n");
    assert!(row.contains("\n+430487752599,+430487752599,AT,"), "{row}");
    let lenient = answers(&["number", "+43 (0) 487752599"], "");
    assert!(lenient.starts_with("number         +43487752599\n"), "{lenient}");
}

#[test]
fn errors_say_what_would_be_right_in_a_region() {
    let complaint = complaint(1, &["number", "--region", "gb", "0740"]);
    assert!(
        complaint.ends_with("expected `+` and 7 to 15 ASCII digits, or a number as dialled in GB\n"),
        "{complaint}"
    );
}

#[test]
fn errors_show_the_beginning_of_long_arguments() {
    let complaint = complaint(1, &["number", &"é".repeat(50_000)]);
    assert!(complaint.starts_with(&format!("error: {}…: not an", "é".repeat(64))), "{complaint}");
}

#[cfg(unix)]
#[test]
fn arguments_that_are_not_utf8_exit_with_1() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let bytes = OsStr::from_bytes(b"+1\xFF2025550162");
    let output = Command::new(COUNTERSIGN).arg("number").arg(bytes).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(complaint.starts_with("error: +1\u{FFFD}2025550162: not an E.164 number: "), "{complaint}");
}

#[test]
fn invalid_options_exit_with_2() {
    for arguments in [&["number"][..], &["number", "--region", "ZZ", "1"], &["number", "--colour", "1"]] {
        assert!(!complaint(2, arguments).is_empty());
    }
}
