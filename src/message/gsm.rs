//! The GSM 7 bit default alphabet and its extension table: 3GPP TS 23.038 §6.2.1 and §6.2.1.1 (once GSM 03.38), in the
//! order of their codes. Networks without national language tables, which are most, know these characters alone.
//!
//! Why not a crate: `gsm7` 0.4 writes into `std::io` and counts by encoding, `gsm7-alt` 0.1 needs `std` and hash tables made at
//! the first call; this needs a character's width, and neither memory nor `std`.

/// Codes 0x00 to 0x7F without 0x1B, the escape to the extension table.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
    ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// What comes after an escape, which takes a septet itself.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// How many septets the character takes, if the alphabet has it.
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
    fn the_tables_have_each_character_once() {
        assert_eq!((BASIC.chars().count(), EXTENSION.chars().count()), (127, 10));
        let all = || BASIC.chars().chain(EXTENSION.chars());
        assert!(all().all(|c| all().filter(|&other| other == c).count() == 1));
    }

    #[test]
    fn the_characters_that_are_often_taken_wrongly() {
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
