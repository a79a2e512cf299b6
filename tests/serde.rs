//! `Serialize` and `Deserialize`: values round-trip, and no error repeats its input.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};

use ciborium::Value as Cbor;
use countersign::{Channel, DeviceToken, EmailAddress, Handle, PhoneNumber, Purpose, Region, Timestamp};
use proptest::prelude::*;
use serde_core::Serialize;
use serde_core::de::value::{Error as PlainError, MapDeserializer, SeqDeserializer};
use serde_core::de::{DeserializeOwned, IntoDeserializer};
use serde_json::{Value as Json, json};

use crate::cases::cases;

/// The errors for each input, in each format, for each type.
struct Errors(Vec<String>);

impl Errors {
    fn of<T: DeserializeOwned>(&mut self, number: &Number) {
        for json in number.jsons() {
            let text = json.to_string();
            self.note(serde_json::from_str::<T>(&text));
            self.note(serde_json::from_slice::<T>(text.as_bytes()));
            self.note(serde_json::from_reader::<_, T>(text.as_bytes()));
            self.note(serde_json::from_value::<T>(json.clone()));
            self.note(T::deserialize(&json));
            self.note(serde_json::from_str::<Vec<T>>(&format!("[{text}]")));
            self.note(serde_json::from_str::<Option<T>>(&text));
            self.note(serde_json::from_str::<BTreeMap<String, T>>(&format!(r#"{{"to": {text}}}"#)));
        }
        for text in number.broken_jsons() {
            self.note(serde_json::from_str::<T>(&text));
        }
        for cbor in number.cbors() {
            let mut bytes = vec![];
            ciborium::into_writer(&cbor, &mut bytes).unwrap();
            self.note(ciborium::from_reader::<T, _>(bytes.as_slice()));
            self.note(cbor.deserialized::<T>());
            self.note(Cbor::Array(vec![cbor]).deserialized::<Vec<T>>());
        }
        self.of_visitor_calls::<T>(number);
    }

    /// Makes every call of a visitor that a format can make.
    fn of_visitor_calls<T: DeserializeOwned>(&mut self, number: &Number) {
        type E = PlainError;
        let (digits, wide) = (number.digits, number.wide());
        macro_rules! each {
            ($($value:expr),* $(,)?) => {
                $(self.note(T::deserialize(IntoDeserializer::<E>::into_deserializer($value)));)*
            };
        }
        each!(
            digits,
            digits as i64,
            -(digits as i64),
            digits as u32,
            digits as i32,
            digits as usize,
            digits as isize
        );
        each!(
            u128::from(digits),
            i128::from(digits),
            wide,
            -(digits as i128),
            digits as f64,
            -(digits as f64),
            digits as f32
        );
        each!(number.text.as_str(), number.text.clone(), true, '7', ());
        self.note(T::deserialize(serde_core::de::value::BytesDeserializer::<E>::new(number.text.as_bytes())));
        self.note(T::deserialize(serde_core::de::value::BorrowedBytesDeserializer::<E>::new(
            number.text.as_bytes(),
        )));
        self.note(T::deserialize(SeqDeserializer::<_, E>::new([digits].into_iter())));
        self.note(T::deserialize(MapDeserializer::<_, E>::new([(digits, digits)].into_iter())));
    }

    fn note<T, E: Display + Debug>(&mut self, result: Result<T, E>) {
        if let Err(error) = result {
            self.0.extend([error.to_string(), format!("{error:?}")]);
        }
    }
}

/// A phone number in the wrong place, or in an invalid shape.
#[derive(Clone, Debug)]
struct Number {
    digits: u64,
    text: String,
}

impl Number {
    fn wide(&self) -> u128 {
        u128::from(self.digits) << 64 | u128::from(self.digits)
    }

    fn jsons(&self) -> Vec<Json> {
        let Self { digits, text } = self;
        let big: Json = serde_json::from_str(&format!("{digits}{digits}{digits}")).unwrap();
        vec![
            json!(digits),
            json!(-(*digits as i64)),
            json!(*digits as f64),
            json!(*digits as f64 + 0.5),
            big,
            json!(text),
            json!(format!("{text}x")),
            json!(format!("\"{text}\\\" {text}")),
            json!(format!("{text}@example..com")),
            json!([digits]),
            json!([text]),
            json!({ text: digits }),
            json!({ "type": text }),
            json!(null),
            json!(true),
        ]
    }

    /// Invalid JSON.
    fn broken_jsons(&self) -> Vec<String> {
        let Self { digits, text } = self;
        vec![
            format!("\"{text}"),
            format!("{digits}."),
            format!("{digits}x"),
            format!("-{digits}e"),
            format!("\"{text}\\q\""),
        ]
    }

    fn cbors(&self) -> Vec<Cbor> {
        let Self { digits, text } = self;
        let bignum = self.wide().to_be_bytes().to_vec();
        vec![
            Cbor::from(*digits),
            Cbor::from(-(*digits as i64)),
            Cbor::Float(*digits as f64),
            Cbor::Bytes(text.clone().into()),
            Cbor::Tag(2, Cbor::Bytes(bignum.clone()).into()),
            Cbor::Tag(3, Cbor::Bytes(bignum).into()),
            Cbor::Null,
            Cbor::Text(format!("{text}x")),
            Cbor::Array(vec![Cbor::from(*digits)]),
            Cbor::Tag(0, Cbor::Text(text.clone()).into()),
            Cbor::Map(vec![(Cbor::from(*digits), Cbor::Text(text.clone()))]),
        ]
    }
}

/// Numbers that do not occur as an example in an error message.
fn numbers() -> impl Strategy<Value = Number> {
    (1_000_000..=999_999_999_999_999_u64)
        .prop_map(|digits| Number { digits, text: format!("+{digits}") })
        .prop_filter("an example", |number| !repeats("+12025550162", number))
}

/// Returns whether a message contains six consecutive digits of the number.
fn repeats(said: &str, number: &Number) -> bool {
    let float = format!("{:e}", number.digits as f64).replace('.', "");
    let wide = number.wide().to_string();
    let found =
        |digits: &str| digits.as_bytes().windows(6).any(|part| said.contains(str::from_utf8(part).unwrap()));
    // A float of a single digit has its point after the first one.
    let shown: String = said.chars().filter(|c| *c != '.').collect();
    found(&number.text[1..]) || found(&wide) || float.len() > 6 && shown.contains(&float[..6])
}

proptest! {
    #![proptest_config(cases(50))]

    #[test]
    fn no_error_repeats_a_number(number in numbers()) {
        let mut errors = Errors(vec![]);
        errors.of::<PhoneNumber>(&number);
        errors.of::<EmailAddress>(&number);
        errors.of::<Region>(&number);
        errors.of::<Channel>(&number);
        errors.of::<Handle>(&number);
        errors.of::<DeviceToken>(&number);
        errors.of::<Purpose>(&number);
        errors.of::<Timestamp>(&number);
        for error in &errors.0 {
            prop_assert!(!repeats(error, &number), "{}", error);
        }
    }
}

#[test]
fn errors_name_the_expectation_and_the_position() {
    let said = |json: &str| serde_json::from_str::<PhoneNumber>(json).unwrap_err();
    let expected = "a phone number such as +12025550162";
    assert_eq!(
        said("12025550199").to_string(),
        format!("invalid type: integer `…`, expected {expected} at line 1 column 11")
    );
    assert_eq!(
        said("-1.5").to_string(),
        format!("invalid type: floating point `…`, expected {expected} at line 1 column 4")
    );
    assert_eq!(
        said("null").to_string(),
        format!("invalid type: null, expected {expected} at line 1 column 4")
    );
    assert!(said("\"+1202").is_eof() && said("\"\\q\"").is_syntax() && said("12025550199").is_data());
    let said = said("\"12025550199\"").to_string();
    assert!(said.starts_with("not an E.164 number: missing `+` at byte 0"), "{said}");
    let said = serde_json::from_str::<Timestamp>("\"+12025550199\"").unwrap_err().to_string();
    assert_eq!(said, "invalid type: string \"…\", expected u64 at line 1 column 14");
}

#[test]
fn values_round_trip() {
    fn check<T: Serialize + DeserializeOwned + Display>(value: &T) {
        let json = serde_json::to_string(value).unwrap();
        let back: T = serde_json::from_str(&json).unwrap();
        assert_eq!(back.to_string(), value.to_string());
        let mut cbor = vec![];
        ciborium::into_writer(value, &mut cbor).unwrap();
        let back: T = ciborium::from_reader(cbor.as_slice()).unwrap();
        assert_eq!(back.to_string(), value.to_string());
    }
    check(&"+12025550162".parse::<PhoneNumber>().unwrap());
    check(&"Ada@example.com".parse::<EmailAddress>().unwrap());
    check(&Region::FR);
    check(&Channel::WhatsApp);
    check(&Handle::from_bytes([7; 16]));
    check(&format!("01{}", "0a".repeat(39)).parse::<DeviceToken>().unwrap());
    check(&Purpose::LOGIN);
    let timestamp = Timestamp::from_unix_millis(1_800_000_000_123);
    assert_eq!(serde_json::to_string(&timestamp).unwrap(), "1800000000123");
    assert_eq!(serde_json::from_str::<Timestamp>("1800000000123").unwrap(), timestamp);
}
