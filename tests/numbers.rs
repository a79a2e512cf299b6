//! Phone numbers: which texts parse, to which number, and how numbers are displayed.

use std::sync::LazyLock;

use countersign::PhoneNumber;
use countersign::number::{Lenient, ParseErrorKind};
use countersign_tests::e164;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::cases::cases;

static PLAN: LazyLock<e164::Plan> = LazyLock::new(e164::Plan::read);

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn any_bytes_match_the_plain_parser(text in texts()) {
        PLAN.compare(&text);
    }

    #[test]
    fn parsed_numbers_display_unchanged(text in valid()) {
        let number: PhoneNumber = text.parse().unwrap();
        prop_assert_eq!(number.to_string(), &text[..]);
        let e164 = number.to_e164();
        prop_assert_eq!((e164.as_str(), e164.digits()), (&text[..], &text[1..]));
        prop_assert_eq!(number.digits().to_string(), &text[1..]);
    }

    #[test]
    fn bytes_and_text_parse_alike(text in ".{0,20}") {
        let read = text.parse::<PhoneNumber>();
        prop_assert_eq!(PhoneNumber::try_from(text.as_bytes()), read);
        prop_assert_eq!(PhoneNumber::try_from(text.as_str()), read);
    }

    #[test]
    fn numbers_are_ordered_by_their_digits(a in valid(), b in valid()) {
        let numeric = a[1..].parse::<u64>().unwrap().cmp(&b[1..].parse().unwrap());
        let (a, b): (PhoneNumber, PhoneNumber) = (a.parse().unwrap(), b.parse().unwrap());
        prop_assert_eq!(a.cmp(&b), numeric);
        prop_assert_eq!(a == b, numeric.is_eq());
    }

    #[test]
    fn debug_hides_at_least_five_digits(text in valid()) {
        let digits = text.len() - 1;
        let shown = format!("{:?}", text.parse::<PhoneNumber>().unwrap());
        let seen = shown.chars().filter(char::is_ascii_digit).count();
        prop_assert!(seen <= 6 && seen + 5 <= digits, "{}", shown);
        prop_assert_eq!(shown.chars().count(), text.len());
    }

    #[test]
    fn decorated_numbers_parse_to_the_same_number((text, decorated) in decorated()) {
        let number: PhoneNumber = text.parse().unwrap();
        let read = Lenient::new().parse(&decorated).unwrap();
        prop_assert!(is_meant(number, read), "{} for {}", read, number);
        prop_assert_eq!(Lenient::new().with_double_zero().parse(&decorated), Ok(read));
        let dialled = decorated.replacen('+', "00", 1);
        prop_assert_eq!(Lenient::new().with_double_zero().parse(&dialled), Ok(read));
        prop_assert!(Lenient::new().parse(&dialled).is_err());
    }

    #[test]
    fn rejects_letters_and_non_ascii_digits(
        (_, decorated) in decorated(),
        at in any::<Index>(),
        letter in letter(),
    ) {
        let places: Vec<usize> = decorated.char_indices().map(|(at, _)| at).collect();
        let mut text = decorated.clone();
        text.insert_str(*at.get(&places), &letter);
        let error = Lenient::new().with_double_zero().parse(&text).unwrap_err();
        prop_assert!(error.at() <= text.len());
    }

    #[test]
    fn lenient_numbers_consist_of_the_digits_in_the_text(text in pasted()) {
        for (lenient, zeros) in [(Lenient::new(), ""), (Lenient::new().with_double_zero(), "00")] {
            match lenient.parse(&text) {
                Ok(number) => {
                    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
                    let digits = if text.contains('+') { &digits } else { digits.strip_prefix(zeros).unwrap() };
                    let strict = format!("+{digits}").parse::<PhoneNumber>();
                    let is_meant = strict.map_or_else(|_| number.kind().is_some(), |strict| is_meant(strict, number));
                    prop_assert!(is_meant, "{number} for {digits}");
                    prop_assert!(text.contains('+') || !zeros.is_empty());
                }
                Err(error) => {
                    prop_assert!(error.at() <= text.len());
                    prop_assert!(text.is_char_boundary(error.at()) || error.kind() == ParseErrorKind::TooLong);
                }
            }
        }
    }
}

#[test]
fn every_plan_prefix_with_every_length_matches_the_plain_parser() {
    for beginning in beginnings() {
        // Numbers that are shorter than the prefix.
        (1..beginning.len()).for_each(|length| PLAN.compare(format!("+{}", &beginning[..length]).as_bytes()));
        for last in ['0', '5', '9'] {
            for length in beginning.len().max(6)..=16 {
                let text = format!("+{beginning:0<length$}");
                let text = text[..text.len() - 1].to_owned() + &last.to_string();
                PLAN.compare(text.as_bytes());
            }
        }
    }
}

/// Returns whether `read` is an intended reading of `strict`: the number itself, or, if the plan
/// does not know it, a number without its national prefix that the plan knows.
fn is_meant(strict: PhoneNumber, read: PhoneNumber) -> bool {
    read == strict
        || strict.kind().is_none() && read.kind().is_some() && read.calling_code() == strict.calling_code()
}

/// `+` and 7 to 15 digits with an assigned calling code, often of a region that shares its code.
fn valid() -> impl Strategy<Value = String> {
    let beginnings = beginnings();
    (select(beginnings), vec(0..10u8, 15), 7..=15usize).prop_map(|(beginning, digits, length)| {
        let rest: String = digits.iter().map(u8::to_string).collect();
        format!("+{beginning}{rest}")[..=length].to_owned()
    })
}

/// From arbitrary bytes to numbers with one error.
pub fn texts() -> impl Strategy<Value = Vec<u8>> {
    let damaged = (valid(), any::<Index>(), any::<u8>()).prop_map(|(text, at, byte)| {
        let mut bytes = text.into_bytes();
        *at.get_mut(&mut bytes) = byte;
        bytes
    });
    let digits = vec(b'0'..=b'9', 0..19).prop_map(|digits| [b"+".as_slice(), &digits].concat());
    prop_oneof![
        vec(any::<u8>(), 0..24),
        digits,
        damaged,
        valid().prop_map(String::into_bytes),
        (valid(), vec(any::<u8>(), 0..3)).prop_map(|(text, more)| [text.as_bytes(), &more].concat()),
    ]
}

/// A valid number, and the same with characters that people put between digits. `(0)` is not among
/// them: it changes the number.
fn decorated() -> impl Strategy<Value = (String, String)> {
    let mark = select(vec![
        "", "", " ", ".", "-", "(", ")", " (", ") ", "\u{A0}", "\u{2009}", "\u{2011}", "\u{2013}",
    ]);
    (valid(), vec(mark, 16), select(vec!["", "tel:", "TEL:", "Tel:"])).prop_filter_map(
        "too long, or with (0)",
        |(text, marks, scheme)| {
            let between: String = text.chars().zip(&marks).map(|(c, mark)| format!("{mark}{c}")).collect();
            let decorated = format!("{scheme}{between}");
            (decorated.len() < 63 && !decorated.contains("(0)")).then_some((text, decorated))
        },
    )
}

/// Characters that are letters or digits somewhere, but not ASCII digits.
fn letter() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zA-Z]", r"\p{L}", r"[\p{Nd}--[0-9]]", r"[\p{No}\p{Nl}]"]
}

/// Texts of the characters that the lenient parser distinguishes.
fn pasted() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => "[0-9]{1,4}",
        1 => Just("+".to_owned()),
        3 => select(vec![" ", "-", ".", "(", ")", "\u{A0}"]).prop_map(str::to_owned),
        1 => select(vec!["tel:", "00", "(0)", "x", ";", "\u{661}", "é"]).prop_map(str::to_owned),
    ];
    (select(vec!["+", "+1", "+44", "00", "0044", "tel:+", "", "+39 0"]), vec(piece, 0..10))
        .prop_map(|(start, pieces)| start.to_owned() + &pieces.concat())
}

/// Returns the calling code and the first prefix of each row of the plan.
fn beginnings() -> Vec<String> {
    let rows = csv::Reader::from_reader(include_str!("../data/numbering_plan.csv").as_bytes()).into_records();
    let first = |prefix: &str| {
        let mut class = false;
        let mut kept = String::new();
        for (place, c) in prefix.char_indices() {
            match c {
                '[' => kept.extend(prefix[place + 1..].chars().next()),
                'x' => kept.push('0'),
                _ if !class && c.is_ascii_digit() => kept.push(c),
                _ => {}
            }
            class = c == '[' || class && c != ']';
        }
        kept
    };
    rows.map(Result::unwrap).map(|row| format!("{}{}", &row[0], first(&row[1]))).collect()
}
