//! Display formats, text fields and example numbers: libphonenumber's answers for thousands of
//! numbers, and laws that hold for any. `agreement/formats.py` compares millions.

use countersign::format::Input;
use countersign::number::{Lenient, METADATA_VERSION};
use countersign::{Kind, PhoneNumber, Region};
use proptest::prelude::*;

const FORMATS: &str = include_str!("data/formats.csv");
const TYPED: &str = include_str!("data/typed.csv");

#[test]
fn formats_agree_with_libphonenumber() {
    for line in FORMATS.lines().skip(2) {
        let [digits, international, national, rfc3966] = fields(line);
        let number: PhoneNumber = format!("+{digits}").parse().unwrap();
        assert_eq!(number.international().as_str(), international);
        assert_eq!(number.national().as_str(), national, "+{digits}");
        assert_eq!(number.rfc3966().as_str(), rfc3966);
    }
}

#[test]
fn text_fields_agree_with_libphonenumber() {
    for line in TYPED.lines().skip(2) {
        let [region, text, shown] = fields(line);
        let mut input = input(region.parse().ok());
        let texts: Vec<_> = text.chars().map(|c| input.push(c).to_owned()).collect();
        assert_eq!(texts.join("\t"), shown, "{region} {text}");
    }
}

/// If this fails, `data/` has newer metadata: recreate the answers with `python3
/// agreement/formats.py --write-expected`.
#[test]
fn fixtures_match_the_metadata_version() {
    for (answers, fewest) in [(FORMATS, 8_000), (TYPED, 3_000)] {
        let first = answers.lines().next().unwrap();
        assert!(first.ends_with(&format!("phonenumbers=={METADATA_VERSION}")), "{first}");
        assert!(answers.lines().count() > fewest);
    }
}

/// After all digits of a national number, a text field mostly shows the national format.
#[test]
fn examples_are_formatted_while_they_are_typed() {
    let (mut same, mut all) = (0, 0);
    for region in Region::all() {
        let Some(number) = region.example(Kind::Mobile) else { continue };
        let national = number.national();
        let mut input = Input::new(region);
        for c in national.as_str().chars().filter(char::is_ascii_digit) {
            input.push(c);
        }
        assert_eq!(input.number(), Ok(number), "{region}");
        all += 1;
        same += usize::from(input.as_str() == national.as_str());
    }
    assert!(same * 10 > all * 9, "{same} of {all}");
}

#[test]
fn masked_numbers_show_the_last_digits_only() {
    let number: PhoneNumber = "+12025550162".parse().unwrap();
    for (visible, text) in [
        (0, "+1 ••• ••• ••••"),
        (1, "+1 ••• ••• •••2"),
        (5, "+1 ••• ••5 0162"),
        (10, "+1 202 555 0162"),
        (usize::MAX, "+1 202 555 0162"),
    ] {
        assert_eq!(number.masked(visible).as_str(), text);
    }
    // The longest: 14 digits after the calling code, hidden.
    let longest: PhoneNumber = "+123456789012345".parse().unwrap();
    assert_eq!(longest.masked(0).as_str(), format!("+1 {}", "•".repeat(14)));
}

#[test]
fn formats_pad_and_are_hidden_in_debug() {
    let number: PhoneNumber = "+12025550162".parse().unwrap();
    assert_eq!(format!("{:>16}|", number.national()), "  (202) 555-0162|");
    assert_eq!(format!("{:<17}|", number.masked(2)), "+1 ••• ••• ••62  |");
    assert_eq!(format!("{:?}", number.international()), "Formatted(..)");
}

proptest! {
    /// Also for numbers that no plan has.
    #[test]
    fn formats_keep_all_digits(number in any_number()) {
        let digits = number.digits().to_string();
        prop_assert_eq!(only_digits(number.international().as_str()), digits.clone());
        prop_assert_eq!(only_digits(number.rfc3966().as_str()), digits.clone());
        let national = &digits[number.calling_code().to_string().len()..];
        // Argentina writes 9 11 … as 11 15 …
        if number.calling_code() != 54 {
            prop_assert!(only_digits(number.national().as_str()).ends_with(national));
        }
    }

    /// The lenient parser reads what was written for readers anywhere. It may drop what looks like
    /// a national prefix if only then the plan knows the number.
    #[test]
    fn international_formats_are_read_again(number in any_number()) {
        for text in [number.international(), number.rfc3966()] {
            let read = Lenient::new().parse(text.as_str());
            prop_assert!(read == Ok(number) || number.kind().is_none(), "{read:?}");
        }
    }

    /// The groups of digits are those of the international format.
    #[test]
    fn masked_numbers_have_the_international_groups(number in any_number(), visible in 0_usize..16) {
        let (masked, international) = (number.masked(visible), number.international());
        let groups = |text: &str, is_between: fn(char) -> bool| -> Vec<usize> {
            text.split(is_between).map(|group| group.chars().count()).filter(|len| *len > 0).collect()
        };
        let punctuation = |c: char| c != '+' && !c.is_ascii_digit();
        prop_assert_eq!(groups(masked.as_str(), |c| c == ' '), groups(international.as_str(), punctuation));
        prop_assert!(!masked.as_str().contains("  ") && !masked.as_str().ends_with(' '));
        let code = number.calling_code().to_string().len();
        let national = &number.digits().to_string()[code..];
        let shown = only_digits(masked.as_str());
        prop_assert_eq!(&shown[code..], &national[national.len().saturating_sub(visible)..]);
        let hidden = masked.as_str().chars().filter(|c| *c == '•').count();
        prop_assert_eq!(hidden, national.len().saturating_sub(visible));
    }

    /// Deleting is as if the character had never been typed.
    #[test]
    fn deleting_equals_typing_what_is_left(
        region in proptest::option::of(any_region()),
        keys in prop::collection::vec(prop_oneof![8 => any_key().prop_map(Some), 2 => Just(None)], 0..80),
    ) {
        let mut typing = input(region);
        let mut text = String::new();
        for key in keys {
            match key {
                Some(c) => {
                    if text.len() + c.len_utf8() <= 64 {
                        text.push(c);
                    }
                    typing.push(c);
                }
                None => {
                    text.pop();
                    typing.pop();
                }
            }
            let mut fresh = input(region);
            text.chars().for_each(|c| _ = fresh.push(c));
            prop_assert_eq!(typing.as_str(), fresh.as_str());
        }
    }

    /// A text field adds spaces and punctuation only.
    #[test]
    fn text_fields_keep_what_was_typed(region in any_region(), digits in "[+]?[1-9][0-9]{0,14}") {
        let mut typing = Input::new(region);
        for (at, c) in digits.char_indices() {
            typing.push(c);
            let shown: String = typing.as_str().chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
            prop_assert_eq!(shown, &digits[..=at]);
        }
        prop_assert_eq!(typing.number(), Lenient::new().with_region(region).parse(&digits));
    }
}

fn any_number() -> impl Strategy<Value = PhoneNumber> {
    "[1-9][0-9]{6,14}".prop_filter_map("a calling code", |digits| format!("+{digits}").parse().ok())
}

fn any_region() -> impl Strategy<Value = Region> {
    (0..Region::COUNT).prop_filter_map("a region", |place| Region::all().nth(place))
}

/// What people type into a field for phone numbers, and some of what they don't.
fn any_key() -> impl Strategy<Value = char> {
    prop_oneof![30 => prop::char::range('0', '9'), 2 => Just('+'), 1 => any::<char>()]
}

fn input(region: Option<Region>) -> Input {
    region.map_or_else(Input::international, Input::new)
}

fn only_digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn fields<const N: usize>(line: &str) -> [&str; N] {
    let mut fields = line.splitn(N, ',');
    std::array::from_fn(|_| fields.next().unwrap_or_default())
}
