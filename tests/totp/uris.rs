//! Written URIs have one form, and the importer accepts others.

use countersign::totp::{KeyUri, KeyUriError, TotpSecret, TotpSettings, UriName};
use countersign_tests::fuzz::otpauth;
use countersign_tests::totp;
use proptest::prelude::*;

use super::{secret_bytes, settings};
use crate::cases::cases;

/// Names, some with characters that mean something in URIs.
fn name() -> impl Strategy<Value = UriName> {
    let text = prop_oneof!["[a-zA-Z0-9 +%&=?#/@.'~_-]{1,64}", "[^:\\p{C}]{1,64}", "[é東\u{1F600} %]{1,64}"];
    text.prop_filter_map("a name", |text| UriName::new(&text).ok())
}

fn uri() -> impl Strategy<Value = KeyUri> {
    (name(), name(), secret_bytes(), settings()).prop_map(|(issuer, account, bytes, settings)| {
        KeyUri::new(issuer, account, TotpSecret::from_bytes(&bytes).unwrap(), settings)
    })
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn reading_reverses_writing(uri in uri()) {
        let text = uri.to_text();
        prop_assert!(text.as_str().parse::<KeyUri>() == Ok(uri.clone()));
        let parts = totp::parts(text.as_str());
        let issuer = uri.issuer().unwrap().as_str();
        prop_assert_eq!((parts.issuer.as_str(), parts.account.as_str()), (issuer, uri.account().as_str()));
        let settings = uri.settings();
        let expected = [
            ("secret", uri.secret().to_base32().as_str().to_owned()),
            ("issuer", issuer.to_owned()),
            ("algorithm", settings.algorithm().to_string()),
            ("digits", settings.digits().to_string()),
            ("period", settings.period().to_string()),
        ];
        prop_assert_eq!(parts.parameters, expected.map(|(name, value)| (name.to_owned(), value)));
        let label = text.as_str().split(['/', '?']).nth(3).unwrap().to_owned();
        prop_assert_eq!(label.matches(':').count() + label.matches("%3A").count(), 1);
    }

    #[test]
    fn other_ways_of_writing_mean_the_same(uri in uri(), rotation in 0..6usize, colon in 0..6usize, noise in "[a-z]{3}") {
        let text = uri.to_text();
        let (label, query) = text.as_str()["otpauth://totp/".len()..].split_once('?').unwrap();
        let label = label.replacen(':', [":", "%3A", "%3a", ":%20", "%3A%20", ": "][colon], 1);
        let mut parameters: Vec<String> = query.split('&').map(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            let value = match name { "secret" | "algorithm" => value.to_lowercase(), _ => value.to_owned() };
            format!("{}={value}", name.to_uppercase())
        }).collect();
        parameters.push(format!("x{noise}=1"));
        parameters.rotate_left(rotation);
        let other = format!("OtpAuth://TOTP/{label}?{}", parameters.join("&"));
        prop_assert!(other.parse::<KeyUri>() == Ok(uri.clone()), "{}", other);
        let twice = format!("{other}&{}", parameters[rotation % parameters.len()].to_lowercase());
        let repeated = KeyUriError::Repeated { at: other.len() + 1 };
        prop_assert_eq!(twice.parse::<KeyUri>().unwrap_err(), repeated);
    }

    #[test]
    fn arbitrary_texts_do_no_harm(text in prop_oneof![
        any::<String>(),
        "otpauth://totp/[a-zA-Z%:+é ]{0,9}[?]secret=[A-Z2-7]{24,34}(&[a-z]{1,9}=[A-Z0-9%]{0,4}){0,3}",
        "otpauth://totp/a(%3A|%3a|:)b[?](secret=[A-Z]{26}|issuer=[a-z%+]{0,3}|digits=[5-9]|period=[0-9]{1,3}|&){1,9}",
    ]) {
        otpauth::run(text.as_bytes());
    }
}

#[test]
fn settings_that_are_not_given_are_the_defaults() {
    let uri: KeyUri = "otpauth://totp/ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".parse().unwrap();
    assert_eq!((uri.issuer(), uri.settings()), (None, TotpSettings::DEFAULT));
    assert_eq!(uri.secret().as_bytes(), b"12345678901234567890");
    let text = uri.to_text();
    assert!(text.as_str().starts_with("otpauth://totp/ada?secret=GEZD"), "no issuer, no colon");
    assert!(text.as_str().parse::<KeyUri>() == Ok(uri));
}
