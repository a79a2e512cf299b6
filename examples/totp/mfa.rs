//! The policy for second factors.

use countersign::mfa::{
    AllowedMethods, Login, Member, Method, Methods, MfaDecision, MfaPolicy, OpenedBy, Organisation,
};

use crate::fields::{Failure, exactly};

/// POLICY METHODS BREAKGLASS ENROLLED DEFAULT REGISTERED OPENED_BY PROVEN → the decision.
pub(crate) fn decide(fields: &[&str]) -> Result<String, Failure> {
    let [policy, allowed, break_glass, enrolled, default, registered, opened_by, proven] = exactly(fields)?;
    let organisation = Organisation { policy: policy_of(policy)?, allowed: allowed_of(allowed)? };
    let default_method = match default {
        "" => None,
        name => Some(name.parse::<Method>().map_err(|_| Failure("invalid_default"))?),
    };
    let member = Member {
        is_break_glass: yes_or_no(break_glass, "invalid_breakglass")?,
        is_enrolled: yes_or_no(enrolled, "invalid_enrolled")?,
        default_method,
        registered: list(registered, "invalid_registered")?,
    };
    let opened_by = OpenedBy::ALL.into_iter().find(|factor| factor.as_str() == opened_by);
    let opened_by = opened_by.ok_or(Failure("invalid_opened_by"))?;
    let login = Login { organisation, member, opened_by, proven: list(proven, "invalid_proven")? };
    Ok(match login.decide().map_err(|error| Failure(error.as_str()))? {
        MfaDecision::Session => "session".to_owned(),
        MfaDecision::SecondFactor { methods, default } => format!("second\t{methods}\t{default}"),
        MfaDecision::Prove(methods) => format!("prove\t{methods}"),
        MfaDecision::Enrol(methods) => format!("enrol\t{methods}"),
        MfaDecision::Stuck => "stuck".to_owned(),
    })
}

fn policy_of(name: &str) -> Result<MfaPolicy, Failure> {
    let policies = [MfaPolicy::Optional, MfaPolicy::RequiredForAll];
    policies.into_iter().find(|policy| policy.as_str() == name).ok_or(Failure("invalid_policy"))
}

fn allowed_of(text: &str) -> Result<AllowedMethods, Failure> {
    match (text, text.strip_prefix("RESTRICTED:")) {
        ("ALL_ALLOWED", _) => Ok(AllowedMethods::All),
        (_, Some(methods)) => list(methods, "invalid_methods").map(AllowedMethods::Only),
        _ => Err(Failure("invalid_methods")),
    }
}

fn yes_or_no(text: &str, name: &'static str) -> Result<bool, Failure> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(Failure(name)),
    }
}

fn list(text: &str, name: &'static str) -> Result<Methods, Failure> {
    text.parse().map_err(|_| Failure(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(line: &str) -> Result<String, &'static str> {
        decide(&line.split('|').collect::<Vec<_>>()).map_err(|Failure(name)| name)
    }

    #[test]
    fn answers_have_the_words_of_the_table() {
        for (line, expected) in [
            ("OPTIONAL|ALL_ALLOWED|no|no||totp|email|", Ok("session")),
            ("REQUIRED_FOR_ALL|RESTRICTED:|no|no|||email|", Err("empty_method_list")),
            ("REQUIRED_FOR_ALL|ALL_ALLOWED|no|no||sms_otp,totp|email|", Ok("second\ttotp,sms_otp\ttotp")),
            ("REQUIRED_FOR_ALL|ALL_ALLOWED|no|no|sms_otp|totp,sms_otp|sms|", Ok("second\ttotp\ttotp")),
            ("OPTIONAL|RESTRICTED:sms_otp|no|yes||totp|other|", Ok("prove\ttotp")),
            ("OPTIONAL|RESTRICTED:sms_otp|no|yes||totp|other|totp", Ok("enrol\tsms_otp")),
            ("OPTIONAL|RESTRICTED:sms_otp|yes|yes||totp|other|totp", Ok("session")),
            ("OPTIONAL|RESTRICTED:sms_otp|no|yes|||sms|", Ok("stuck")),
            ("REQUIRED_FOR_ALL|ALL_ALLOWED|no|no|||sms|", Ok("enrol\ttotp")),
            ("optional|ALL_ALLOWED|no|no|||sms|", Err("invalid_policy")),
            ("OPTIONAL|RESTRICTED|no|no|||sms|", Err("invalid_methods")),
            ("OPTIONAL|RESTRICTED:sms|no|no|||sms|", Err("invalid_methods")),
            ("OPTIONAL|ALL_ALLOWED|No|no|||sms|", Err("invalid_breakglass")),
            ("OPTIONAL|ALL_ALLOWED|no||||sms|", Err("invalid_enrolled")),
            ("OPTIONAL|ALL_ALLOWED|no|no|totp,sms_otp||sms|", Err("invalid_default")),
            ("OPTIONAL|ALL_ALLOWED|no|no||,|sms|", Err("invalid_registered")),
            ("OPTIONAL|ALL_ALLOWED|no|no|||totp|", Err("invalid_opened_by")),
            ("OPTIONAL|ALL_ALLOWED|no|no|||sms|é", Err("invalid_proven")),
            ("OPTIONAL|ALL_ALLOWED|no|no|||sms", Err("field_count")),
        ] {
            assert_eq!(answer(line).as_deref().map_err(|name| *name), expected, "{line}");
        }
    }
}
