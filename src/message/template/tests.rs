//! What a template may be, and what is said of one that may not.

use super::*;

#[test]
fn what_is_wrong_and_where() {
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
fn what_is_wrong_in_a_subject() {
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
fn a_template_may_be_the_code_alone_or_have_lines() {
    for text in ["{code}", "{minutes}{code}{app}", "Hello,\n\n{code}\n", "ключ: {code}"] {
        assert_eq!(Template::new(text).unwrap().as_str(), text);
    }
}

#[cfg(feature = "alloc")]
#[test]
fn every_error_says_what_would_be_right() {
    use alloc::string::ToString;
    let text = |text| Template::new(text).unwrap_err().to_string();
    assert_eq!(text("Hello"), "text, byte 5: it ends without the code: expected {code} once");
    assert_eq!(
        text("{code}{code}"),
        "text, byte 6: a placeholder for the second time: expected each at most once"
    );
    assert_eq!(text("@{code}"), "text, byte 0: @ is not allowed, for phones look for a code after it");
    assert_eq!(
        text("{code}\r\n"),
        "text, byte 6: U+000D is a line break or control character: expected lines that end with \\n"
    );
    let subject = |subject| EmailTemplate::new(subject, "{code}").unwrap_err().to_string();
    assert_eq!(subject("a {b}"), "subject, byte 2: expected {app}");
    assert_eq!(subject("{code}"), "subject, byte 0: expected no placeholder but {app}");
    assert_eq!(subject(""), "subject, byte 0: expected some words");
}
