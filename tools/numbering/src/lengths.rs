//! Sets of lengths of national numbers.

use core::fmt;

/// The most digits of an E.164 number: the calling code and the national number together.
pub const MAX_DIGITS: u8 = 15;

/// A set of lengths of national numbers, in digits.
///
/// Displays as in `data/numbering_plan.csv`: `10`, `7-9`, `7;9`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LengthSet(u16);

impl LengthSet {
    /// Adds a length. Ignores a length that E.164 does not allow, because no such number can be
    /// dialled.
    pub fn insert(&mut self, length: u16) {
        if length <= u16::from(MAX_DIGITS) {
            self.0 |= 1 << length;
        }
    }

    /// Returns whether `length` is in the set.
    #[must_use]
    pub fn contains(self, length: u8) -> bool {
        length <= MAX_DIGITS && self.0 & (1 << length) != 0
    }

    /// Returns the lengths in ascending order.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        (0..=MAX_DIGITS).filter(move |&length| self.contains(length))
    }

    /// Returns the lengths that are in either set.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl FromIterator<u16> for LengthSet {
    fn from_iter<I: IntoIterator<Item = u16>>(lengths: I) -> Self {
        let mut set = Self::default();
        lengths.into_iter().for_each(|length| set.insert(length));
        set
    }
}

impl fmt::Display for LengthSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut length = 0;
        let mut separator = "";
        while length <= MAX_DIGITS {
            let run = (length..=MAX_DIGITS).take_while(|&next| self.contains(next)).count() as u8;
            match run {
                0 => {}
                1 => write!(f, "{separator}{length}")?,
                _ => write!(f, "{separator}{length}-{}", length + run - 1)?,
            }
            if run > 0 {
                separator = ";";
            }
            length += run.max(1);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::LengthSet;

    #[test]
    fn displays_single_lengths_and_ranges() {
        let display = |lengths: &[u16]| lengths.iter().copied().collect::<LengthSet>().to_string();
        assert_eq!(display(&[10]), "10");
        assert_eq!(display(&[9, 7, 8]), "7-9");
        assert_eq!(display(&[7, 9, 14, 15]), "7;9;14-15");
        assert_eq!(display(&[]), "");
    }

    #[test]
    fn ignores_lengths_that_e164_does_not_allow() {
        let set: LengthSet = [15, 16, 17].into_iter().collect();
        assert!(set.contains(15) && !set.contains(16));
        assert_eq!(set.to_string(), "15");
    }
}
