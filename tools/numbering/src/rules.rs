//! libphonenumber's rules: the label of a number, given the descriptions that it matches.

use crate::{number_type::NumberType, region::Region, territory::Territory};

/// libphonenumber's answer about a valid number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label {
    /// The number's region; `None` for a number that belongs to no region.
    pub region: Option<Region>,
    /// The number's type.
    pub number_type: NumberType,
}

/// The parts of a territory's metadata that a national number matches.
///
/// A number matches a description if it has one of its lengths and its pattern matches the whole
/// number (libphonenumber's `isNumberMatchingDesc`). It matches leading digits if they match at the
/// start.
#[derive(Clone, Debug, Default)]
pub struct Matches {
    /// Whether the number matches the territory's leading digits.
    pub leading_digits: bool,
    /// Whether the number matches the general description.
    pub general: bool,
    /// The types whose descriptions the number matches.
    pub types: Vec<NumberType>,
}

/// Returns the region and type of a national number, or `None` if it is not valid. `matches` has
/// its matches in each of the territories that share its calling code.
///
/// This is `getRegionCodeForNumber` with `getNumberType`: the number's region is the first
/// territory that claims it, and its type is the one that it has in that territory. So a territory
/// can claim a number (by leading digits) that is not valid there.
#[must_use]
pub fn label(territories: &[Territory], matches: &[Matches]) -> Option<Label> {
    let alone = territories.len() == 1;
    territories.iter().zip(matches).find_map(|(territory, matches)| {
        let number_type = number_type(territory, matches);
        let claimed = match territory.leading_digits {
            _ if alone => true,
            Some(_) => matches.leading_digits,
            None => number_type.is_some(),
        };
        claimed.then(|| number_type.map(|number_type| Label { region: territory.region, number_type }))
    })?
}

/// The types that are checked before fixed line and mobile, in the order of `getNumberTypeHelper`.
const SPECIAL_TYPES: [NumberType; 8] = [
    NumberType::PremiumRate,
    NumberType::TollFree,
    NumberType::SharedCost,
    NumberType::Voip,
    NumberType::PersonalNumber,
    NumberType::Pager,
    NumberType::Uan,
    NumberType::Voicemail,
];

/// Implements `getNumberTypeHelper`, with `None` for its `UNKNOWN`.
fn number_type(territory: &Territory, matches: &Matches) -> Option<NumberType> {
    let is = |number_type| matches.types.contains(&number_type);
    if !matches.general {
        return None;
    }
    if let Some(special) = SPECIAL_TYPES.into_iter().find(|&number_type| is(number_type)) {
        return Some(special);
    }
    match (is(NumberType::FixedLine), is(NumberType::Mobile)) {
        (true, mobile) if mobile || territory.same_fixed_line_and_mobile => {
            Some(NumberType::FixedLineOrMobile)
        }
        (true, _) => Some(NumberType::FixedLine),
        (false, true) if !territory.same_fixed_line_and_mobile => Some(NumberType::Mobile),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::territory::toy;

    fn territory(region: &str, leading_digits: &str) -> Territory {
        toy::territory(region, leading_digits, "1", &[])
    }

    fn matches(types: &[NumberType]) -> Matches {
        Matches { leading_digits: false, general: true, types: types.to_vec() }
    }

    fn answer(territories: &[Territory], matches: &[Matches]) -> Option<(String, NumberType)> {
        label(territories, matches).map(|label| (label.region.unwrap().to_string(), label.number_type))
    }

    #[test]
    fn checks_types_in_order_if_the_general_description_matches() {
        let type_of = |matches| number_type(&territory("AA", ""), &matches);
        assert_eq!(
            type_of(matches(&[NumberType::TollFree, NumberType::PremiumRate])),
            Some(NumberType::PremiumRate)
        );
        assert_eq!(
            type_of(matches(&[NumberType::Mobile, NumberType::Voicemail])),
            Some(NumberType::Voicemail)
        );
        assert_eq!(type_of(matches(&[])), None);
        assert_eq!(type_of(Matches { general: false, ..matches(&[NumberType::Mobile]) }), None);
    }

    #[test]
    fn fixed_line_and_mobile_combine() {
        let one = |types: &[NumberType]| number_type(&territory("AA", ""), &matches(types));
        assert_eq!(one(&[NumberType::FixedLine]), Some(NumberType::FixedLine));
        assert_eq!(one(&[NumberType::Mobile]), Some(NumberType::Mobile));
        assert_eq!(one(&[NumberType::FixedLine, NumberType::Mobile]), Some(NumberType::FixedLineOrMobile));

        let same = Territory { same_fixed_line_and_mobile: true, ..territory("AA", "") };
        assert_eq!(
            number_type(&same, &matches(&[NumberType::FixedLine])),
            Some(NumberType::FixedLineOrMobile)
        );
        assert_eq!(number_type(&same, &matches(&[NumberType::Mobile])), None);
    }

    #[test]
    fn region_is_the_first_territory_with_a_type() {
        let territories = [territory("AA", ""), territory("BB", "")];
        let toll_free = [NumberType::TollFree];
        let mobile = [NumberType::Mobile];
        assert_eq!(
            answer(&territories, &[matches(&toll_free), matches(&mobile)]),
            Some(("AA".into(), NumberType::TollFree))
        );
        assert_eq!(
            answer(&territories, &[matches(&[]), matches(&mobile)]),
            Some(("BB".into(), NumberType::Mobile))
        );
        assert_eq!(answer(&territories, &[matches(&[]), matches(&[])]), None);
    }

    #[test]
    fn leading_digits_alone_claim_a_number() {
        let territories = [territory("AA", "1"), territory("BB", "")];
        let mobile = matches(&[NumberType::Mobile]);
        let claimed = |types| Matches { leading_digits: true, ..matches(types) };
        assert_eq!(
            answer(&territories, &[mobile.clone(), matches(&[NumberType::Pager])]),
            Some(("BB".into(), NumberType::Pager)),
            "has a type in AA, but not its leading digits"
        );
        assert_eq!(
            answer(&territories, &[claimed(&[]), mobile.clone()]),
            None,
            "claimed by AA, but not valid there"
        );
        assert_eq!(
            answer(&territories[..1], &[mobile]),
            Some(("AA".into(), NumberType::Mobile)),
            "no territory shares the calling code"
        );
    }
}
