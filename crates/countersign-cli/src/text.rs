//! Fields of CSV and strings of JSON.

use csv_core::{WriteResult, Writer};

/// Appends a field, quoted where RFC 4180 asks for it.
pub(crate) fn push_csv(output: &mut Vec<u8>, field: &[u8]) {
    let needs_quotes = |byte: &u8| matches!(byte, b',' | b'"' | b'\r' | b'\n');
    if !field.iter().any(needs_quotes) {
        return output.extend_from_slice(field);
    }
    let (mut writer, mut rest) = (Writer::new(), field);
    let mut piece = [0; 256];
    loop {
        let (result, read, written) = writer.field(rest, &mut piece);
        output.extend_from_slice(&piece[..written]);
        rest = &rest[read..];
        if result == WriteResult::InputEmpty {
            break;
        }
    }
    let (_, written) = writer.finish(&mut piece);
    output.extend_from_slice(&piece[..written]);
}

/// Appends a JSON string. What is not UTF-8 becomes U+FFFD.
pub(crate) fn push_json(output: &mut Vec<u8>, text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    // Writing a string to a `Vec` cannot fail.
    let _ = serde_json::to_writer(output, &text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_what_needs_quotes() {
        let long = "\"".repeat(1000);
        for (field, expected) in [
            ("", ""),
            ("+1202", "+1202"),
            (" a'b;c\t", " a'b;c\t"),
            ("a,b", "\"a,b\""),
            ("\"", "\"\"\"\""),
            ("\r", "\"\r\""),
            (&long, &format!("\"{}\"", "\"\"".repeat(1000))),
        ] {
            let mut output = b"x,".to_vec();
            push_csv(&mut output, field.as_bytes());
            assert_eq!(String::from_utf8(output).unwrap(), format!("x,{expected}"));
        }
    }

    #[test]
    fn escapes_what_json_escapes() {
        let mut output = Vec::new();
        push_json(&mut output, b"a\"\\\0\xFF\n");
        assert_eq!(String::from_utf8(output).unwrap(), "\"a\\\"\\\\\\u0000\u{FFFD}\\n\"");
    }
}
