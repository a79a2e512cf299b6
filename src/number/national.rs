//! Converts dialled digits to E.164, by the prefixes of `data/national_prefixes.csv`.
//!
//! libphonenumber decides by a pattern for each region whether to drop an apparent prefix. This
//! module asks the numbering plan instead, which is more precise: of two readings, the one that the
//! plan knows better wins.

use core::ops::Range;

use super::kind::Allocation;
use super::typed::Typed;
use super::{ParseError, PhoneNumber, plan, program};
use crate::region::Region;
use crate::tables::{DIALLING, NATIONAL_RULES, PREFIX_PROGRAM, PREFIX_RULES};

/// One way to interpret the digits.
type Reading = Result<PhoneNumber, ParseError>;

/// Reads digits that begin with a calling code, that is, the digits after a `+`.
///
/// A national prefix after the calling code (`+44 (0)20 …`) is dropped by the rule of the code's
/// main region.
pub(super) fn international(typed: Typed<'_>) -> Reading {
    let digits = typed.digits.iter().map(|byte| u16::from(byte & 0x0F));
    let code = match typed.digits {
        [b'1'..=b'9', ..] => plan::calling_code(digits),
        _ => None,
    };
    let Some(code) = code else { return typed.number([], 0..typed.digits.len()) };
    let rule = NATIONAL_RULES.binary_search_by_key(&code, |&(code, _)| code);
    let rule = rule.map_or(0, |place| NATIONAL_RULES[place].1);
    let code = CallingCode::new(code);
    behind_code(typed.after(code.digits().len()), code, rule, None)
}

/// The dialling rules of a region.
#[derive(Clone, Copy)]
pub(super) struct Dialling {
    region: Region,
    code: CallingCode,
    international: u8,
    national: u8,
}

impl Dialling {
    /// Returns `None` for a region without phone numbers of its own, such as Bouvet Island.
    pub(super) fn of(region: Region) -> Option<Self> {
        let &(code, international, national) = DIALLING.get(region.index())?;
        (code != 0).then(|| Self { region, code: CallingCode::new(code), international, national })
    }

    /// Reads digits as dialled in the region: a national number with or without its prefix, an
    /// international number after the region's international prefix, or one whose `+` is missing.
    pub(super) fn read(self, typed: Typed<'_>) -> Reading {
        if let Some(abroad) = self.behind_international_prefix(typed) {
            return international(abroad);
        }
        let region = Some(self.region);
        let own = behind_code(typed, self.code, self.national, region);
        if !typed.digits.starts_with(self.code.digits()) {
            return own;
        }
        let typed = typed.after(self.code.digits().len());
        let without_plus = behind_code(typed, self.code, self.national, region);
        if rank(&without_plus, region) > rank(&own, region) { without_plus } else { own }
    }

    /// Returns the digits after the international prefix, if there is one. No calling code begins
    /// with 0, so a 0 after the prefix means that the number is not international.
    fn behind_international_prefix(self, typed: Typed<'_>) -> Option<Typed<'_>> {
        let rest = typed.after(prefix(self.international, typed)?.end);
        matches!(rest.digits, [b'1'..=b'9', ..]).then_some(rest)
    }
}

/// Reads a national number, with or without a national prefix. `region` is the region in which it
/// is dialled, if known.
///
/// The prefix is dropped if the plan knows the number better without it, or if the number is
/// unallocated either way. After a `+`, people seldom write a national prefix. There it is dropped
/// only if that turns an unassigned number into an assigned one.
fn behind_code(typed: Typed<'_>, code: CallingCode, rule: u8, region: Option<Region>) -> Reading {
    let code = code.digits().iter().copied();
    let plain = typed.number(code.clone(), 0..typed.digits.len());
    let Some(prefix) = prefix(rule, typed) else { return plain };
    let kept = prefix.kept.into_iter().flatten().chain(prefix.end..typed.digits.len());
    let stripped = typed.number(code.chain(prefix.insert.bytes()), kept);
    let unallocated = |reading| known(reading) == Known::Unallocated;
    let better = match region {
        None => known(&stripped) == Known::Assigned && known(&plain) != Known::Assigned,
        Some(_) => {
            rank(&stripped, region) > rank(&plain, region) || unallocated(&plain) && unallocated(&stripped)
        }
    };
    if better { stripped } else { plain }
}

/// Ranks a reading; the greater of two wins. Among regions that share a calling code, a number of
/// the caller's own region ranks higher.
fn rank(reading: &Reading, region: Option<Region>) -> (Known, bool) {
    (known(reading), region.is_some() && reading.is_ok_and(|number| number.region() == region))
}

/// How well the plan knows a number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Known {
    NotE164,
    Impossible,
    Unallocated,
    Assigned,
}

fn known(reading: &Reading) -> Known {
    match reading.map(PhoneNumber::allocation) {
        Err(_) => Known::NotE164,
        Ok(Allocation::Impossible) => Known::Impossible,
        Ok(Allocation::Unallocated) => Known::Unallocated,
        Ok(Allocation::Assigned(_)) => Known::Assigned,
    }
}

/// A prefix of the digits.
struct Prefix {
    /// The index of the first digit after the prefix.
    end: usize,
    /// The digits of the prefix that are part of the number, such as an area code.
    kept: Option<Range<usize>>,
    /// The digits to insert before the kept ones in the international form.
    insert: &'static str,
}

/// Returns the prefix that a rule matches. Rule 0 matches none.
fn prefix(rule: u8, typed: Typed<'_>) -> Option<Prefix> {
    let &(start, insert) = PREFIX_RULES.get(usize::from(rule).checked_sub(1)?)?;
    let found = program::run(&PREFIX_PROGRAM, start, typed.digits)?;
    let insert = if found.group.is_some() { insert } else { "" };
    Some(Prefix { end: found.end, kept: found.group, insert })
}

/// A calling code as ASCII digits, right-aligned.
#[derive(Clone, Copy)]
struct CallingCode {
    bytes: [u8; 3],
    start: usize,
}

impl CallingCode {
    fn new(code: u16) -> Self {
        let digit = |value: u16| b'0' + (value % 10) as u8;
        let bytes = [digit(code / 100), digit(code / 10), digit(code)];
        Self { bytes, start: bytes.iter().take_while(|&&byte| byte == b'0').count() }
    }

    fn digits(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use alloc::string::{String, ToString};

    const PLACES: [u8; 64] = [0; 64];

    /// Returns the number read in `region`, or the name of the error.
    fn read(region: Region, digits: &str) -> String {
        let typed = Typed { digits: digits.as_bytes(), places: &PLACES[..digits.len()], end: digits.len() };
        match Dialling::of(region).unwrap().read(typed) {
            Ok(number) => number.to_string(),
            Err(error) => error.kind().as_str().to_string(),
        }
    }

    #[test]
    fn keeps_the_area_code_of_a_prefix() {
        // Brazil: a carrier code before ten or eleven digits, which are kept.
        assert_eq!(read(Region::BR, "01511961234567"), "+5511961234567");
        assert_eq!(read(Region::BR, "0211123456789"), "+551123456789");
        assert_eq!(read(Region::BR, "0151123456789"), "+551123456789");
        // Argentina: the area code is kept and the following 15 is dropped, for area codes of any
        // length.
        assert_eq!(read(Region::AR, "0296615412345"), "+5492966412345");
        assert_eq!(read(Region::AR, "0221154123456"), "+5492214123456");
    }

    #[test]
    fn adds_the_area_code_to_complete_local_numbers_only() {
        assert_eq!(read(Region::GG, "256789"), "+441481256789");
        assert_eq!(read(Region::GG, "01481256789"), "+441481256789");
        assert_eq!(read(Region::SM, "886377"), "+3780549886377");
        assert_eq!(read(Region::SM, "0549886377"), "+3780549886377");
        assert_eq!(read(Region::NF, "22222"), "+672322222");
    }

    #[test]
    fn keeps_a_prefix_that_is_part_of_the_number() {
        assert_eq!(read(Region::RU, "88005553535"), "+78005553535");
        assert_eq!(read(Region::RU, "8005553535"), "+78005553535");
        assert_eq!(read(Region::LT, "80012345"), "+37080012345");
        assert_eq!(read(Region::LT, "861234567"), "+37061234567");
    }

    #[test]
    fn reads_numbers_whose_plus_is_missing() {
        assert_eq!(read(Region::GB, "442079460958"), "+442079460958");
        assert_eq!(read(Region::GB, "4402079460958"), "+442079460958");
        assert_eq!(read(Region::IT, "390669812345"), "+390669812345");
        assert_eq!(read(Region::JE, "44456789"), "+441534456789");
        // 49 is also an area code prefix in northern Germany, and such numbers are as long as this
        // mobile number with its calling code. libphonenumber keeps it too: guessing otherwise
        // would reach another person.
        assert_eq!(read(Region::DE, "4915112345678"), "+494915112345678");
        // If the number exists in two regions, the region in which it is dialled wins.
        assert_eq!(read(Region::TT, "3107774"), "+18683107774");
        assert_eq!(read(Region::CA, "3107774"), "+13107774");
    }

    /// Numbers in a range newer than the plan are dialled with their prefix too. This holds even
    /// where the number with the zero has a possible length.
    #[test]
    fn drops_the_prefix_of_unallocated_numbers() {
        let unallocated = |text: &str| {
            text.parse::<PhoneNumber>().is_ok_and(|number| number.allocation() == Allocation::Unallocated)
        };
        assert!(unallocated("+491991234567") && unallocated("+4901991234567"));
        assert_eq!(read(Region::DE, "01991234567"), "+491991234567");
        assert_eq!(read(Region::DE, "1991234567"), "+491991234567");
    }

    #[test]
    fn reads_international_prefixes() {
        assert_eq!(read(Region::AU, "0011442079460958"), "+442079460958");
        assert_eq!(read(Region::BR, "0014442079460958"), "+442079460958");
        assert_eq!(read(Region::FI, "990442079460958"), "+442079460958");
        assert_eq!(read(Region::GB, "004402079460958"), "+442079460958");
        // No calling code begins with 0.
        assert_eq!(read(Region::GB, "0002079460958"), "+440002079460958");
    }

    #[test]
    fn calling_codes_have_one_to_three_digits() {
        for (code, digits) in [(1, "1"), (44, "44"), (500, "500"), (852, "852")] {
            assert_eq!(CallingCode::new(code).digits(), digits.as_bytes());
        }
    }

    #[test]
    fn tables_take_at_most_8_kib() {
        let size = size_of_val(&DIALLING)
            + size_of_val(&NATIONAL_RULES)
            + size_of_val(&PREFIX_RULES)
            + size_of_val(&PREFIX_PROGRAM);
        assert!(size <= 8 * 1024, "{size}");
    }
}
