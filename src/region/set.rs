//! Sets of regions as bit sets.

use core::fmt;

use super::Region;
use crate::tables;

/// A set of regions. It is a bit set of four words, `Copy`, and usable in constants.
///
/// ```
/// use countersign::Region;
/// use countersign::region::RegionSet;
///
/// const NORDIC: RegionSet =
///     RegionSet::of(&[Region::DK, Region::FI, Region::IS, Region::NO, Region::SE]);
/// assert!(NORDIC.contains(Region::IS));
/// assert_eq!(NORDIC.difference(RegionSet::SMS_UNSUPPORTED), NORDIC);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct RegionSet([u64; 4]);

impl RegionSet {
    /// The empty set.
    pub const EMPTY: Self = Self([0; 4]);

    /// The set of all regions.
    pub const ALL: Self = {
        let mut set = Self::EMPTY;
        let mut index = 0;
        while index < Region::COUNT {
            set = set.with(Region::at(index as u8));
            index += 1;
        }
        set
    };

    /// The regions to which no SMS passcode can be sent. Source: `data/sms_unsupported.csv`.
    pub const SMS_UNSUPPORTED: Self = Self(tables::SMS_UNSUPPORTED);

    /// The regions to which no WhatsApp passcode can be sent. Source:
    /// `data/whatsapp_unsupported.csv`.
    pub const WHATSAPP_UNSUPPORTED: Self = Self(tables::WHATSAPP_UNSUPPORTED);

    /// The regions that only an older page of the provider lists as unsupported for SMS: Denmark,
    /// Sweden and Sint Maarten. They are not denied by default. A cautious application can pass
    /// this set to [`Policy::deny`](crate::Policy::deny). Source: `data/sms_unsupported_older.csv`.
    pub const SMS_UNSUPPORTED_OLDER: Self = Self(tables::SMS_UNSUPPORTED_OLDER);

    pub(crate) const SMS_DEFAULT_ALLOWED: Self = Self(tables::SMS_DEFAULT_ALLOWED);
    pub(crate) const WHATSAPP_DEFAULT_ALLOWED: Self = Self(tables::WHATSAPP_DEFAULT_ALLOWED);

    /// Creates the set of these regions.
    #[must_use]
    pub const fn of(regions: &[Region]) -> Self {
        let mut set = Self::EMPTY;
        let mut index = 0;
        while index < regions.len() {
            set = set.with(regions[index]);
            index += 1;
        }
        set
    }

    /// Returns whether `region` is in the set.
    #[must_use]
    pub const fn contains(&self, region: Region) -> bool {
        self.0[region.index() / 64 % 4] >> (region.index() % 64) & 1 == 1
    }

    /// Returns this set with `region` added.
    #[must_use]
    pub const fn with(mut self, region: Region) -> Self {
        self.0[region.index() / 64] |= 1 << (region.index() % 64);
        self
    }

    /// Returns the regions that are in this set or in `other`.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        Self([a | e, b | f, c | g, d | h])
    }

    /// Returns the regions that are in both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        Self([a & e, b & f, c & g, d & h])
    }

    /// Returns the regions that are in this set but not in `other`.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        let [e, f, g, h] = other.0;
        self.intersection(Self([!e, !f, !g, !h]))
    }

    /// Returns whether the set is empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the number of regions in the set.
    #[must_use]
    pub const fn len(&self) -> usize {
        let [a, b, c, d] = self.0;
        (a.count_ones() + b.count_ones() + c.count_ones() + d.count_ones()) as usize
    }

    /// Returns an iterator over the regions of the set, ordered by code.
    #[must_use]
    pub const fn iter(self) -> Regions {
        Regions { set: self, next: 0 }
    }
}

/// Shows the codes, as in `{CA, US}`.
impl fmt::Debug for RegionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl FromIterator<Region> for RegionSet {
    fn from_iter<I: IntoIterator<Item = Region>>(regions: I) -> Self {
        regions.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl IntoIterator for RegionSet {
    type Item = Region;
    type IntoIter = Regions;

    fn into_iter(self) -> Regions {
        self.iter()
    }
}

/// An iterator over the regions of a set. See [`RegionSet::iter`].
#[derive(Clone, Debug)]
pub struct Regions {
    set: RegionSet,
    next: usize,
}

impl Iterator for Regions {
    type Item = Region;

    fn next(&mut self) -> Option<Region> {
        while self.next < Region::COUNT {
            let region = Region::at(u8::try_from(self.next).ok()?);
            self.next += 1;
            if self.set.contains(region) {
                return Some(region);
            }
        }
        None
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len(), Some(self.len()))
    }
}

impl ExactSizeIterator for Regions {
    fn len(&self) -> usize {
        let seen = (0..self.next).filter_map(|index| u8::try_from(index).ok().map(Region::at));
        self.set.len() - seen.filter(|&region| self.set.contains(region)).count()
    }
}

impl core::iter::FusedIterator for Regions {}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use alloc::format;

    #[test]
    fn collects_regions() {
        let set: RegionSet = [Region::US, Region::AC, Region::ZW].into_iter().collect();
        assert_eq!(format!("{set:?}"), "{AC, US, ZW}");
        assert_eq!(set.len(), 3);
        assert!(!set.contains(Region::CA));
    }

    #[test]
    fn iterator_reports_its_remaining_length() {
        let mut regions = RegionSet::of(&[Region::AC, Region::US, Region::ZW]).iter();
        for left in [3, 2, 1, 0, 0] {
            assert_eq!((regions.len(), regions.size_hint()), (left, (left, Some(left))));
            regions.next();
        }
        assert_eq!(Region::all().len(), Region::COUNT);
    }

    /// Every region, combined with a few regions in each word of the set.
    #[test]
    fn sets_of_two_behave_like_lists() {
        for a in Region::all().step_by(23) {
            let of_a = RegionSet::of(&[a]);
            assert_eq!(of_a.with(a), of_a);
            for b in Region::all() {
                let (of_b, both) = (RegionSet::of(&[b]), RegionSet::of(&[a, b]));
                assert_eq!(of_a.contains(b), a == b);
                assert_eq!((of_a.union(of_b), both.union(of_b)), (both, both));
                assert_eq!(both.intersection(of_b), of_b);
                assert_eq!(both.difference(of_b).contains(a), a != b);
                assert_eq!(both.len(), if a == b { 1 } else { 2 });
                assert!(both.iter().eq([a.min(b), a.max(b)].into_iter().take(both.len())));
            }
        }
        assert!(RegionSet::EMPTY.is_empty() && RegionSet::EMPTY.iter().next().is_none());
        assert!(!RegionSet::of(&[Region::ZW]).is_empty());
    }

    #[test]
    fn union_intersection_and_difference() {
        let (ab, bc) = (RegionSet::of(&[Region::AD, Region::BE]), RegionSet::of(&[Region::BE, Region::ZW]));
        assert_eq!(ab.union(bc), RegionSet::of(&[Region::AD, Region::BE, Region::ZW]));
        assert_eq!(ab.intersection(bc), RegionSet::of(&[Region::BE]));
        assert_eq!(ab.difference(bc), RegionSet::of(&[Region::AD]));
        assert!(ab.difference(ab).is_empty());
        assert_eq!(RegionSet::ALL.len(), Region::COUNT);
        assert_eq!(RegionSet::ALL.iter().collect::<RegionSet>(), RegionSet::ALL);
    }
}
