//! The least that must be done for a number: the fastest way known here to see that a text is one, to read its value, and
//! to load one entry of one table. What the library does beyond that is telling regions apart and deciding.

/// The calling code by the first three digits; 0 where none is assigned.
pub(crate) type Table = [u16; 1000];

/// The value and the entry of a text that is `+` and 7 to 15 digits of an assigned calling code.
///
/// Its first and its last eight bytes hold all of it. The bytes of such a word are checked and weighed together (SWAR), so
/// that nothing but a refusal depends on a branch.
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
    // The first digit is paired with the `+`, which is worth nothing; the second one with the third.
    let entry = *table.get(usize::from(head as u8) * 100 + usize::from((head >> 16) as u8))?;
    (entry != 0).then_some((weigh(head) * scale + weigh(tail), entry))
}

/// By the number of bytes after the first word: what the first word is worth, and which bytes of the last word are new.
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

/// Whether a byte of one of the words is above 9: then the sum, or the byte itself, has the byte's high bit.
fn above_nine(a: u64, b: u64) -> bool {
    const EVERY_BYTE: u64 = 0x0101_0101_0101_0101;
    let sums = a.wrapping_add(EVERY_BYTE * 0x76) | b.wrapping_add(EVERY_BYTE * 0x76);
    (sums | a | b) & (EVERY_BYTE * 0x80) != 0
}

/// Every other byte becomes the number that two neighbouring digits make; the bytes between are left-overs.
fn pairs(digits: u64) -> u64 {
    digits.wrapping_mul(10).wrapping_add(digits >> 8)
}

/// The number that four pairs make: two multiplications, each of which puts two weighed pairs into the high half.
fn weigh(pairs: u64) -> u64 {
    const FIRST_AND_THIRD: u64 = 0x0000_00FF_0000_00FF;
    let odd = (pairs & FIRST_AND_THIRD).wrapping_mul(1_000_000 << 32 | 100);
    let even = ((pairs >> 16) & FIRST_AND_THIRD).wrapping_mul(10_000 << 32 | 1);
    odd.wrapping_add(even) >> 32
}
