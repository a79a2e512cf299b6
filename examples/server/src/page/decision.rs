//! The decision on a phone number that a user types, and its reason.

use countersign::format::Input;
use countersign::number::{Lenient, ParseError};
use countersign::policy::Decision;
use countersign::{Channel, PhoneNumber, Policy, Region};
use serde::{Deserialize, Serialize};

/// A question. It does not implement `Debug`, because it contains a phone number.
#[derive(Deserialize)]
pub(super) struct Question {
    /// The number as typed, with spaces and punctuation.
    phone_number: String,
    /// The channel of the code.
    channel: Over,
    /// The region of the user's browser, in which numbers without `+` are dialled. Unknown codes
    /// are ignored.
    #[serde(default)]
    region: Option<String>,
}

/// The page's channels.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Over {
    /// A text message.
    Sms,
    /// A WhatsApp message.
    WhatsApp,
}

/// An answer. It does not implement `Debug`, because it contains a phone number.
#[derive(Serialize)]
pub(super) struct Answer {
    /// The typed number as a text field should show it, if it contains nothing but a number.
    text: Option<String>,
    /// The number in E.164 form, if it is valid.
    number: Option<String>,
    /// The code of the number's region, if it has one.
    region: Option<&'static str>,
    /// The number's kind, if the numbering plan contains the number.
    kind: Option<&'static str>,
    /// The kind, `unallocated` or `impossible`.
    allocation: Option<&'static str>,
    /// Whether a code may be sent.
    allowed: bool,
    /// Whether this is the sandbox number, which receives no messages and always passes.
    sandbox: bool,
    /// The reason for a refusal, in snake case.
    reason: Option<&'static str>,
    /// The error type with which a send would fail.
    wire: Option<&'static str>,
    /// The reason as a sentence.
    message: Option<String>,
}

/// Decides on a number. Sandbox numbers (`is_sandbox`) are exempt from the policy.
pub(super) fn decide(
    policy: &Policy,
    is_sandbox: impl FnOnce(PhoneNumber) -> bool,
    question: &Question,
) -> Answer {
    let answer = match question.read() {
        Ok(number) if is_sandbox(number) => Answer { sandbox: true, ..Answer::on(number, Decision::Allow) },
        Ok(number) => Answer::on(number, policy.decide(number, question.channel.into())),
        Err(error) => Answer::no_number(&error),
    };
    Answer { text: question.formatted(), ..answer }
}

impl Question {
    fn region(&self) -> Option<Region> {
        self.region.as_deref().and_then(|code| code.parse().ok())
    }

    /// Parses an international number as people write it, or a national one as dialled in the
    /// user's region.
    fn read(&self) -> Result<PhoneNumber, ParseError> {
        let lenient = self.region().map_or(Lenient::new(), |region| Lenient::new().with_region(region));
        lenient.parse(self.phone_number.trim())
    }

    /// Returns the number as if its digits had been typed one by one. The punctuation of an earlier
    /// answer is left out.
    fn formatted(&self) -> Option<String> {
        let typed = self.phone_number.trim();
        let is_punctuation = |c| matches!(c, ' ' | '-' | '(' | ')' | '.' | '/' | '\u{a0}');
        let mut input = self.region().map_or_else(Input::international, Input::new);
        for (place, c) in typed.char_indices().filter(|(_, c)| !is_punctuation(*c)) {
            if !(c.is_ascii_digit() || (place, c) == (0, '+')) {
                return None;
            }
            input.push(c);
        }
        (!typed.is_empty()).then(|| input.as_str().to_owned())
    }
}

impl Answer {
    fn on(number: PhoneNumber, decision: Decision) -> Self {
        let reason = decision.reason();
        Self {
            text: None,
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
            text: None,
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
        let is_sandbox = |number: PhoneNumber| number.digits() == 10_000_000_000;
        serde_json::to_value(decide(&policy, is_sandbox, &serde_json::from_value(question).unwrap())).unwrap()
    }

    #[test]
    fn allows_a_number() {
        let question = json!({ "phone_number": " +33 6 12-34-56-78 ", "channel": "sms" });
        let expected = json!({
            "text": "+33 6 12 34 56 78",
            "number": "+33612345678", "region": "FR", "kind": "mobile", "allocation": "mobile", "allowed": true,
            "sandbox": false, "reason": null, "wire": null, "message": null,
        });
        assert_eq!(answer(question), expected);
    }

    #[test]
    fn channels_have_separate_allowlists() {
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
    fn parses_numbers_as_dialled_in_the_users_region() {
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
    fn formats_the_number_while_it_is_typed() {
        for (typed, region, text) in [
            ("202", json!("US"), json!("202")),
            ("202-5", json!("US"), json!("202-5")),
            ("2025550162", json!("US"), json!("(202) 555-0162")),
            ("(202) 555-016", json!("US"), json!("(202) 555-016")),
            ("(202) 555-0", json!("US"), json!("202-5550")),
            ("+3361234", json!("US"), json!("+33 6 12 34")),
            ("+3361234", Value::Null, json!("+33 6 12 34")),
            ("2025550162", Value::Null, json!("2025550162")),
            ("+1 202 555 01x2", json!("US"), Value::Null),
            ("1+2", json!("US"), Value::Null),
            (" ", json!("US"), Value::Null),
        ] {
            let read = answer(json!({ "phone_number": typed, "channel": "sms", "region": region }));
            assert_eq!(read["text"], text, "{typed} in {region}");
        }
    }

    #[test]
    fn invalid_numbers_have_a_reason_and_are_not_repeated() {
        let letters = answer(json!({ "phone_number": "+1 202 555 01x2", "channel": "sms" }));
        assert_eq!(
            (&letters["reason"], &letters["wire"]),
            (&json!("not_a_digit"), &json!("invalid_phone_number"))
        );
        assert_eq!((&letters["number"], &letters["region"]), (&Value::Null, &Value::Null));
        assert!(letters["message"].as_str().unwrap().contains("byte 13"));
    }

    #[test]
    fn sandbox_number_is_allowed_only_in_development() {
        let question = json!({ "phone_number": "+10000000000", "channel": "sms" });
        let sandbox = answer(question.clone());
        assert_eq!((&sandbox["allowed"], &sandbox["sandbox"]), (&json!(true), &json!(true)));

        let question = serde_json::from_value(question).unwrap();
        let none = serde_json::to_value(decide(&Policy::default(), |_| false, &question)).unwrap();
        assert_eq!((&none["allowed"], &none["reason"]), (&json!(false), &json!("unallocated")));
    }

    /// The page words every reason that a decision can have.
    #[test]
    fn page_has_words_for_every_reason() {
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
            assert!(words.contains(&format!("\n  {name}: ")), "words.js has no entry for {name}");
        }
    }

    /// The page words every error that its calls can get; the others belong to other calls.
    #[test]
    fn page_has_words_for_every_error_of_its_calls() {
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
            "totp_not_found",
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
