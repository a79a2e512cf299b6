//! The decimal digits of a number.
//!
//! They are computed eight at a time, in parallel: 15 dependent divisions would cost more than
//! formatting the digits.

/// Up to 16 digits from the most significant one, and [`END`] in the places after them.
#[cfg(feature = "format")]
pub(crate) type Digits = [u8; 16];

/// The value in places after the last digit: a state of the tables has an entry for it.
#[cfg(feature = "format")]
pub(crate) const END: u8 = 10;

/// Returns the 16 decimal digits of a number below 10^16, leading zeros included. The lowest byte is
/// the first digit.
pub(super) fn sixteen(number: u64) -> u128 {
    const HALF: u64 = 100_000_000;
    u128::from(eight(number / HALF)) | u128::from(eight(number % HALF)) << 64
}

/// Returns the decimal digits of a number below 10^16 without leading zeros, and their count.
#[cfg(feature = "format")]
pub(crate) fn digits(number: u64) -> (Digits, usize) {
    let bytes = sixteen(number);
    let leading_zeros = (bytes.trailing_zeros() / 8).min(15);
    let count = 16 - leading_zeros;
    let ends = u128::from_le_bytes([END; 16]);
    let ends = if leading_zeros == 0 { 0 } else { ends << (8 * count) };
    ((bytes >> (8 * leading_zeros) | ends).to_le_bytes(), count as usize)
}

/// Returns the eight digits of a number below 10^8, the most significant one in the lowest byte.
fn eight(number: u64) -> u64 {
    // Each step splits every part into its upper and lower half of digits. The multiplications
    // divide by 100 and 10: the products are exact for parts below 10,000 and 100.
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    let hundreds = ((fours * 10_486) >> 20) & 0x7F_0000_007F;
    let twos = hundreds | (fours - 100 * hundreds) << 16;
    let tens = ((twos * 103) >> 10) & 0x0F_000F_000F_000F;
    tens | (twos - 10 * tens) << 8
}

#[cfg(all(test, feature = "format"))]
mod tests {
    extern crate alloc;
    use super::*;
    use alloc::{string::ToString, vec::Vec};

    #[test]
    fn splits_numbers_of_all_lengths() {
        let mut number: u64 = 1;
        for length in 1..=16_usize {
            for number in [number, number * 10 - 1, number + number / 3, number * 7 + number / 9] {
                let (digits, count) = digits(number);
                let text: Vec<u8> = number.to_string().bytes().map(|byte| byte & 0x0F).collect();
                assert_eq!((&digits[..count], count), (&text[..], length), "{number}");
                assert!(digits[count..].iter().all(|&digit| digit == END));
            }
            number *= 10;
        }
    }

    #[test]
    fn splits_every_part() {
        for part in 0..10_000 {
            let expected = [part / 1000, part / 100 % 10, part / 10 % 10, part % 10].map(|digit| digit as u8);
            let bytes = eight(part * 10_001).to_le_bytes();
            assert_eq!((&bytes[..4], &bytes[4..]), (&expected[..], &expected[..]));
        }
    }
}
