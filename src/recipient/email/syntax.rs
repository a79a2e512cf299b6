//! The syntax check: one pass over the bytes of an address, which stops at the first error.

use super::error::{EmailError, EmailErrorKind as Kind};
use crate::host::{LONGEST_LABEL, ends_in_a_number};

const LONGEST_LOCAL_PART: usize = 64;
const LONGEST: usize = 254;

/// Checks an address. Looks at 255 bytes at most, whatever the length.
pub(super) fn check(text: &str) -> Result<(), EmailError> {
    let domain = local_part(text.as_bytes())? + 1;
    let last_label = labels(text.as_bytes(), domain)?;
    if ends_in_a_number(&text[last_label..]) {
        return wrong(Kind::NumericDomain, last_label);
    }
    Ok(())
}

/// Checks the local part, and returns the position of the `@`.
fn local_part(text: &[u8]) -> Result<usize, EmailError> {
    for (position, &byte) in text.iter().enumerate() {
        match byte {
            b'@' if position == 0 => return wrong(Kind::EmptyLocalPart, 0),
            b'@' => return Ok(position),
            _ if !byte.is_ascii() => return wrong(Kind::LocalPartNotAscii, position),
            _ if !is_atext(byte) && byte != b'.' => return wrong(Kind::LocalPartCharacter, position),
            _ if position == LONGEST_LOCAL_PART => return wrong(Kind::LocalPartTooLong, position),
            _ => {}
        }
    }
    wrong(Kind::MissingAt, text.len())
}

/// Checks the domain, and returns the position of its last label.
fn labels(text: &[u8], domain: usize) -> Result<usize, EmailError> {
    let mut label = domain;
    // The end of the text ends a label, as a dot does.
    for position in domain..=text.len() {
        match text.get(position) {
            None | Some(b'.') if position == label => return wrong(Kind::EmptyLabel, position),
            None | Some(b'.') if text[position - 1] == b'-' => return wrong(Kind::LabelHyphen, position - 1),
            None => break,
            Some(byte) if !byte.is_ascii() => return wrong(Kind::DomainNotAscii, position),
            Some(_) if position == LONGEST => return wrong(Kind::TooLong, position),
            Some(b'.') => label = position + 1,
            Some(b'-') if position == label => return wrong(Kind::LabelHyphen, position),
            Some(byte) if !byte.is_ascii_alphanumeric() && *byte != b'-' => {
                return wrong(Kind::DomainCharacter, position);
            }
            Some(_) if position == label + LONGEST_LABEL => return wrong(Kind::LabelTooLong, position),
            Some(_) => {}
        }
    }
    Ok(label)
}

/// Returns whether the byte is an `atext` character (RFC 5322 §3.2.3).
const fn is_atext(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'/'
                | b'='
                | b'?'
                | b'^'
                | b'_'
                | b'`'
                | b'{'
                | b'|'
                | b'}'
                | b'~'
        )
}

const fn wrong<T>(kind: Kind, position: usize) -> Result<T, EmailError> {
    Err(EmailError { kind, position })
}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use alloc::format;
    use alloc::string::{String, ToString};

    fn result(text: &str) -> Result<(), (Kind, usize)> {
        check(text).map_err(|error| (error.kind(), error.position()))
    }

    #[test]
    fn accepts_ascii_atext_and_host_names() {
        for text in [
            "a@b",
            "ada@localhost",
            "ada.lovelace+otp@mail.example.com",
            "a..b.@docomo.example",
            ".@b",
            "!#$%&'*+-/=?^_`{|}~@b",
            "ada@xn--bcher-kva.example",
            "ada@XN--P1AI",
            "ada@a--b.c-d",
            "ada@3com.1a",
            "ada@0x1.example",
            "ada@0xg",
        ] {
            assert_eq!(result(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn reports_the_kind_and_position_of_errors() {
        for (text, kind, position) in [
            ("", Kind::MissingAt, 0),
            ("ada", Kind::MissingAt, 3),
            ("@b", Kind::EmptyLocalPart, 0),
            ("a b@c", Kind::LocalPartCharacter, 1),
            (" a@b", Kind::LocalPartCharacter, 0),
            ("<a@b>", Kind::LocalPartCharacter, 0),
            ("\"a b\"@c", Kind::LocalPartCharacter, 0),
            ("a(c)@b", Kind::LocalPartCharacter, 1),
            ("a\u{7f}@b", Kind::LocalPartCharacter, 1),
            ("\u{212a}@b", Kind::LocalPartNotAscii, 0),
            ("a\u{200b}@b", Kind::LocalPartNotAscii, 1),
            ("a\u{ad}@b", Kind::LocalPartNotAscii, 1),
            ("a@", Kind::EmptyLabel, 2),
            ("a@.", Kind::EmptyLabel, 2),
            ("a@.b", Kind::EmptyLabel, 2),
            ("a@b..c", Kind::EmptyLabel, 4),
            ("a@b.", Kind::EmptyLabel, 4),
            ("a@-", Kind::LabelHyphen, 2),
            ("a@-b", Kind::LabelHyphen, 2),
            ("a@b-", Kind::LabelHyphen, 3),
            ("a@b-.c", Kind::LabelHyphen, 3),
            ("a@b c", Kind::DomainCharacter, 3),
            ("a@b\n", Kind::DomainCharacter, 3),
            ("a@b@c", Kind::DomainCharacter, 3),
            ("a@b_c", Kind::DomainCharacter, 3),
            ("a@b(c)", Kind::DomainCharacter, 3),
            ("a@[192.0.2.1]", Kind::DomainCharacter, 2),
            ("a@ex\u{e4}mple.de", Kind::DomainNotAscii, 4),
            ("a@b\u{202e}", Kind::DomainNotAscii, 3),
            ("a@b\u{3002}c", Kind::DomainNotAscii, 3),
            ("a@b-\u{e4}", Kind::DomainNotAscii, 4),
            ("a@192.0.2.1", Kind::NumericDomain, 10),
            ("a@1", Kind::NumericDomain, 2),
            ("a@b.0x7F", Kind::NumericDomain, 4),
        ] {
            assert_eq!(result(text), Err((kind, position)), "{text}");
        }
        let error = check("a@b..c").unwrap_err();
        assert_eq!(
            error.to_string(),
            "not an email address: byte 4: expected a label: a domain neither begins nor ends with a dot, and has no two dots in a row"
        );
    }

    #[test]
    fn enforces_length_limits() {
        let a = |count| "a".repeat(count);
        assert_eq!(result(&format!("{}@b", a(64))), Ok(()));
        assert_eq!(result(&format!("{}@b", a(65))), Err((Kind::LocalPartTooLong, 64)));
        assert_eq!(result(&a(1_000_000)), Err((Kind::LocalPartTooLong, 64)));
        assert_eq!(result(&format!("a@{}.b", a(63))), Ok(()));
        assert_eq!(result(&format!("a@{}.b", a(64))), Err((Kind::LabelTooLong, 65)));
        assert_eq!(result(&format!("a@{}-", a(63))), Err((Kind::LabelTooLong, 65)));
        let of = |bytes: usize| format!("a@{}", a(1) + &".a".repeat((bytes - 3) / 2)) + &a((bytes - 3) % 2);
        for (bytes, expected) in [(253, Ok(())), (254, Ok(())), (255, Err((Kind::TooLong, 254)))] {
            let text: String = of(bytes);
            assert_eq!((text.len(), result(&text)), (bytes, expected));
        }
        assert_eq!(result(&of(1_000_000)), Err((Kind::TooLong, 254)));
    }
}
