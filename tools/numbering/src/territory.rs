//! The metadata of a territory, independent of its source.

use crate::{lengths::LengthSet, number_type::NumberType, pattern::Pattern, region::Region};

/// A territory of the metadata: a region, or a calling code that belongs to no region.
#[derive(Clone, Debug)]
pub struct Territory {
    /// The region; `None` for a non-geographic calling code, whose id is `001`.
    pub region: Option<Region>,
    /// The country calling code, such as 44.
    pub calling_code: u16,
    /// The leading digits of the national numbers, for some territories that share their calling
    /// code.
    pub leading_digits: Option<Pattern>,
    /// The description that every national number of the territory matches.
    pub general: Description,
    /// The descriptions of each type. The metadata has none for [`NumberType::FixedLineOrMobile`],
    /// which is derived.
    pub types: Vec<(NumberType, Description)>,
    /// Whether fixed line and mobile have exactly the same pattern, so that numbers of the two
    /// cannot be distinguished.
    pub same_fixed_line_and_mobile: bool,
}

/// A set of national numbers: the metadata's `PhoneNumberDesc`.
#[derive(Clone, Debug)]
pub struct Description {
    /// The pattern of the whole national number.
    pub pattern: Pattern,
    /// The possible lengths; `None` if the pattern alone decides.
    pub lengths: Option<LengthSet>,
    /// An example of a national number in the set.
    pub example: Option<String>,
}

impl Territory {
    /// Returns the description of a type.
    #[must_use]
    pub fn description(&self, number_type: NumberType) -> Option<&Description> {
        self.types.iter().find_map(|(known, description)| (*known == number_type).then_some(description))
    }
}

#[cfg(test)]
pub(crate) mod toy {
    //! Small territories for tests.

    use super::*;

    pub(crate) type Types<'a> = &'a [(NumberType, &'a str, &'a [u16])];

    /// Returns a territory of calling code 99. An empty text or list means none.
    pub(crate) fn territory(
        region: &str,
        leading_digits: &str,
        general: &str,
        types: Types<'_>,
    ) -> Territory {
        let describe = |pattern: &str, lengths: &[u16]| Description {
            pattern: pattern.parse().unwrap(),
            lengths: (!lengths.is_empty()).then(|| lengths.iter().copied().collect()),
            example: None,
        };
        let pattern_of =
            |wanted| types.iter().find(|(known, ..)| *known == wanted).map(|(_, pattern, _)| *pattern);
        let fixed_line = pattern_of(NumberType::FixedLine);
        Territory {
            region: Some(region.parse().unwrap()),
            calling_code: 99,
            leading_digits: (!leading_digits.is_empty()).then(|| leading_digits.parse().unwrap()),
            general: describe(general, &[]),
            types: types
                .iter()
                .map(|(known, pattern, lengths)| (*known, describe(pattern, lengths)))
                .collect(),
            same_fixed_line_and_mobile: fixed_line.is_some() && fixed_line == pattern_of(NumberType::Mobile),
        }
    }
}
