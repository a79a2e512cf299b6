//! `countersign format`, `countersign type` and `countersign completions`.

use crate::{answers, complaint};

#[test]
fn formats_in_every_style() {
    let input = "+33612345678\r\nnonsense\n\n+12025550162";
    for (style, french, american) in [
        ("international", "+33 6 12 34 56 78", "+1 202-555-0162"),
        ("national", "06 12 34 56 78", "(202) 555-0162"),
        ("rfc3966", "tel:+33-6-12-34-56-78", "tel:+1-202-555-0162"),
        ("masked", "+33 • •• •• •• 78", "+1 ••• ••• ••62"),
    ] {
        let expected = format!("{french}\n\n\n{american}\n");
        assert_eq!(answers(&["format", "--style", style], input), expected);
    }
    assert_eq!(answers(&["format"], input), answers(&["format", "--style", "international"], input));
    let visible = answers(&["format", "--style", "masked", "--visible", "4"], "+33612345678");
    assert_eq!(visible, "+33 • •• •• 56 78\n");
    assert!(!complaint(2, &["format", "--style", "pretty"]).is_empty());
}

#[test]
fn shows_the_text_after_each_character() {
    assert_eq!(
        answers(&["type", "--region", "GB"], "0740\n\n07400123456\r\n"),
        "0\t07\t074\t0740\n\n\
         0\t07\t074\t0740\t07400\t07400 1\t07400 12\t07400 123\t07400 1234\t07400 12345\t07400 123456\n"
    );
    let international = answers(&["type"], "+33612");
    assert_eq!(international.trim_end().split('\t').next_back(), Some("+33 6 12"));
    assert_eq!(international.split('\t').count(), 6);
    assert!(!complaint(2, &["type", "--region", "ZZ"]).is_empty());
}

#[test]
fn completes_every_command_in_every_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = answers(&["completions", shell], "");
        for command in ["number", "audit", "diff", "policy", "format", "type"] {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
}

#[test]
fn help_describes_every_command_and_the_exit_codes() {
    let help = answers(&["--help"], "");
    for text in ["number", "audit", "diff", "policy", "format", "type", "completions", "Exit codes:"] {
        assert!(help.contains(text), "{help}");
    }
}
