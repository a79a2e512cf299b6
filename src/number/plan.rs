//! Looks numbers up in the numbering plan: a walk over the automaton that the build script compiles
//! from `data/numbering_plan.csv`.

use core::hint::select_unpredictable;

use super::kind::{Allocation, Kind};
use crate::region::Region;
use crate::tables::{CALLING_CODES, FIRST_FOUR, PLAN, STATES_FROM};

/// The region and allocation of a number, in the 14 bits that a [`PhoneNumber`](crate::PhoneNumber)
/// has for them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Label(u16);

const KIND_SHIFT: u32 = 8;
const UNALLOCATED: u16 = 0;
const IMPOSSIBLE: u16 = 15;

/// The label of an unassigned calling code.
const NOWHERE: u16 = 0;

/// The fewest digits of a number, which is the length of a leaf's first label.
const SHORTEST: usize = 7;

impl Label {
    /// The size of a label in bits.
    pub(crate) const BITS: u32 = 14;

    pub(crate) const fn bits(self) -> u16 {
        self.0
    }

    pub(crate) const fn from_bits(bits: u16) -> Self {
        Self(bits & ((1 << Self::BITS) - 1))
    }

    /// Returns the label of a kind number without a region.
    pub(crate) const fn of_kind(number: u16) -> Self {
        Self::from_bits(number << KIND_SHIFT)
    }

    pub(crate) const fn region(self) -> Option<Region> {
        Region::from_label(self.region_number())
    }

    pub(crate) const fn allocation(self) -> Allocation {
        match self.kind_number() {
            UNALLOCATED => Allocation::Unallocated,
            IMPOSSIBLE => Allocation::Impossible,
            number => match Kind::from_number(number as u8) {
                Some(kind) => Allocation::Assigned(kind),
                None => Allocation::Impossible,
            },
        }
    }

    /// Returns the value of [`Region::label`], or a number that is no region's.
    pub(crate) const fn region_number(self) -> u8 {
        self.0 as u8
    }

    /// Returns 0 for unallocated, a kind's number, or 15 for impossible.
    pub(crate) const fn kind_number(self) -> u16 {
        self.0 >> KIND_SHIFT
    }
}

/// Returns the label of an E.164 text, or `None` if its calling code is not assigned. The caller
/// has checked that the text is `+` and 7 to 15 ASCII digits. `head` holds its first eight bytes as
/// digit values.
#[inline]
pub(crate) fn label(head: u64, text: &[u8]) -> Option<Label> {
    let mut entry = enter(head)?;
    // The number of digits needed cannot be predicted, and a mispredicted branch costs more than
    // steps that stay at a leaf.
    for place in STEPS {
        entry = step_or_stay(entry, head, place)?;
    }
    if is_state(entry) {
        entry = walk(entry, text)?;
    }
    // No branch on whether the plan knows the number or on its length: both are as unpredictable as
    // the numbers.
    let label = *PLAN.get(text.len().checked_sub(1 + SHORTEST)?..)?.get(entry)?;
    (label != NOWHERE).then_some(Label(label))
}

/// The byte positions of the three digits between those of [`enter`] and those of [`walk`].
pub(super) const STEPS: core::ops::Range<u32> = 5..8;

/// Returns the entry for the first four digits.
#[inline]
pub(super) fn enter(head: u64) -> Option<usize> {
    // The parser computes the same pairs for the value, so the compiler does the work once. Each
    // digit forms a pair with the next one.
    let pairs = head.wrapping_mul(10).wrapping_add(head >> 8);
    let pair = |place: u32| usize::from((pairs >> (8 * place)) as u8);
    FIRST_FOUR.get(pair(1) * 100 + pair(3)).map(|&entry| usize::from(entry))
}

/// Returns the entry that the digit at `place` leads to from a state, and a leaf itself.
#[inline]
pub(super) fn step_or_stay(entry: usize, head: u64, place: u32) -> Option<usize> {
    let next = step(entry, (head >> (8 * place) & 0xF) as usize)?;
    Some(select_unpredictable(is_state(entry), next, entry))
}

/// Returns the leaf that the digits after the first seven lead to from a state.
#[inline]
pub(super) fn walk(mut entry: usize, text: &[u8]) -> Option<usize> {
    let mut rest = text.get(8..)?.iter();
    while is_state(entry) {
        // Where a number ends inside one of the plan's longest prefixes, all continuations agree on
        // its length.
        entry = step(entry, rest.next().map_or(0, |&byte| usize::from(byte & 0xF)))?;
    }
    Some(entry)
}

/// Returns the entry that a digit leads to from a state. From a leaf the result is meaningless: the
/// load reads what is next to the leaf's labels.
///
/// The next load depends on this one, so nothing else may come between them. Therefore the digit
/// offsets the table and not the entry, and entries are as wide as addresses.
#[inline]
fn step(entry: usize, digit: usize) -> Option<usize> {
    PLAN.get(digit..)?.get(entry).map(|&next| usize::from(next))
}

/// As [`step_or_stay`], for many numbers at once. The loads of the others hide the addition that the
/// load waits for, and it takes fewer instructions.
#[inline]
pub(super) fn step_or_stay_among_many(entry: usize, digit: u8) -> Option<usize> {
    let next = usize::from(*PLAN.get(entry + usize::from(digit))?);
    Some(select_unpredictable(is_state(entry), next, entry))
}

/// Returns the bits of a leaf's label for numbers with `beyond` digits more than the fewest. They
/// are 0 if the calling code is not assigned.
#[inline]
pub(super) fn bits_among_many(entry: usize, beyond: usize) -> Option<u16> {
    PLAN.get(entry + beyond).copied()
}

#[inline]
pub(super) const fn is_state(entry: usize) -> bool {
    entry >= STATES_FROM as usize
}

/// Returns the calling code that the digits begin with.
pub(crate) fn calling_code(digits: impl Iterator<Item = u16>) -> Option<u16> {
    let mut code = 0;
    digits.take(3).find_map(|digit| {
        code = code * 10 + digit;
        CALLING_CODES.binary_search(&code).is_ok().then_some(code)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Allocation::{Assigned, Impossible, Unallocated};

    /// Calls the lookup as the parser does.
    fn label(text: &[u8]) -> Option<Label> {
        super::label(u64::from_le_bytes(*text.first_chunk().unwrap()) & 0x0F0F_0F0F_0F0F_0F0F, text)
    }

    fn region(text: &str) -> Option<Region> {
        label(text.as_bytes()).unwrap().region()
    }

    fn allocation(text: &str) -> Allocation {
        label(text.as_bytes()).unwrap().allocation()
    }

    #[test]
    fn finds_regions_of_shared_calling_codes() {
        for (text, expected) in [
            ("+12025550162", Region::US),
            ("+12423591234", Region::BS),
            ("+18765550123", Region::JM),
            ("+17875550123", Region::PR),
            ("+16715550123", Region::GU),
            ("+14165550123", Region::CA),
            ("+447400123456", Region::GB),
            ("+441534456789", Region::JE),
            ("+441481256789", Region::GG),
            ("+79161234567", Region::RU),
            ("+77710009998", Region::KZ),
            ("+390669812345", Region::VA),
            ("+390612345678", Region::IT),
            ("+672310123", Region::NF),
            ("+672110123", Region::AQ),
        ] {
            assert_eq!(region(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn finds_kinds() {
        for (text, kind) in [
            ("+12025550162", Kind::FixedLineOrMobile),
            ("+18005550199", Kind::TollFree),
            ("+442079460958", Kind::FixedLine),
            ("+447400123456", Kind::Mobile),
            ("+449098790000", Kind::PremiumRate),
            ("+443001234567", Kind::Uan),
            ("+447640123456", Kind::Pager),
            ("+491701234567", Kind::Mobile),
            ("+49170131234567", Kind::Voicemail),
            ("+33891123456", Kind::PremiumRate),
            ("+8821612345678", Kind::Voip),
        ] {
            assert_eq!(allocation(text), Assigned(kind), "{text}");
        }
    }

    #[test]
    fn distinguishes_assigned_unallocated_and_impossible() {
        assert_eq!(allocation("+12025550162"), Assigned(Kind::FixedLineOrMobile));
        assert_eq!(allocation("+11025550162"), Unallocated);
        assert_eq!(allocation("+120255501"), Impossible);
        assert_eq!(allocation("+120255501623"), Impossible);
        assert_eq!(region("+11025550162"), Some(Region::US));
        assert_eq!(region("+1242000"), Some(Region::BS));
        assert_eq!(allocation("+4402079460958"), Impossible, "a national prefix is not dropped");
        assert_eq!(allocation("+78123456"), Impossible);
    }

    #[test]
    fn global_services_have_no_country() {
        for code in ["800", "808", "870", "878", "881", "882", "883", "888", "979"] {
            let mut text = *b"+00012345678";
            text[1..4].copy_from_slice(code.as_bytes());
            assert_eq!(label(&text).unwrap().region(), None, "{code}");
        }
    }

    #[test]
    fn unassigned_calling_codes_have_no_label() {
        for text in ["+9991234567", "+2101234567", "+0123456789"] {
            assert!(label(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn tables_of_the_plan_take_at_most_128_kib() {
        let size = size_of_val(&FIRST_FOUR) + size_of_val(&PLAN) + size_of_val(&CALLING_CODES);
        assert!(size <= 128 * 1024, "{size}");
    }
}
