//! Logins of one account, from proofs to a session.

use super::*;
use crate::account::{VerifiedRecovery, VerifiedTotp};
use crate::error::Fault;
use crate::mfa::{AllowedMethods, CodesOf, MfaError, MfaPolicy, OpenedBy, Organisation};
use crate::otp::Match;
use crate::store::RecordKey;
use crate::totp::TimeStep;
use crate::{PhoneNumber, Purpose, Recipient};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

const ACCOUNT: AccountTag = AccountTag(RecordKey::from_bytes([3; 16]));
const ELSEWHERE: AccountTag = AccountTag(RecordKey::from_bytes([4; 16]));
const TENANT: TenantId = TenantId::from_bytes([5; 16]);
const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
const MS: Duration = Duration::from_millis(1);
const MINUTE: Duration = Duration::from_secs(60);
const SETS: [Methods; 4] = [Methods::NONE, TOTP, SMS, Methods::ALL];
const TOTP: Methods = Methods::of(Method::Totp);
const SMS: Methods = Methods::of(Method::SmsOtp);

fn keys() -> Keys {
    Keys::from_secret([7; 32]).unwrap()
}

fn desk(keys: &Keys) -> LoginDesk<'_> {
    LoginDesk { keys, tenant: TENANT, account: ACCOUNT, now: NOW }
}

fn number() -> PhoneNumber {
    "+12025550162".parse().unwrap()
}

fn passcode(recipient: impl Into<Recipient>, channel: Channel) -> Verified {
    let passed = Match { purpose: Purpose::LOGIN, channel, at: NOW };
    Verified::for_test(recipient.into(), passed, TENANT).with_account(Some(ACCOUNT))
}

fn sms() -> Verified {
    passcode(number(), Channel::Sms)
}

fn email() -> Verified {
    passcode("ada@example.com".parse::<crate::EmailAddress>().unwrap(), Channel::Email)
}

fn totp() -> VerifiedTotp {
    VerifiedTotp::new(TENANT, ACCOUNT, NOW, TimeStep::new(60_000_000))
}

fn recovery() -> VerifiedRecovery {
    VerifiedRecovery::new(TENANT, ACCOUNT, NOW, 9)
}

/// A member with these methods, of an organisation that requires one of them.
fn rules(registered: Methods, allowed: Methods) -> LoginRules {
    let allowed = if allowed == Methods::ALL { AllowedMethods::All } else { AllowedMethods::Only(allowed) };
    LoginRules {
        organisation: Organisation { policy: MfaPolicy::RequiredForAll, allowed },
        member: Member { registered, ..Member::default() },
        phone: Some(number()),
        purpose: Purpose::LOGIN,
    }
}

fn token(step: LoginStep) -> LoginToken {
    match step {
        LoginStep::SecondFactor { token, .. }
        | LoginStep::Prove { token, .. }
        | LoginStep::Enrol { token, .. } => token,
        LoginStep::Session(_) | LoginStep::Stuck => panic!("{step:?} has no token"),
    }
}

/// The token of a login opened by the host's own factor, whatever the rules.
fn opened(desk: &LoginDesk<'_>) -> LoginToken {
    token(desk.open(FirstFactor::other(), &rules(TOTP, Methods::ALL)).unwrap())
}

fn name(step: &LoginStep) -> String {
    match step {
        LoginStep::Session(_) => "session".into(),
        LoginStep::SecondFactor { methods, default, .. } => format!("second {methods} {default}"),
        LoginStep::Prove { methods, .. } => format!("prove {methods}"),
        LoginStep::Enrol { methods, .. } => format!("enrol {methods}"),
        LoginStep::Stuck => "stuck".into(),
    }
}

fn outcome(step: Result<LoginStep, LoginError>) -> String {
    step.map_or_else(|error| format!("error {}", error.as_str()), |step| name(&step))
}

fn decided(login: Login) -> String {
    match login.decide() {
        Err(error) => format!("error {}", error.as_str()),
        Ok(MfaDecision::Session) => "session".into(),
        Ok(MfaDecision::SecondFactor { methods, default }) => format!("second {methods} {default}"),
        Ok(MfaDecision::Prove(methods)) => format!("prove {methods}"),
        Ok(MfaDecision::Enrol(methods)) => format!("enrol {methods}"),
        Ok(MfaDecision::Stuck) => "stuck".into(),
    }
}

/// Every input of the table, as proofs. `tests/mfa.rs` compares the decision itself with the table.
#[test]
fn steps_follow_the_table() {
    let (keys, sms, email, totp, recovery) = (keys(), sms(), email(), totp(), recovery());
    let desk = desk(&keys);
    let firsts = [
        (OpenedBy::Email, FirstFactor::passcode(&email)),
        (OpenedBy::Sms, FirstFactor::passcode(&sms)),
        (OpenedBy::Other, FirstFactor::other()),
    ];
    let proven: [(Methods, &[Proof<'_>]); 6] = [
        (Methods::NONE, &[]),
        (TOTP, &[Proof::Totp(&totp)]),
        (TOTP, &[Proof::Recovery(&recovery)]),
        (SMS, &[Proof::Passcode(&sms)]),
        (Methods::ALL, &[Proof::Passcode(&sms), Proof::Totp(&totp)]),
        (Methods::ALL, &[Proof::Recovery(&recovery), Proof::Passcode(&sms), Proof::Recovery(&recovery)]),
    ];
    let mut seen = alloc::collections::BTreeSet::new();
    for (opened_by, first) in firsts {
        // Opened where a step follows in any case: a token is not bound to the rules.
        let token = token(desk.open(first, &rules(TOTP, Methods::ALL)).unwrap());
        for rules in all_rules() {
            let LoginRules { organisation, member, .. } = rules;
            let login = Login { organisation, member, opened_by, proven: Methods::NONE };
            assert_eq!(outcome(desk.open(first, &rules)), decided(login), "{login:?}");
            for (proven, proofs) in proven {
                let login = Login { proven, ..login };
                let outcome = outcome(desk.proceed(&token, proofs, &rules));
                assert_eq!(outcome, decided(login), "{login:?}");
                seen.insert(outcome.split(' ').next().unwrap_or_default().to_string());
            }
        }
    }
    assert!(seen.iter().eq(["enrol", "error", "prove", "second", "session", "stuck"]), "{seen:?}");
}

fn all_rules() -> Vec<LoginRules> {
    let mut all = Vec::new();
    for policy in [MfaPolicy::Optional, MfaPolicy::RequiredForAll] {
        for allowed in SETS.map(AllowedMethods::Only).into_iter().chain([AllowedMethods::All]) {
            for registered in SETS {
                for default_method in [None, Some(Method::Totp), Some(Method::SmsOtp)] {
                    for (is_break_glass, is_enrolled) in
                        [(false, false), (false, true), (true, false), (true, true)]
                    {
                        let member = Member { is_break_glass, is_enrolled, default_method, registered };
                        let organisation = Organisation { policy, allowed };
                        all.push(LoginRules { organisation, member, ..rules(registered, Methods::ALL) });
                    }
                }
            }
        }
    }
    all
}

#[test]
fn a_grant_tells_what_was_proven() {
    let (keys, sms, totp) = (keys(), sms(), totp());
    let desk = LoginDesk { now: NOW + MINUTE, ..desk(&keys) };
    let rules = rules(TOTP, Methods::ALL);
    let token = token(desk.open(FirstFactor::passcode(&sms), &rules).unwrap());
    let step = desk.proceed(&token, &[(&totp).into(), (&sms).into()], &rules).unwrap();
    let LoginStep::Session(grant) = step else { panic!("{step:?}") };
    assert_eq!((grant.tenant(), grant.at()), (TENANT, NOW + MINUTE));
    assert_eq!((grant.opened_by(), grant.methods()), (OpenedBy::Sms, TOTP), "sms is the first factor");
    assert!(!grant.is_from_tests());
    let permit = MayEnrol::from(&grant);
    for (tenant, account, is_of) in
        [(TENANT, ACCOUNT, true), (TENANT, ELSEWHERE, false), (TenantId::from_bytes([6; 16]), ACCOUNT, false)]
    {
        assert_eq!(grant.is_of(tenant, account), is_of);
    }
    assert!(permit.covers_totp(ACCOUNT) && permit.covers_codes(ACCOUNT) == Some(CodesOf::Any));
    assert!(!permit.covers_totp(ELSEWHERE) && permit.covers_codes(ELSEWHERE).is_none());
}

#[test]
fn an_optional_factor_grants_a_session_without_a_proof() {
    let (keys, email) = (keys(), email());
    let rules = LoginRules { phone: None, ..LoginRules::default() };
    let step = desk(&keys).open(FirstFactor::passcode(&email), &rules).unwrap();
    let LoginStep::Session(grant) = step else { panic!("{step:?}") };
    assert_eq!((grant.opened_by(), grant.methods()), (OpenedBy::Email, Methods::NONE));
}

#[test]
fn rejects_proofs_of_other_accounts_and_tenants() {
    let keys = keys();
    let desk = desk(&keys);
    let (token, rules) = (opened(&desk), rules(Methods::ALL, Methods::ALL));
    let rejected = |proof: Proof<'_>| {
        let step = desk.proceed(&token, &[proof], &rules).map(drop);
        assert_eq!(step, Err(LoginError::ForeignProof), "{proof:?}");
        let own = totp();
        assert_eq!(desk.proceed(&token, &[(&own).into(), proof], &rules).map(drop), step, "with a right one");
    };
    let tenant = TenantId::from_bytes([6; 16]);
    rejected((&VerifiedTotp::new(TENANT, ELSEWHERE, NOW, TimeStep::new(1))).into());
    rejected((&VerifiedTotp::new(tenant, ACCOUNT, NOW, TimeStep::new(1))).into());
    rejected((&VerifiedRecovery::new(TENANT, ELSEWHERE, NOW, 9)).into());
    rejected((&VerifiedRecovery::new(tenant, ACCOUNT, NOW, 9)).into());
    let passed = Match { purpose: Purpose::LOGIN, channel: Channel::Sms, at: NOW };
    let of_tenant = Verified::for_test(number().into(), passed, tenant).with_account(Some(ACCOUNT));
    for foreign in [sms().with_account(None), sms().with_account(Some(ELSEWHERE)), of_tenant] {
        rejected((&foreign).into());
        let opened = desk.open(FirstFactor::passcode(&foreign), &rules).map(drop);
        assert_eq!(opened, Err(LoginError::ForeignProof));
    }
}

#[test]
fn rejects_old_and_future_proofs() {
    let keys = keys();
    let (rules, totp, recovery, sms) = (rules(Methods::ALL, Methods::ALL), totp(), recovery(), sms());
    for (now, is_fresh) in [
        (NOW + PROOF_AGE, true),
        (NOW + PROOF_AGE + MS, false),
        (NOW - CLOCK_TOLERANCE, true),
        (NOW - CLOCK_TOLERANCE - MS, false),
    ] {
        let desk = LoginDesk { now, ..desk(&keys) };
        let token = opened(&desk);
        let stale = if is_fresh { "session" } else { "error stale_proof" };
        for proof in [Proof::Totp(&totp), Proof::Recovery(&recovery), Proof::Passcode(&sms)] {
            assert_eq!(outcome(desk.proceed(&token, &[proof], &rules)), stale, "{proof:?} at {now:?}");
        }
        let opened = outcome(desk.open(FirstFactor::passcode(&sms), &rules));
        assert_eq!(opened, if is_fresh { "second totp totp" } else { stale });
    }
}

#[test]
fn passcodes_must_have_the_purpose_of_the_login() {
    let (keys, sms) = (keys(), sms());
    let desk = desk(&keys);
    let purpose = Purpose::new("payment").unwrap();
    let login = rules(SMS, Methods::ALL);
    let payment = LoginRules { purpose, ..login };
    let opened = desk.open(FirstFactor::passcode(&sms), &payment).map(drop);
    assert_eq!(opened, Err(LoginError::WrongPurpose));
    let of_payment = token(desk.open(FirstFactor::other(), &payment).unwrap());
    let proceed = |token, rules| desk.proceed(token, &[(&sms).into()], rules).map(drop);
    assert_eq!(proceed(&of_payment, &payment), Err(LoginError::WrongPurpose));
    assert_eq!(proceed(&of_payment, &login), Err(LoginError::InvalidToken), "the token has a purpose, too");
}

#[test]
fn sms_counts_for_the_registered_number_only() {
    let (keys, sms) = (keys(), sms());
    let desk = desk(&keys);
    let (token, rules) = (opened(&desk), rules(SMS, Methods::ALL));
    let proceed = |proof: &Verified, rules: &LoginRules| desk.proceed(&token, &[proof.into()], rules);
    assert_eq!(outcome(proceed(&sms, &rules)), "session");
    for phone in [None, Some("+12025550163".parse().unwrap())] {
        let rules = LoginRules { phone, ..rules };
        assert_eq!(outcome(proceed(&sms, &rules)), "error wrong_number", "{phone:?}");
    }
    for other in [email(), passcode(number(), Channel::WhatsApp)] {
        assert_eq!(outcome(proceed(&other, &rules)), "error not_a_second_factor");
    }
}

#[test]
fn sms_to_an_unregistered_number_proves_nothing() {
    let (keys, sms) = (keys(), sms());
    let desk = desk(&keys);
    // The profile has a number, but it is not a factor: the person has an authenticator.
    let rules = rules(TOTP, Methods::ALL);
    let step = desk.proceed(&opened(&desk), &[(&sms).into()], &rules).unwrap();
    assert_eq!(name(&step), "second totp totp");
    // Even if the number is registered later, this proof does not count.
    let later = LoginRules { member: Member { registered: Methods::ALL, ..rules.member }, ..rules };
    assert_eq!(outcome(desk.proceed(&token(step), &[], &later)), "second totp,sms_otp totp");
}

#[test]
fn a_phone_is_not_its_own_second_factor() {
    let (keys, sms) = (keys(), sms());
    let desk = desk(&keys);
    let rules = rules(SMS, Methods::ALL);
    for first in [sms.clone(), passcode(number(), Channel::WhatsApp)] {
        let step = desk.open(FirstFactor::passcode(&first), &rules).unwrap();
        assert_eq!(name(&step), "enrol totp", "sms is neither registered nor one to enrol");
        let step = desk.proceed(&token(step), &[(&sms).into()], &rules).unwrap();
        assert_eq!(name(&step), "enrol totp", "nor proven");
    }
    let email = email();
    let step = desk.open(FirstFactor::passcode(&email), &rules).unwrap();
    assert_eq!(outcome(desk.proceed(&token(step), &[(&sms).into()], &rules)), "session");
}

#[test]
fn another_factor_is_enrolled_only_after_a_proof() {
    let (keys, sms, totp) = (keys(), sms(), totp());
    let desk = desk(&keys);
    // Sms is registered, but only authenticators are allowed now.
    let rules = rules(SMS, TOTP);
    let step = desk.open(FirstFactor::other(), &rules).unwrap();
    assert_eq!(name(&step), "prove sms_otp");
    let first = token(step);
    // A second factor of the thief's own, without a permit, does not help.
    assert_eq!(outcome(desk.proceed(&first, &[(&totp).into()], &rules)), "prove sms_otp");
    let step = desk.proceed(&first, &[(&sms).into()], &rules).unwrap();
    let LoginStep::Enrol { methods, token, permit } = step else { panic!("{step:?}") };
    let permit = permit.unwrap();
    assert!(methods == TOTP && permit.covers_totp(ACCOUNT) && !permit.covers_totp(ELSEWHERE));
    assert_eq!(permit.covers_codes(ACCOUNT), None);
    // In a later request, the token tells that sms was proven.
    assert_eq!(outcome(desk.proceed(&token, &[], &rules)), "enrol totp");
    let confirming = totp.with_confirmed_enrolment(true);
    let step = desk.proceed(&token, &[(&confirming).into()], &rules).unwrap();
    let LoginStep::Session(grant) = step else { panic!("{step:?}") };
    assert_eq!(grant.methods(), Methods::ALL);
}

#[test]
fn only_a_confirming_code_registers_the_authenticator() {
    let (keys, totp, recovery) = (keys(), totp(), recovery());
    let desk = desk(&keys);
    let rules = rules(Methods::NONE, Methods::ALL);
    let token = opened(&desk);
    for proof in [Proof::Totp(&totp), Proof::Recovery(&recovery)] {
        assert_eq!(outcome(desk.proceed(&token, &[proof], &rules)), "enrol totp,sms_otp");
    }
    let confirming = totp.clone().with_confirmed_enrolment(true);
    assert_eq!(outcome(desk.proceed(&token, &[(&confirming).into()], &rules)), "session");
}

#[test]
fn an_enrolment_that_is_confirmed_later_replaces_no_other_factor() {
    let (keys, sms) = (keys(), sms());
    let desk = desk(&keys);
    // Begun by someone who held the first factor while nothing was registered; then the owner
    // registered a number, and it is confirmed in a login that asks for that.
    let confirming = totp().with_confirmed_enrolment(true);
    for (allowed, expected) in [(Methods::ALL, "second sms_otp sms_otp"), (TOTP, "prove sms_otp")] {
        let rules = rules(SMS, allowed);
        let step = desk.proceed(&opened(&desk), &[(&confirming).into()], &rules).unwrap();
        assert_eq!(name(&step), expected);
        assert_eq!(outcome(desk.proceed(&token(step), &[], &rules)), expected, "nor in a later step");
        let proofs = [(&confirming).into(), (&sms).into()];
        assert_eq!(outcome(desk.proceed(&opened(&desk), &proofs, &rules)), "session", "with its proof");
    }
    // Nor does it register a method that is not allowed.
    let step = desk.proceed(&opened(&desk), &[(&confirming).into()], &rules(Methods::NONE, SMS)).unwrap();
    assert_eq!(name(&step), "enrol sms_otp");
}

#[test]
fn a_login_ends_ten_minutes_after_its_first_factor() {
    let (keys, totp) = (keys(), totp());
    let rules = rules(TOTP, Methods::ALL);
    let at = |minutes: u32| LoginDesk { now: NOW + minutes * MINUTE, ..desk(&keys) };
    let mut newest = token(at(0).open(FirstFactor::other(), &rules).unwrap());
    for minutes in 1..10 {
        newest = token(at(minutes).proceed(&newest, &[], &rules).unwrap());
    }
    assert_eq!(outcome(at(9).proceed(&newest, &[(&totp).into()], &rules)), "session");
    let late = at(10).proceed(&newest, &[(&totp).into()], &rules).map(drop);
    assert_eq!(late, Err(LoginError::ExpiredToken));
}

#[test]
fn rejects_tokens_of_other_accounts_tenants_and_services() {
    let (keys, others) = (keys(), Keys::from_secret([8; 32]).unwrap());
    let rules = rules(TOTP, Methods::ALL);
    let token = opened(&desk(&keys));
    // The tenant is a part of the account's tag.
    for desk in [LoginDesk { account: ELSEWHERE, ..desk(&keys) }, desk(&others)] {
        assert_eq!(outcome(desk.proceed(&token, &[], &rules)), "error invalid_login_token");
    }
}

#[test]
fn rejects_every_changed_token() {
    let (keys, totp) = (keys(), totp());
    let (desk, rules) = (desk(&keys), rules(TOTP, Methods::ALL));
    let text = opened(&desk).to_string();
    let (mut rejected, digits) = (0, "0123456789abcdef");
    for place in 0..text.len() {
        let digit = digits.find(&text[place..=place]).unwrap();
        for bit in 0..4 {
            let changed = digit ^ 1 << bit;
            let forged = format!("{}{}{}", &text[..place], &digits[changed..=changed], &text[place + 1..]);
            let Ok(token) = forged.parse::<LoginToken>() else { continue };
            let step = desk.proceed(&token, &[(&totp).into()], &rules).map(drop);
            assert_eq!(step, Err(LoginError::InvalidToken), "digit {place}, bit {bit}");
            rejected += 1;
        }
    }
    assert!(rejected > 8 * (1 + 6 + 16), "most parse: {rejected}");
    assert_eq!(outcome(desk.proceed(&text.parse().unwrap(), &[(&totp).into()], &rules)), "session");
}

#[test]
fn test_codes_show_in_the_grant() {
    let (keys, totp) = (keys(), totp());
    let desk = desk(&keys);
    let rules = rules(Methods::ALL, Methods::ALL);
    let passed = Match { purpose: Purpose::LOGIN, channel: Channel::Sms, at: NOW };
    let test = Verified::from_tests(number().into(), passed, TENANT).with_account(Some(ACCOUNT));
    let is_from_tests = |step: Result<LoginStep, LoginError>| match step.unwrap() {
        LoginStep::Session(grant) => grant.is_from_tests(),
        step => panic!("{step:?}"),
    };
    let opened_by_test = token(desk.open(FirstFactor::passcode(&test), &rules).unwrap());
    let opened = opened(&desk);
    assert!(is_from_tests(desk.proceed(&opened_by_test, &[(&totp).into()], &rules)), "the first factor");
    assert!(is_from_tests(desk.proceed(&opened, &[(&test).into()], &rules)), "the second");
    assert!(is_from_tests(desk.proceed(&opened, &[(&test).into(), (&totp).into()], &rules)));
    assert!(!is_from_tests(desk.proceed(&opened, &[(&totp).into()], &rules)));
    let optional = LoginRules::default();
    assert!(is_from_tests(desk.open(FirstFactor::passcode(&test), &optional)));
}

#[test]
fn rejects_clocks_out_of_range_and_empty_lists() {
    let keys = keys();
    let rules = rules(TOTP, Methods::ALL);
    let token = opened(&desk(&keys));
    for now in [Timestamp::EPOCH, Timestamp::MAX] {
        let desk = LoginDesk { now, ..desk(&keys) };
        let fault = Err(LoginError::Fault(Fault::ClockOutOfRange));
        assert_eq!(desk.open(FirstFactor::other(), &rules).map(drop), fault);
        assert_eq!(desk.proceed(&token, &[], &rules).map(drop), fault);
    }
    let empty = self::rules(TOTP, Methods::NONE);
    let step = desk(&keys).open(FirstFactor::other(), &empty).map(drop);
    assert_eq!(step, Err(LoginError::Policy(MfaError::EmptyMethodList)));
}

#[test]
fn no_permit_for_an_authenticator_that_is_not_allowed() {
    let keys = keys();
    let step = desk(&keys).open(FirstFactor::other(), &rules(Methods::NONE, SMS)).unwrap();
    let LoginStep::Enrol { methods, permit: None, .. } = step else { panic!("{step:?}") };
    assert_eq!(methods, SMS);
}
