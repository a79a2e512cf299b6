//! The decision on a number that somebody types, and why.

use countersign::number::{Lenient, ParseError};
use countersign::policy::Decision;
use countersign::{Channel, PhoneNumber, Policy, Region};
use serde::{Deserialize, Serialize};

/// What is asked. No `Debug`: it has a telephone number.
#[derive(Deserialize)]
pub(super) struct Question {
    /// As it was typed, with spaces and the like.
    phone_number: String,
    /// How the code would travel.
    channel: Over,
    /// Where the reader's browser is at home: without a `+`, a number is one that is dialled there. A code that names no region changes
    /// nothing.
    #[serde(default)]
    region: Option<String>,
}

/// The channels that the page has.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Over {
    /// A text message.
    Sms,
    /// A WhatsApp message.
    WhatsApp,
}

/// What is answered. No `Debug`: it has a telephone number.
#[derive(Serialize)]
pub(super) struct Answer {
    /// The number in its E.164 form, if it is one.
    number: Option<String>,
    /// The code of its country, if it has one.
    region: Option<&'static str>,
    /// Its kind, if the numbering plan knows the number.
    kind: Option<&'static str>,
    /// The kind, `unallocated` or `impossible`.
    allocation: Option<&'static str>,
    /// Whether it may be sent a code.
    allowed: bool,
    /// Whether it is the number for tests, which is sent nothing and always passes.
    sandbox: bool,
    /// Why not, in snake case.
    reason: Option<&'static str>,
    /// The name of the error with which a send would fail.
    wire: Option<&'static str>,
    /// The reason as the library has it in words.
    message: Option<String>,
}

/// Decides. Numbers that are `for_tests` are outside of the policy.
pub(super) fn decide(
    policy: &Policy,
    for_tests: impl FnOnce(PhoneNumber) -> bool,
    question: &Question,
) -> Answer {
    match read(question) {
        Ok(number) if for_tests(number) => Answer { sandbox: true, ..Answer::on(number, Decision::Allow) },
        Ok(number) => Answer::on(number, policy.decide(number, question.channel.into())),
        Err(error) => Answer::no_number(&error),
    }
}

/// International numbers as people write them, and what is dialled in the reader's region.
fn read(question: &Question) -> Result<PhoneNumber, ParseError> {
    let region = question.region.as_deref().and_then(|code| code.parse::<Region>().ok());
    let lenient = region.map_or(Lenient::new(), |region| Lenient::new().with_region(region));
    lenient.parse(question.phone_number.trim())
}

impl Answer {
    fn on(number: PhoneNumber, decision: Decision) -> Self {
        let reason = decision.reason();
        Self {
            number: Some(number.to_string()),
            region: number.region().map(Region::as_str),
            kind: number.kind().map(|kind| kind.as_str()),
            allocation: Some(number.allocation().as_str()),
            allowed: reason.is_none(),
            sandbox: false,
            reason: reason.map(|reason| reason.as_str()),
            wire: reason.map(|reason| reason.wire_name()),
            message: reason.map(|reason| reason.to_string()),
        }
    }

    fn no_number(error: &ParseError) -> Self {
        Self {
            number: None,
            region: None,
            kind: None,
            allocation: None,
            allowed: false,
            sandbox: false,
            reason: Some(error.kind().as_str()),
            wire: Some(ParseError::WIRE_NAME),
            message: Some(error.to_string()),
        }
    }
}

impl From<Over> for Channel {
    fn from(over: Over) -> Self {
        match over {
            Over::Sms => Self::Sms,
            Over::WhatsApp => Self::WhatsApp,
        }
    }
}

#[cfg(test)]
mod tests {
    use countersign::{Kind, Reason};
    use serde_json::{Value, json};

    use super::*;

    fn answer(question: Value) -> Value {
        let policy = Policy::default().allow(Channel::Sms, [Region::FR]).unwrap();
        let for_tests = |number: PhoneNumber| number.digits() == 10_000_000_000;
        serde_json::to_value(decide(&policy, for_tests, &serde_json::from_value(question).unwrap())).unwrap()
    }

    #[test]
    fn a_number_that_is_allowed() {
        let question = json!({ "phone_number": " +33 6 12-34-56-78 ", "channel": "sms" });
        let expected = json!({
            "number": "+33612345678", "region": "FR", "kind": "mobile", "allocation": "mobile", "allowed": true,
            "sandbox": false, "reason": null, "wire": null, "message": null,
        });
        assert_eq!(answer(question), expected);
    }

    #[test]
    fn channels_are_apart() {
        let whatsapp = answer(json!({ "phone_number": "+33612345678", "channel": "whatsapp" }));
        assert_eq!(
            (&whatsapp["allowed"], &whatsapp["reason"], &whatsapp["wire"], &whatsapp["message"]),
            (
                &json!(false),
                &json!("country_not_allowed"),
                &json!("invalid_phone_number_country_code"),
                &json!("the number's country is not on the allowlist"),
            )
        );
        let email = json!({ "phone_number": "+33612345678", "channel": "email" });
        assert!(serde_json::from_value::<Question>(email).is_err());
    }

    #[test]
    fn what_is_dialled_where_the_reader_is() {
        for (typed, region, number) in [
            ("(202) 555-0162", json!("US"), json!("+12025550162")),
            ("06 12 34 56 78", json!("FR"), json!("+33612345678")),
            ("+33 6 12 34 56 78", json!("US"), json!("+33612345678")),
            ("(202) 555-0162", json!("not a region"), Value::Null),
            ("(202) 555-0162", Value::Null, Value::Null),
        ] {
            let read = answer(json!({ "phone_number": typed, "channel": "sms", "region": region }));
            assert_eq!(read["number"], number, "{typed} in {region}");
        }
    }

    #[test]
    fn what_is_no_number_has_a_reason_and_is_not_repeated() {
        let letters = answer(json!({ "phone_number": "+1 202 555 01x2", "channel": "sms" }));
        assert_eq!(
            (&letters["reason"], &letters["wire"]),
            (&json!("not_a_digit"), &json!("invalid_phone_number"))
        );
        assert_eq!((&letters["number"], &letters["region"]), (&Value::Null, &Value::Null));
        assert!(letters["message"].as_str().unwrap().contains("byte 13"));
    }

    #[test]
    fn the_number_for_tests_is_allowed_where_there_is_one() {
        let question = json!({ "phone_number": "+10000000000", "channel": "sms" });
        let sandbox = answer(question.clone());
        assert_eq!((&sandbox["allowed"], &sandbox["sandbox"]), (&json!(true), &json!(true)));

        let question = serde_json::from_value(question).unwrap();
        let none = serde_json::to_value(decide(&Policy::default(), |_| false, &question)).unwrap();
        assert_eq!((&none["allowed"], &none["reason"]), (&json!(false), &json!("unallocated")));
    }

    /// The page says in words what the library names: every reason that a decision can have must be among them.
    #[test]
    fn the_page_has_words_for_every_reason() {
        let words = include_str!("../../page/words.js");
        let reasons = [
            Reason::NoCountry,
            Reason::Impossible,
            Reason::UnsupportedCountry,
            Reason::CountryDenied,
            Reason::CountryNotAllowed,
            Reason::Unallocated,
        ];
        let kinds = Kind::ALL.map(Reason::Kind);
        let unreadable =
            ["empty", "missing_plus", "not_a_digit", "too_short", "too_long", "unknown_calling_code"];
        for name in reasons.into_iter().chain(kinds).map(Reason::as_str).chain(unreadable) {
            assert!(words.contains(&format!("\n  {name}: ")), "words.js has none for {name}");
        }
    }

    /// Nor may an error of the calls that the page makes be without words; these are errors of others.
    #[test]
    fn the_page_has_words_for_every_error_of_its_calls() {
        let others = [
            "country_code_allowlist_invalid_country_codes",
            "country_code_allowlist_empty",
            "invalid_expiration_otp",
            "invalid_locale",
            "invalid_email",
            "invalid_method_id",
            "invalid_session_duration_minutes",
            "session_not_found",
            "duplicate_phone_number",
            "duplicate_email",
            "too_many_unverified_factors",
            "phone_number_not_found",
            "email_not_found",
            "user_not_found",
            "route_not_found",
            "method_not_allowed",
            "request_too_large",
        ];
        let words = include_str!("../../page/words.js");
        for error in crate::failure::Kind::ALL {
            let has_words = words.contains(&format!("\n  {}: ", error.name()));
            assert_eq!(has_words, !others.contains(&error.name()), "{}", error.name());
        }
    }
}
