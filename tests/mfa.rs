//! The policy for second factors, compared with the table of rules over every input.

use countersign::mfa::{
    AllowedMethods, Login, Member, Method, Methods, MfaDecision, MfaError, MfaPolicy, OpenedBy, Organisation,
};

/// All sets of methods.
const SETS: [&[&str]; 4] = [&[], &["totp"], &["sms_otp"], &["totp", "sms_otp"]];

fn set(names: &[&str]) -> Methods {
    names.iter().map(|name| name.parse::<Method>().unwrap()).collect()
}

/// One input, in the words of the table.
#[derive(Debug)]
struct Case {
    required_for_all: bool,
    /// `None`: all methods are allowed.
    restricted_to: Option<&'static [&'static str]>,
    break_glass: bool,
    enrolled: bool,
    default: Option<&'static str>,
    registered: &'static [&'static str],
    opened_by_sms: bool,
    proven: &'static [&'static str],
}

/// The table, row by row: the first whose condition holds.
fn by_the_table(case: &Case) -> String {
    let is_first_factor = |method: &str| case.opened_by_sms && method == "sms_otp";
    let is_registered = |method: &str| case.registered.contains(&method) && !is_first_factor(method);
    let is_proven = |method: &str| case.proven.contains(&method);
    let is_allowed =
        |method: &str| case.break_glass || case.restricted_to.is_none_or(|methods| methods.contains(&method));
    let those = |condition: &dyn Fn(&str) -> bool| -> Vec<&str> {
        ["totp", "sms_otp"].into_iter().filter(|method| condition(method)).collect()
    };
    let opening = those(&|method| is_proven(method) && is_registered(method) && is_allowed(method));
    let usable = those(&|method| is_registered(method) && is_allowed(method));
    let registered = those(&|method| is_registered(method));
    let proven = those(&|method| is_registered(method) && is_proven(method));
    let new = those(&|method| is_allowed(method) && !is_registered(method) && !is_first_factor(method));
    let default = case.default.filter(|own| usable.contains(own)).or(usable.first().copied());
    let rows = [
        (case.restricted_to == Some(&[]), "error empty_method_list".to_owned()),
        (!case.required_for_all && !case.enrolled, "session".to_owned()),
        (!opening.is_empty(), "session".to_owned()),
        (!usable.is_empty(), format!("second {} {}", usable.join(","), default.unwrap_or_default())),
        (
            !registered.is_empty() && usable.is_empty() && proven.is_empty(),
            format!("prove {}", registered.join(",")),
        ),
        (!new.is_empty(), format!("enrol {}", new.join(","))),
        (true, "stuck".to_owned()),
    ];
    rows.into_iter().find_map(|(holds, result)| holds.then_some(result)).unwrap()
}

fn decided(case: &Case, opened_by: OpenedBy) -> String {
    let organisation = Organisation {
        policy: if case.required_for_all { MfaPolicy::RequiredForAll } else { MfaPolicy::Optional },
        allowed: case.restricted_to.map_or(AllowedMethods::All, |names| AllowedMethods::Only(set(names))),
    };
    let member = Member {
        is_break_glass: case.break_glass,
        is_enrolled: case.enrolled,
        default_method: case.default.map(|name| name.parse().unwrap()),
        registered: set(case.registered),
    };
    match (Login { organisation, member, opened_by, proven: set(case.proven) }).decide() {
        Err(error) => format!("error {}", error.as_str()),
        Ok(MfaDecision::Session) => "session".to_owned(),
        Ok(MfaDecision::SecondFactor { methods, default }) => format!("second {methods} {default}"),
        Ok(MfaDecision::Prove(methods)) => format!("prove {methods}"),
        Ok(MfaDecision::Enrol(methods)) => format!("enrol {methods}"),
        Ok(MfaDecision::Stuck) => "stuck".to_owned(),
    }
}

fn all_cases() -> Vec<(Case, OpenedBy)> {
    let mut cases = Vec::new();
    let lists: Vec<_> = SETS.into_iter().map(Some).chain([None]).collect();
    for number in 0..2 * 5 * 2 * 2 * 3 * 4 * 3 * 4 {
        let mut rest = number;
        let mut next = |values: usize| {
            let value = rest % values;
            rest /= values;
            value
        };
        let opened_by = OpenedBy::ALL[next(3)];
        let case = Case {
            opened_by_sms: opened_by == OpenedBy::Sms,
            required_for_all: next(2) == 1,
            restricted_to: lists[next(5)],
            break_glass: next(2) == 1,
            enrolled: next(2) == 1,
            default: [None, Some("totp"), Some("sms_otp")][next(3)],
            registered: SETS[next(4)],
            proven: SETS[next(4)],
        };
        cases.push((case, opened_by));
    }
    cases
}

#[test]
fn every_input_is_decided_by_the_first_row_that_applies() {
    let mut seen = std::collections::BTreeSet::new();
    for (case, opened_by) in all_cases() {
        let decision = decided(&case, opened_by);
        assert_eq!(decision, by_the_table(&case), "{case:?} {opened_by:?}");
        seen.insert(decision.split(' ').next().unwrap().to_owned());
    }
    let all = ["enrol", "error", "prove", "second", "session", "stuck"];
    assert!(seen.iter().map(String::as_str).eq(all), "{seen:?}");
}

#[test]
fn a_member_who_must_prove_a_second_factor_gets_no_session_without_one() {
    for (case, opened_by) in all_cases() {
        if decided(&case, opened_by) == "session" && (case.required_for_all || case.enrolled) {
            let proven = case.proven.iter().filter(|method| case.registered.contains(method));
            assert!(proven.clone().any(|method| !(case.opened_by_sms && *method == "sms_otp")), "{case:?}");
        }
    }
}

#[test]
fn an_empty_list_is_an_error_even_where_no_method_is_needed() {
    let organisation =
        Organisation { allowed: AllowedMethods::Only(Methods::NONE), ..Organisation::default() };
    let member = Member { is_break_glass: true, ..Member::default() };
    let login = Login { organisation, member, opened_by: OpenedBy::Email, proven: Methods::NONE };
    assert_eq!(login.decide(), Err(MfaError::EmptyMethodList));
    let open = Login { organisation: Organisation::default(), ..login };
    assert_eq!(open.decide(), Ok(MfaDecision::Session));
}
