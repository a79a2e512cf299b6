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
fn typed_tabs_are_spaces_in_a_column_of_their_own() {
    assert_eq!(answers(&["type", "--region", "GB"], "0\t7\n\t\n"), "0\t0 \t0 7\n \n");
    for (input, columns) in [("\t\t\t\n", 3), ("07400\t123\n", 9), ("+44 7\t\r\n", 6)] {
        for arguments in [&["type"][..], &["type", "--region", "GB"]] {
            let shown = answers(arguments, input);
            assert_eq!(shown.matches('\t').count(), columns - 1, "{shown:?}");
        }
    }
}

#[test]
fn text_stops_at_64_bytes() {
    let shown = answers(&["type"], "7".repeat(100));
    let texts: Vec<_> = shown.trim_end().split('\t').collect();
    assert_eq!(texts.len(), 100);
    assert_eq!(texts[63].len(), 64);
    assert!(texts[64..].iter().all(|text| *text == texts[63]));
}

#[test]
fn completes_every_command_in_every_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = answers(&["completions", shell], "");
        for command in ["number", "audit", "diff", "plan", "policy", "format", "type", "completions"] {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
}

#[test]
fn help_describes_every_command_and_the_exit_codes() {
    let help = answers(&["--help"], "");
    let commands = ["number", "audit", "diff", "plan", "policy", "format", "type", "completions"];
    for text in commands.into_iter().chain(["Exit codes:"]) {
        assert!(help.contains(text), "{help}");
    }
}
