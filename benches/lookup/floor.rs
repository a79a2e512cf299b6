//! The floor of a lookup: the fastest way known here to validate a text, compute its value, and
//! load one entry of one table. Beyond that, the library distinguishes regions and decides.

/// The calling code by the first three digits; 0 where none is assigned.
pub(crate) type Table = [u16; 1000];

/// Returns the value and the entry of a text that is `+` and 7 to 15 digits with an assigned
/// calling code.
///
/// The first and the last eight bytes cover the whole text. The bytes of such a word are validated
/// and weighted together (SWAR), so that only an error depends on a branch.
#[inline]
pub(crate) fn validate_and_load(text: &[u8], table: &Table) -> Option<(u64, u16)> {
    let (first, last) = (text.first_chunk()?, text.last_chunk()?);
    let (scale, mask) = *AFTER_THE_FIRST_WORD.get(text.len() - 8)?;
    let head = u64::from_le_bytes(*first) ^ u64::from_le_bytes(*b"+0000000");
    let tail = (u64::from_le_bytes(*last) ^ u64::from_le_bytes(*b"00000000")) & mask;
    if above_nine(head, tail) || head as u8 != 0 {
        return None;
    }
    let (head, tail) = (pairs(head), pairs(tail));
    // The first digit is paired with the `+`, which counts as zero; the second one with the third.
    let entry = *table.get(usize::from(head as u8) * 100 + usize::from((head >> 16) as u8))?;
    (entry != 0).then_some((weigh(head) * scale + weigh(tail), entry))
}

/// By the number of bytes after the first word: the weight of the first word, and the bytes of the
/// last word that are new.
const AFTER_THE_FIRST_WORD: [(u64, u64); 9] = [
    (1, 0),
    (10, u64::MAX << 56),
    (100, u64::MAX << 48),
    (1_000, u64::MAX << 40),
    (10_000, u64::MAX << 32),
    (100_000, u64::MAX << 24),
    (1_000_000, u64::MAX << 16),
    (10_000_000, u64::MAX << 8),
    (100_000_000, u64::MAX),
];

/// Returns whether a byte of one of the words is above 9: then the sum, or the byte itself, has its
/// high bit set.
fn above_nine(a: u64, b: u64) -> bool {
    const EVERY_BYTE: u64 = 0x0101_0101_0101_0101;
    let sums = a.wrapping_add(EVERY_BYTE * 0x76) | b.wrapping_add(EVERY_BYTE * 0x76);
    (sums | a | b) & (EVERY_BYTE * 0x80) != 0
}

/// Combines pairs of digits: every other byte becomes the value of two neighbouring digits. The
/// bytes between are leftovers.
fn pairs(digits: u64) -> u64 {
    digits.wrapping_mul(10).wrapping_add(digits >> 8)
}

/// Combines four pairs with two multiplications, each of which leaves two weighted pairs in the
/// high half.
fn weigh(pairs: u64) -> u64 {
    const FIRST_AND_THIRD: u64 = 0x0000_00FF_0000_00FF;
    let odd = (pairs & FIRST_AND_THIRD).wrapping_mul(1_000_000 << 32 | 100);
    let even = ((pairs >> 16) & FIRST_AND_THIRD).wrapping_mul(10_000 << 32 | 1);
    odd.wrapping_add(even) >> 32
}
