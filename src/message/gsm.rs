//! The GSM 7-bit default alphabet and its extension table, in code order: 3GPP TS 23.038 §6.2.1 and
//! §6.2.1.1 (formerly GSM 03.38). Most networks have no national language tables and support these
//! characters only.
//!
//! This is not a dependency because `gsm7` 0.4 writes into `std::io` and counts by encoding, and
//! `gsm7-alt` 0.1 needs `std` and builds hash tables at the first call. This module needs only a
//! character's width, without memory or `std`.

/// The codes 0x00 to 0x7F without 0x1B, the escape to the extension table.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
    ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// The characters of the extension table. Each follows an escape, which takes a septet itself.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// Returns the number of septets of the character, or `None` if it is not in the alphabet.
pub(super) fn septets(c: char) -> Option<usize> {
    if BASIC.contains(c) {
        Some(1)
    } else if EXTENSION.contains(c) {
        Some(2)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_contain_each_character_once() {
        assert_eq!((BASIC.chars().count(), EXTENSION.chars().count()), (127, 10));
        let all = || BASIC.chars().chain(EXTENSION.chars());
        assert!(all().all(|c| all().filter(|&other| other == c).count() == 1));
    }

    #[test]
    fn counts_commonly_mistaken_characters() {
        for (c, width) in [
            ('Ç', Some(1)),
            ('ç', None),
            ('é', Some(1)),
            ('ê', None),
            ('ó', None),
            ('ã', None),
            ('à', Some(1)),
            ('á', None),
            ('ñ', Some(1)),
            ('¿', Some(1)),
            ('€', Some(2)),
            ('{', Some(2)),
            ('`', None),
            ('\t', None),
            ('\u{1b}', None),
            ('\u{a0}', None),
            ('’', None),
        ] {
            assert_eq!(septets(c), width, "{c:?}");
        }
    }
}
