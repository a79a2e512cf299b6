//! Email addresses: which texts are accepted, which addresses are equal, and the position of
//! errors.

use countersign::EmailAddress;
use countersign::recipient::EmailErrorKind;
use countersign_tests::email;
use proptest::prelude::*;
use proptest::sample::select;

use crate::cases::cases;

fn parse(text: &str) -> Option<EmailAddress> {
    text.parse().ok()
}

#[test]
fn kelvin_sign_is_not_a_k() {
    let kelvin = "\u{212a}@example.com";
    assert_eq!(kelvin.to_lowercase(), "k@example.com", "Unicode folds it");
    assert_eq!(parse(kelvin), None);
    assert_eq!(parse("ada@\u{212a}.example"), None);
    let error = kelvin.parse::<EmailAddress>().unwrap_err();
    assert_eq!((error.kind(), error.position()), (EmailErrorKind::LocalPartNotAscii, 0));
    assert_eq!(parse("K@example.com"), parse("k@example.com"));
}

/// Other spellings of `ada@example.com` and `ada@bücher.example`, invisible characters, and invalid
/// domains. Each would have its own record and budgets.
#[test]
fn rejects_other_spellings_of_a_mailbox() {
    for text in [
        "ada@example.com.",
        "ada@example.com\u{3002}",
        "ada(comment)@example.com",
        "ada@(comment)example.com",
        "ada@example.com(comment)",
        "\"ada\"@example.com",
        "ada@example\u{3002}com",
        "ada@exam\u{ff50}le.com",
        "ada@\u{1d41e}xample.com",
        "ada@exam\u{ad}ple.com",
        "ada@exam\u{200b}ple.com",
        "ada@exam\u{2060}ple.com",
        "ada\u{200b}@example.com",
        "\u{202e}ada@example.com",
        "ada\u{ad}@example.com",
        "\u{ff41}da@example.com",
        "ada@b\u{fc}cher.example",
        "ada@bu\u{308}cher.example",
        "\u{e4}da@example.com",
        "a\u{308}da@example.com",
        "ada@[192.0.2.1]",
        "ada@192.0.2.1",
        "ada@192.0.2.0x1",
        "ada@0xC0000201",
        "ada@3221225985",
        "a@.",
        "a@b..c",
        "a@-",
        "a@-b",
        "a@b-.c",
        "a@.b",
    ] {
        assert_eq!(parse(text), None, "{text}");
    }
    assert_ne!(parse("ada@xn--bcher-kva.example"), None, "the A-label is accepted");
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn addresses_are_equal_iff_equal_ignoring_ascii_case(one in texts(), other in texts(), flips: u64) {
        let flipped: String = one.char_indices().map(|(at, c)| flip(c, flips >> (at % 64) & 1 == 1)).collect();
        for other in [other, flipped, one.to_lowercase(), one.to_uppercase()] {
            let (Some(a), Some(b)) = (parse(&one), parse(&other)) else { continue };
            prop_assert_eq!(a == b, one.eq_ignore_ascii_case(&other), "{} {}", one, other);
        }
    }

    #[test]
    fn rejects_characters_outside_ascii(text in texts(), c in outside_ascii(), at: prop::sample::Index) {
        let places: Vec<_> = (0..=text.len()).filter(|&at| text.is_char_boundary(at)).collect();
        let mut text = text;
        text.insert(*at.get(&places), c);
        let error = text.parse::<EmailAddress>().unwrap_err();
        let first = text.find(|c: char| !c.is_ascii()).unwrap();
        prop_assert!(error.position() <= first, "{}: {}", text, error);
        let of_it = matches!(error.kind(), EmailErrorKind::LocalPartNotAscii | EmailErrorKind::DomainNotAscii);
        prop_assert_eq!(of_it, error.position() == first, "{}: {}", text, error);
    }

    /// Up to the byte that an error names, the text could have become an address.
    #[test]
    fn errors_name_the_first_wrong_byte(text in texts()) {
        let Err(error) = text.parse::<EmailAddress>() else { return Ok(()) };
        if error.kind() == EmailErrorKind::TooLong {
            prop_assert_eq!(error.position(), 254);
            return Ok(());
        }
        prop_assert!(text.is_char_boundary(error.position()), "{}", error);
        let before = &text[..error.position()];
        let ends = ["", "z", "z@z", "@z", ".z"];
        let could_become = ends.iter().any(|end| parse(&format!("{before}{end}")).is_some());
        prop_assert!(could_become, "{}: {}", text, error);
        prop_assert!(text.len() < 4 || !error.to_string().contains(&text), "{}", error);
    }

    #[test]
    fn accepts_the_same_as_the_plain_rule(text in texts()) {
        prop_assert_eq!(parse(&text).is_some(), email::is_address(&text), "{}", text);
        prop_assert_eq!(parse(&text).map(|address| address.to_string()), parse(&text).map(|_| text));
    }
}

fn flip(c: char, flip: bool) -> char {
    match c {
        _ if !flip => c,
        // Unicode folds these to ASCII letters, but here they are different characters.
        'k' | 'K' => '\u{212a}',
        's' => '\u{17f}',
        _ if c.is_ascii_lowercase() => c.to_ascii_uppercase(),
        _ => c.to_ascii_lowercase(),
    }
}

fn outside_ascii() -> impl Strategy<Value = char> {
    let named = vec![
        '\u{212a}', '\u{17f}', '\u{130}', '\u{200b}', '\u{202e}', '\u{ad}', '\u{3002}', '\u{e4}', '\u{308}',
    ];
    prop_oneof![select(named), proptest::char::range('\u{80}', char::MAX)]
}

/// Addresses, near misses, and other texts.
fn texts() -> impl Strategy<Value = String> {
    let local = || "[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,8}|[a-z.]{60,66}";
    let label = || "[A-Za-z0-9]([A-Za-z0-9-]{0,6}[A-Za-z0-9])?|[a-z]{58,65}|xn--[a-z]{1,4}|0[xX][0-9a-fg]{0,3}|[0-9]{1,3}";
    let labels = proptest::collection::vec(label(), 1..6).prop_map(|labels| labels.join("."));
    let address = (local(), labels).prop_map(|(local, domain)| format!("{local}@{domain}"));
    let piece = prop_oneof![
        8 => select(vec!["a", "K", "9", "@", ".", "-", "xn--", "com", "+"]).prop_map(str::to_owned),
        1 => select(vec!["(", ")", "\"", " ", "<", "[", "\\", ",", "\0", "\n", "\u{7f}"]).prop_map(str::to_owned),
        1 => outside_ascii().prop_map(String::from),
    ];
    let pieces = proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat());
    prop_oneof![6 => address, 3 => pieces, 1 => ".{0,12}"]
}
