//! Accounts and logins: ids, recovery codes, tokens and the secrets of authenticators stay hidden.

use countersign::account::{
    AccountRecord, AccountState, Factor, Group, RecoveryFormat, RecoveryRecord, RecoverySet, TotpAttempt,
    TotpTerms,
};
use countersign::kernel::Envelope;
use countersign::mfa::{
    FirstFactor, LoginError, LoginRules, LoginStep, LoginToken, MayEnrol, Member, Method, MfaPolicy,
    Organisation, Proof, SessionGrant,
};
use countersign::otp::{Context, Drawn};
use countersign::store::{RecordKey, Swap};
use countersign::totp::{TotpSecret, TotpSettings, TypedTotp};
use countersign::{Account, Keys, MemoryStore, PhoneNumber, Verified, Verifier};
use countersign_tests::rng::Seeded;

use super::{NOW, NUMBER, ROOT, Shown, TOTP_SECRET};

const ID: &str = "ada-the-account";

/// An account with an authenticator and recovery codes, and a login that needs them.
pub(super) fn show(shown: &mut Shown, passcode: &Verified) {
    let verifier = Verifier::new(Keys::from_secret(ROOT).unwrap(), MemoryStore::new());
    let (account, mut rng) = (Account::new(ID).unwrap(), Seeded(2));
    let verifier = verifier.at(NOW, &mut rng);
    let calls = verifier.account(&account);
    shown.debug(&account);
    shown.debug(&calls);
    shown.error(&Account::new("").unwrap_err());

    let permit = calls.may_enrol_by_own_session();
    let terms = TotpTerms::new().with_secret(TotpSecret::from_bytes(TOTP_SECRET).unwrap());
    shown.debug(&terms);
    shown.debug(&terms.clone().offer(&mut Seeded(3)).unwrap());
    shown.error(&terms.clone().with_minutes(1).unwrap_err());
    let enrolled = calls.enrol_totp(&permit, terms).unwrap();
    shown.debug(&permit);
    shown.debug(&enrolled);
    shown.debug(&calls.status().unwrap());
    shown.debug(&calls.status().unwrap().totp);
    let codes = calls.issue_recovery_codes(&permit, RecoveryFormat::DEFAULT).unwrap();
    shown.debug(&codes);
    shown.debug(&codes.format());
    shown.error(&RecoveryFormat::DEFAULT.with_codes(0).unwrap_err());
    shown.error(&RecoveryFormat::DEFAULT.with_groups(0).unwrap_err());

    let entry = TotpSettings::DEFAULT.code(enrolled.secret(), TotpSettings::DEFAULT.step(NOW));
    let totp = calls.check_totp(entry.as_str()).unwrap();
    let code = codes.iter().next().unwrap();
    let recovery = calls.check_recovery_code(code).unwrap();
    shown.debug(&totp);
    shown.debug(&recovery);
    shown.error(&calls.check_totp(entry.as_str()).unwrap_err());
    shown.error(&calls.check_recovery_code(code).unwrap_err());
    shown.error(&calls.check_recovery_code("aaaa-aaaa-aaaa").unwrap_err());

    let organisation = Organisation { policy: MfaPolicy::RequiredForAll, ..Organisation::default() };
    let member = Member { registered: Method::Totp.into(), ..Member::default() };
    let phone: Option<PhoneNumber> = NUMBER.parse().ok();
    let rules = LoginRules { organisation, member, phone, ..LoginRules::default() };
    shown.debug(&rules);
    shown.debug(&FirstFactor::passcode(passcode));
    let step = calls.open_login(FirstFactor::other(), &rules).unwrap();
    shown.debug(&step);
    let LoginStep::SecondFactor { token, .. } = step else { panic!("no second factor is asked for") };
    shown.debug(&token);
    shown.error(&token.to_string()[1..].parse::<LoginToken>().unwrap_err());
    for proof in [Proof::Totp(&totp), Proof::Recovery(&recovery), Proof::Passcode(passcode)] {
        shown.debug(&proof);
        match calls.continue_login(&token, &[proof], &rules) {
            Ok(step) => shown.debug(&step),
            Err(error) => shown.error::<LoginError>(&error),
        }
    }
    let step = calls.continue_login(&token, &[(&totp).into()], &rules).unwrap();
    let LoginStep::Session(grant) = step else { panic!("the second factor was proven") };
    shown.debug::<SessionGrant>(&grant);
    shown.debug::<MayEnrol>(&MayEnrol::from(&grant));
    let device = calls.device_token(&grant).unwrap();
    shown.debug(&account.clone().with_device(device.clone()));
    show_records(shown, enrolled.secret(), entry.as_str());
    shown.debug(&Factor::Totp);
    shown.debug(&Group::Trusted);
    let mac = |token: &str| token[token.len() - 32..].to_owned();
    let secrets =
        [mac(&token.to_string()), mac(&device.to_string()), ID.to_owned(), entry.as_str().to_owned()];
    let codes = codes.iter().flat_map(|code| [code.to_owned(), code.replace('-', "")]);
    let secrets: Vec<String> = codes.chain(secrets).collect();
    shown.has_none_of(&secrets.iter().map(String::as_bytes).collect::<Vec<_>>());
}

/// The state machine, for hosts with a driver of their own.
fn show_records(shown: &mut Shown, secret: &TotpSecret, entry: &str) {
    let (key, keys) = (RecordKey::from_bytes([3; 16]), Keys::from_secret(ROOT).unwrap());
    let context = Context::new(&key, &keys, NOW, 1);
    let drawn = Drawn::new(&mut Seeded(4)).unwrap();
    let step = AccountRecord::fresh().import(&context, secret, TotpSettings::DEFAULT, &drawn).unwrap();
    shown.debug(&step);
    let countersign::otp::Step::Write { next, .. } = step else { panic!("not imported") };
    shown.debug::<AccountState>(next.value());
    let typed = TypedTotp::parse(entry);
    shown.debug(&typed);
    let attempt = TotpAttempt::new(&typed);
    shown.debug(&attempt);
    let checked = next.check_totp(&context, &attempt, &drawn).unwrap();
    shown.debug(&checked);
    if let countersign::otp::Step::Write { withheld, .. } = checked {
        shown.debug(&withheld.confirm(Swap::Applied).unwrap().unwrap());
    }
    let codes: RecoveryRecord = Envelope::fresh();
    shown.debug::<RecoverySet>(codes.value());
}
