//! Constant-time hexadecimal encoding (`base16ct`).

use core::fmt;

/// The length in bytes of the longest value written: a device token.
const LONGEST: usize = 40;

/// Writes bytes as lower-case hexadecimal digits.
pub(crate) fn write(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    let mut digits = [0; 2 * LONGEST];
    f.write_str(base16ct::lower::encode_str(bytes, &mut digits).map_err(|_| fmt::Error)?)
}

/// Decodes exactly `2 * N` hexadecimal digits of either case.
pub(crate) fn read<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let read = base16ct::mixed::decode(text, &mut bytes).ok()?.len();
    (read == N).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_digits_of_either_case_and_rejects_other_text() {
        assert_eq!(read("00fF"), Some([0x00, 0xFF]));
        for text in ["", "0", "00f", "00f+", "00ff00", "00f\u{e9}"] {
            assert_eq!(read::<2>(text), None, "{text}");
        }
    }
}
