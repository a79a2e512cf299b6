//! From the digits of a number to its region: a walk over the tables that `build.rs` makes of `data/`.

use crate::tables::{FIRST_THREE, ROW, ROWS};

/// The region's label of an E.164 text (`+` and at least three digits, all of them ASCII digits): 1 and more for a
/// region, `NO_COUNTRY` for a calling code without one, nothing for a calling code that is not assigned.
#[inline]
pub(crate) fn label(text: &[u8]) -> Option<u8> {
    let [_, a, b, c, rest @ ..] = text else { return None };
    let digit = |byte: u8| usize::from(byte & 0x0F);
    let mut entry = *FIRST_THREE.get(digit(*a) * 100 + digit(*b) * 10 + digit(*c))?;
    let mut rest = rest.iter();
    while entry >= ROW {
        // A number that ends inside a prefix gets the answer for what there is of it.
        let slot = rest.next().map_or(END, |&byte| digit(byte));
        entry = ROWS[usize::from(entry - ROW)][slot];
    }
    u8::try_from(entry).ok().filter(|&label| label != 0)
}

/// The slot of a row for "the digits end here".
const END: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::Region;
    use crate::tables::NO_COUNTRY;

    fn region(text: &str) -> Option<Region> {
        Region::from_label(label(text.as_bytes()).unwrap())
    }

    #[test]
    fn regions_of_shared_calling_codes() {
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
    fn global_services_have_no_country() {
        for code in ["800", "808", "870", "878", "881", "882", "883", "888", "979"] {
            let mut text = *b"+00012345678";
            text[1..4].copy_from_slice(code.as_bytes());
            assert_eq!(label(&text).map(u16::from), Some(NO_COUNTRY), "{code}");
        }
    }

    #[test]
    fn a_number_that_ends_in_a_prefix_has_the_enclosing_answer() {
        assert_eq!(region("+1242"), Some(Region::BS));
        assert_eq!(region("+124"), Some(Region::US));
        assert_eq!(label(b"+12"), None);
        assert_eq!(label(b"+999123"), None);
    }
}
