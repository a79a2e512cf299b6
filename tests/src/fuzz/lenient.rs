//! The lenient parser, compared with a plain reading of accepted texts.

use countersign::PhoneNumber;
use countersign::number::Lenient;

/// Takes any UTF-8 text.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for (lenient, double_zero) in [(Lenient::new(), false), (Lenient::new().with_double_zero(), true)] {
        let plain = plain(text, double_zero).and_then(|e164| e164.parse::<PhoneNumber>().ok());
        match (lenient.parse(text), plain) {
            (Ok(number), Some(plain)) if number == plain => {}
            // The parser may remove a national prefix, if only then the plan knows the number.
            (Ok(number), plain) => {
                assert!(plain.and_then(PhoneNumber::kind).is_none() && number.kind().is_some(), "{number}");
            }
            (Err(error), plain) => {
                assert_eq!(plain, None, "{error}");
                assert!(error.at() <= text.len());
            }
        }
    }
}

/// Returns the text in E.164, if it consists of digits, one sign in front, and characters that
/// people put between.
fn plain(text: &str, double_zero: bool) -> Option<String> {
    const BETWEEN: &str = " .-()\u{A0}\u{2009}\u{202F}\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}";
    if text.len() > 64 {
        return None;
    }
    let scheme = text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("tel:"));
    let written = if scheme { &text[4..] } else { text };
    let written = written.trim_start_matches(|c| BETWEEN.contains(c));
    let rest = match written.strip_prefix('+') {
        Some(rest) => rest,
        None => written.strip_prefix("00").filter(|_| double_zero)?,
    };
    let digits: String = rest.chars().filter(|c| !BETWEEN.contains(*c)).collect();
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| format!("+{digits}"))
}
