//! Host name rules that email addresses and messages share.

/// The longest label of a host name, in bytes (RFC 1035 §2.3.4).
#[cfg(feature = "alloc")]
pub(crate) const LONGEST_LABEL: usize = 63;

/// Returns whether a host name ends in a number, so that programs parse it as an IPv4 address
/// (<https://url.spec.whatwg.org/#ends-in-a-number-checker>): `192.0.2.1`, but also `127.0.0.0x1`
/// and `2130706433`. As in that algorithm, an empty last label is ignored.
pub(crate) fn ends_in_a_number(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let last = host.rsplit('.').next().unwrap_or_default();
    match last.as_bytes() {
        [] => false,
        // The URL standard parses `0x` alone as zero.
        [b'0', b'x' | b'X', hex @ ..] if hex.iter().all(u8::is_ascii_hexdigit) => true,
        // Decimal or octal.
        digits => digits.iter().all(u8::is_ascii_digit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detects_decimal_octal_and_hexadecimal_numbers() {
        for host in ["1", "09", "1.2", "a.1", "a.0x", "a.0X1f", "127.0.0.0x1", "0x7f000001", "127.1.", "a.00"]
        {
            assert!(ends_in_a_number(host), "{host}");
        }
        for host in ["", ".", "a", "1.a", "1..", "a.1x", "a.0xg", "a.x1", "0x1.a", "a.1e3", "a.0b1", "a.-1"] {
            assert!(!ends_in_a_number(host), "{host}");
        }
    }
}
