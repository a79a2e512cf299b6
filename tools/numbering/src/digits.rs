//! Sets of decimal digits.

use core::fmt;

/// A set of decimal digits: one position of a pattern.
///
/// Displays as in `data/numbering_plan.csv`: `7`, a class such as `[0-357]`, or `x` for any digit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct DigitSet(u16);

impl DigitSet {
    /// All ten digits.
    pub const ANY: Self = Self(0x3ff);

    /// Returns the digits from `first` to `last`, inclusive.
    #[must_use]
    pub fn range(first: u8, last: u8) -> Self {
        Self::from_iter(first..=last)
    }

    /// Returns whether `digit` is in the set.
    #[must_use]
    pub fn contains(self, digit: u8) -> bool {
        digit < 10 && self.0 & (1 << digit) != 0
    }

    /// Returns the digits that are in either set.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns the digits in ascending order.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        (0..10).filter(move |&digit| self.contains(digit))
    }
}

impl FromIterator<u8> for DigitSet {
    /// Ignores numbers above 9, which are not digits.
    fn from_iter<I: IntoIterator<Item = u8>>(digits: I) -> Self {
        let bits = digits.into_iter().filter(|&digit| digit < 10);
        Self(bits.fold(0, |set, digit| set | 1 << digit))
    }
}

impl fmt::Display for DigitSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::ANY {
            return f.write_str("x");
        }
        if self.0.count_ones() == 1 {
            return write!(f, "{}", self.0.trailing_zeros());
        }
        f.write_str("[")?;
        let mut digit = 0;
        while digit < 10 {
            let run = (digit..10).take_while(|&next| self.contains(next)).count();
            match run {
                0 => {}
                1 => write!(f, "{digit}")?,
                2 => write!(f, "{digit}{}", digit + 1)?,
                _ => write!(f, "{digit}-{}", digit + run as u8 - 1)?,
            }
            digit += run.max(1) as u8;
        }
        f.write_str("]")
    }
}

#[cfg(test)]
mod tests {
    use super::DigitSet;

    #[test]
    fn displays_as_a_digit_a_class_or_x() {
        let display = |digits: &[u8]| digits.iter().copied().collect::<DigitSet>().to_string();
        assert_eq!(display(&[7]), "7");
        assert_eq!(display(&[3, 4, 5]), "[3-5]");
        assert_eq!(display(&[0, 1, 5, 7, 8, 9]), "[0157-9]");
        assert_eq!(display(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), "x");
    }

    #[test]
    fn ignores_numbers_above_nine() {
        assert_eq!(DigitSet::range(8, 12), DigitSet::range(8, 9));
        assert!(!DigitSet::ANY.contains(10));
        assert_eq!(DigitSet::range(2, 4).iter().collect::<Vec<_>>(), [2, 3, 4]);
    }
}
