//! Tests of template validation and its errors.

use super::*;

#[test]
fn reports_errors_with_their_position() {
    use Wrong::{Mark, NoCode, Placeholder, Twice, Unseen};
    for (text, at, wrong) in [
        ("", 0, NoCode),
        ("Your code", 9, NoCode),
        ("{app} {minutes}", 15, NoCode),
        ("{code} {code}", 7, Twice),
        ("{app}{app}{code}", 5, Twice),
        ("{code}, {minutes}-{minutes}", 18, Twice),
        ("é {Code}", 3, Placeholder),
        ("{code} {domain}", 7, Placeholder),
        ("{code", 0, Placeholder),
        ("{code}}", 6, Placeholder),
        ("{{code}}", 0, Placeholder),
        ("{}{code}", 0, Placeholder),
        ("{ code }", 0, Placeholder),
        ("code}", 4, Placeholder),
        ("{code} for me@example.com", 13, Mark('@')),
        ("#{code}", 0, Mark('#')),
        ("{code}\r\n", 6, Unseen('\r')),
        ("{code}\t", 6, Unseen('\t')),
        ("{code}\0", 6, Unseen('\0')),
        ("{code}\u{2029}", 6, Unseen('\u{2029}')),
        ("{code}\u{202e}", 6, Unseen('\u{202e}')),
    ] {
        assert_eq!(Template::new(text), Err(TemplateError { part: Part::Text, at, wrong }), "{text:?}");
        let error = EmailTemplate::new("Code", text).err();
        let expected = TemplateError { part: Part::Body, at, wrong };
        assert_eq!(error, Some(expected).filter(|_| !matches!(wrong, Mark(_))), "{text:?}");
    }
}

#[test]
fn reports_errors_in_subjects() {
    for (subject, at, wrong) in [
        ("", 0, Wrong::Blank),
        ("  ", 0, Wrong::Blank),
        ("Your code\r\nBcc: a@b.example", 9, Wrong::Unseen('\r')),
        ("{code} is your code", 0, Wrong::NotInSubject),
        ("For {minutes} min", 4, Wrong::NotInSubject),
        ("{app} {app}", 6, Wrong::Twice),
        ("{name}", 0, Wrong::Placeholder),
    ] {
        let expected = Err(TemplateError { part: Part::Subject, at, wrong });
        assert_eq!(EmailTemplate::new(subject, "{code}"), expected, "{subject:?}");
    }
    assert!(EmailTemplate::new("Code #1 @ {app}", "{code}").is_ok());
}

#[test]
fn accepts_the_code_alone_and_several_lines() {
    for text in ["{code}", "{minutes}{code}{app}", "Hello,\n\n{code}\n", "ключ: {code}"] {
        assert_eq!(Template::new(text).unwrap().as_str(), text);
    }
}

#[cfg(feature = "alloc")]
#[test]
fn errors_say_what_was_expected() {
    use alloc::string::ToString;
    let text = |text| Template::new(text).unwrap_err().to_string();
    assert_eq!(text("Hello"), "text, byte 5: the code is missing; expected {code} once");
    assert_eq!(text("{code}{code}"), "text, byte 6: repeated placeholder; expected each at most once");
    assert_eq!(text("@{code}"), "text, byte 0: @ is not allowed, because phones look for a code after it");
    assert_eq!(
        text("{code}\r\n"),
        "text, byte 6: U+000D is a line break or control character; expected lines that end with \\n"
    );
    let subject = |subject| EmailTemplate::new(subject, "{code}").unwrap_err().to_string();
    assert_eq!(subject("a {b}"), "subject, byte 2: expected {app}");
    assert_eq!(subject("{code}"), "subject, byte 0: expected no placeholder other than {app}");
    assert_eq!(subject(""), "subject, byte 0: expected text that is not blank");
}
