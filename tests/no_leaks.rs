//! No `Debug`, `Display` or error of a public type reveals a code, a key, a handle, a phone number
//! or an address.

#[cfg(feature = "totp")]
mod accounts;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign::error::{Fault, RecordError};
use countersign::events::{self, About, Event};
use countersign::execute::{Async, InSteps, System};
use countersign::guard::{
    Guard, HostKey, Override, Prefix, Prices, Receipt, Scope, Subject, TallySecret, Treatment, WhenBlind,
};
use countersign::kernel::{
    Driver, Envelope, Next, Plan, Reader, Ready, RecordKind, Reply, Seen, Service, Steps, Then, Withheld,
    Write, Writer,
};
use countersign::limits::Lock;
use countersign::message::{
    AppHash, AppName, Domain, EmailTemplate, Encoding, Locale, PasscodeMessage, Template,
};
use countersign::number::Lenient;
use countersign::otp::{Attempt, CodeFormat, Context, Drawn, NewCode, Record, Step, Terms};
use countersign::policy::{Decision, PolicyError};
use countersign::region::RegionSet;
use countersign::rng::{BufferedRng, SystemRng};
use countersign::store::{
    Batch, Keep, Loaded, RecordBytes, RecordKey, Revision, StoreError, StoreErrorKind, Swap,
};
use countersign::store::{Entry, EntryKind, MemoryTallies, NumberChange, Tallies};
use countersign::{
    Challenge, Channel, DeviceToken, EmailAddress, Error, Handle, Issued, KeyId, Keys, Lifetime, Limits,
    MemoryStore, PhoneNumber, Policy, Purpose, Reason, Recipient, Refusal, Region, SendQuota, Timestamp,
    Verifier,
};
use countersign_tests::rng::Seeded;

const ROOT: &[u8; 32] = b"root-secret-that-nobody-may-see!";
const SECOND: &[u8; 32] = b"second-secret-nobody-may-see-it!";
const NUMBER: &str = "+12025550162";
const ADDRESS: &str = "ada.lovelace@example.com";
const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

/// Type parameters of a verifier. No value of them leaves the crate, so nobody can print one.
const UNREACHABLE: [&str; 3] = ["At", "Guarded", "Service"];

/// Modules that exist with the feature `totp` only.
const OF_SECOND_FACTORS: [&str; 8] = [
    "src/account",
    "src/account.rs",
    "src/mfa",
    "src/mfa.rs",
    "src/totp",
    "src/totp.rs",
    "src/verifier/account",
    "src/verifier/account.rs",
];

/// Modules that exist with the feature `format` only.
const OF_FORMATS: [&str; 2] = ["src/format", "src/format.rs"];

/// Parts of a ruling that are printed with it.
const OF_RULINGS: [&str; 4] = ["Alarm", "Finding", "Rule", "Scope"];

/// Its Base32 form begins with ORXXI4BNON, and its code of step 1 is 797823.
const TOTP_SECRET: &[u8; 20] = b"totp-secret-of-ada-l";

const TALLY_SECRET: &[u8; 16] = b"tally-secret-16b";

/// The printed texts, and the types they were printed from.
#[derive(Default)]
struct Shown {
    texts: Vec<String>,
    types: BTreeSet<&'static str>,
}

impl Shown {
    /// Prints both forms of `Debug`.
    fn debug<T: Debug>(&mut self, value: &T) {
        let path = std::any::type_name::<T>().split('<').next().unwrap_or_default();
        self.types.insert(path.rsplit("::").next().unwrap_or_default());
        self.text(path, format!("{value:?}"));
        self.text(path, format!("{value:#?}"));
    }

    /// Prints `Debug` and `Display`, and those of the source.
    fn error<T: std::error::Error>(&mut self, error: &T) {
        self.debug(error);
        self.text("an error", error.to_string());
        self.texts.extend(error.source().map(|source| format!("{source} {source:?}")));
    }

    /// Hiding secrets is no reason to print nothing.
    fn text(&mut self, of: &str, text: String) {
        assert!(!text.is_empty(), "{of} prints nothing");
        self.texts.push(text);
    }

    /// Checks that no text contains any of these secrets, as text, as hexadecimal digits or as a
    /// list of bytes.
    fn has_none_of(&self, secrets: &[&[u8]]) {
        for secret in secrets {
            let text = String::from_utf8_lossy(secret).into_owned();
            let hexadecimal: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
            let list: String = format!("{secret:?}").trim_matches(['[', ']']).to_owned();
            let lines: String = list.replace(", ", ",");
            for shown in &self.texts {
                let squeezed: String = shown.split_whitespace().collect();
                for form in [&text, &hexadecimal, &hexadecimal.to_uppercase()] {
                    assert!(!shown.contains(form.as_str()), "{form} in {shown}");
                }
                assert!(!squeezed.contains(&lines), "{lines} in {shown}");
            }
        }
    }
}

/// Prints every value of one login, and checks that none of its secrets appears.
#[test]
fn no_output_contains_a_secret() {
    let mut shown = Shown::default();
    let number: PhoneNumber = NUMBER.parse().unwrap();
    let address: EmailAddress = ADDRESS.parse().unwrap();
    let keys = Keys::from_secret(ROOT).unwrap().accept(KeyId::new(1), SECOND).unwrap();
    let store = MemoryStore::new();
    let events = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&events);
    let hook = move |event: &Event| seen.lock().unwrap().push(*event);
    let verifier = Verifier::new(keys.clone(), &store).with_events(hook);
    let mut rng = Seeded(1);

    let challenge = Challenge::new(address.clone()).with_format(CodeFormat::alphanumeric(8).unwrap());
    let by_email = verifier.at(NOW, &mut rng).start(&challenge, Channel::Email).unwrap();
    let issued = verifier.at(NOW, &mut rng).start(number, Channel::Sms).unwrap();
    let (handle, code) = (issued.handle(), issued.code().as_str());
    let cooling = verifier.at(NOW, &mut rng).start(number, Channel::Sms).unwrap_err();
    let verified = verifier.at(NOW, &mut rng).check(number, handle, code).unwrap();
    shown.debug(&verifier);
    shown.debug(&verifier.at(NOW, &mut rng));
    shown.debug(&verifier.at(NOW, &mut rng).asynchronously());
    shown.debug(&store);
    shown.debug(&issued);
    shown.debug(issued.code());
    shown.debug(&by_email);
    shown.debug(&verified);
    shown.debug(&verified.tenant());
    shown.debug(&challenge);
    shown.debug(&keys);
    shown.debug(&handle);
    shown.error(&cooling);
    shown.error(&verifier.at(NOW, &mut rng).check(number, handle, code).unwrap_err());
    shown.error(&verifier.at(NOW, &mut rng).check(number, handle, "12345").unwrap_err());
    shown.debug(&verifier.at(NOW, &mut rng).status(number).unwrap());
    shown.debug(&verifier.at(NOW, &mut rng).status(number).unwrap().challenge.unwrap());
    shown.debug(&verifier.clone().with_sandbox_for_tests());
    let token = verifier.at(NOW, &mut rng).device_token(&verified).unwrap();
    let known = verifier.at(NOW, &mut rng).known_device(number, &token).unwrap();
    shown.debug(&token);
    shown.debug(&known);
    shown.debug(&known.id);
    shown.error(&token.to_string()[1..].parse::<DeviceToken>().unwrap_err());
    shown.debug(&BufferedRng::new(&mut rng));
    show_messages(&mut shown, &issued);
    show_messages(&mut shown, &by_email);
    show_recipients(&mut shown, number, &address);
    show_the_machine(&mut shown, &keys, &mut rng);
    let mut shown = show_the_kernel(shown, &verifier, number);
    let events = events.lock().unwrap();
    assert!(events.len() > 5);
    events.iter().for_each(|event| shown.debug(event));
    shown.debug(&events[0].call);
    shown.debug(&events[0].outcome);
    show_values_and_errors(&mut shown);
    show_the_guard(&mut shown, number);
    #[cfg(feature = "totp")]
    show_second_factors(&mut shown);
    #[cfg(feature = "totp")]
    accounts::show(&mut shown, &verified);

    let digits = number.to_e164();
    shown.has_none_of(&[
        ROOT,
        SECOND,
        digits.digits().as_bytes(),
        &digits.digits().as_bytes()[1..],
        &number.digits().to_le_bytes()[..5],
        code.as_bytes(),
        by_email.code().as_str().as_bytes(),
        handle.as_bytes(),
        by_email.handle().as_bytes(),
        &token.to_string().as_bytes()[48..],
        b"ada.lovelace",
        b"shy-shy!",
        TALLY_SECRET,
        &[192, 0, 2, 7],
        b"192.0.2.7",
        TOTP_SECRET,
        b"ORXXI4BNON",
        b"orxxi4bnon",
        b"ada-of-acme",
        b"797823",
    ]);
    shown.types.extend(UNREACHABLE);
    shown.types.extend(OF_RULINGS);
    assert_eq!(
        public_types()
            .difference(&shown.types.iter().map(|&name| name.to_owned()).collect())
            .collect::<Vec<_>>(),
        [""; 0],
        "public types that this test does not print"
    );
}

/// The toll-fraud guard: a secret, numbers, host keys and the entries that they lead to.
fn show_the_guard(shown: &mut Shown, number: PhoneNumber) {
    let (guard, secret) = (Guard::default(), TallySecret::new(*TALLY_SECRET));
    let keys = [HostKey::ip(std::net::Ipv4Addr::new(192, 0, 2, 7).into()), HostKey::account("ada.lovelace")];
    let tags = secret.tags(&keys, None, Channel::Sms).unwrap();
    let subject = Subject::new(number, Channel::Sms).with_tags(tags);
    let question = guard.question(&secret, &subject);
    let tallies = MemoryTallies::with_capacity(64, 64);
    let entries = tallies.read(question.keys(), NOW).unwrap();
    let ruling = question.decide(&guard, &entries, NOW).unwrap();
    let changes = question.sent(&ruling);
    let store = MemoryStore::new();
    shown.debug(&Tallies::load_with_tallies(&store, &[], question.keys(), NOW));
    let verifier = Verifier::new(Keys::from_secret([7; 32]).unwrap(), store)
        .with_guard(guard.clone().with_when_blind(WhenBlind::Allow));
    shown.debug(&verifier);
    shown.debug(&WhenBlind::Allow);
    let challenge = Challenge::new(number).with_key(keys[0]).with_key(keys[1]);
    shown.debug(&challenge);
    for hour in 0..6 {
        let mut rng = Seeded(hour);
        let started = verifier.at(NOW + hour as u32 * Duration::from_secs(3600), &mut rng);
        match started.start(&challenge, Channel::Sms) {
            Err(error) => shown.error(&error),
            Ok(issued) => shown.debug(&issued.ruling().unwrap()),
        }
    }
    assert!(shown.texts.iter().any(|text| text.contains("guard:number_unanswered")), "refused by the guard");
    let prefix: Prefix = "+1202".parse().unwrap();
    let treatment = Treatment::Allow;
    let rule = Override::prefix(prefix, treatment, NOW);
    shown.debug(&guard);
    shown.debug(&secret);
    shown.debug(&keys[0]);
    shown.debug(&keys[1]);
    shown.debug(&tags);
    shown.debug(&tags.as_slice()[0]);
    shown.debug(&subject);
    shown.debug(&question);
    shown.debug(&question.keys()[0]);
    shown.debug(&question.memory_key().kind());
    shown.debug(&ruling);
    shown.debug(&ruling.fingerprint());
    shown.debug(&ruling.charge().unwrap());
    shown.debug(&Receipt::default().with(ruling.charge().unwrap()));
    shown.debug(&changes[0]);
    shown.debug(&changes[0].effect());
    shown.debug(&NumberChange::sent([1, 0]));
    shown.debug(&tallies);
    shown.debug(&entries);
    for entry in entries.as_slice() {
        shown.debug(entry);
        shown.debug(&entry.to_bytes());
        match entry {
            Entry::Sums(sums) => shown.debug(sums),
            Entry::Number(memory) => {
                shown.debug(memory);
                shown.debug(&memory.standing(NOW));
            }
        }
    }
    shown.debug(&prefix);
    shown.debug(&treatment);
    shown.debug(&rule);
    shown.debug(&guard.bases());
    shown.debug(&guard.caps());
    shown.debug(guard.prices());
    shown.error(&Guard::default().with_stake(0.0).unwrap_err());
    shown.error(&NUMBER.parse::<Scope>().unwrap_err());
    shown.error(
        &NUMBER
            .parse::<Prefix>()
            .map(|_| ())
            .map_or_else(|error| error, |()| "x".parse::<Prefix>().unwrap_err()),
    );
    shown.error(&Entry::from_bytes(EntryKind::Sums, &[7; 3]).unwrap_err());
    let nine: Vec<_> = (0..9).map(|place| HostKey::account([place])).collect();
    shown.error(&secret.tags(&nine, None, Channel::Sms).unwrap_err());
    let error = Prices::from_csv("region,channel,price\nUS,sms,-1\n").unwrap_err();
    shown.debug(&error.kind());
    shown.error(&error);
}

/// Authenticators: a secret in every form, and the policy for second factors.
#[cfg(feature = "totp")]
fn show_second_factors(shown: &mut Shown) {
    use countersign::mfa::{AllowedMethods, Login, Member, Method, Methods, OpenedBy, Organisation};
    use countersign::totp::{
        Algorithm, KeyUri, TimeStep, TotpCheck, TotpSecret, TotpSettings, UriName, Window,
    };

    let (secret, settings) = (TotpSecret::from_bytes(TOTP_SECRET).unwrap(), TotpSettings::DEFAULT);
    let code = settings.code(&secret, TimeStep::new(1));
    assert_eq!(code.as_str(), "797823", "what must not be seen");
    let check = TotpCheck::new(&secret, settings, TimeStep::new(1));
    let text = secret.to_base32();
    assert!(text.as_str().starts_with("ORXXI4BNON"), "what must not be seen");
    let uri = KeyUri::new(
        UriName::new("Acme").unwrap(),
        UriName::new("ada-of-acme").unwrap(),
        secret.clone(),
        settings,
    );
    shown.debug(&secret);
    shown.debug(&settings);
    shown.debug(&Window::DEFAULT);
    shown.debug(&TimeStep::new(1));
    shown.debug(&code);
    shown.debug(&check);
    shown.debug(&check.check(code.as_str()));
    shown.debug(&text);
    shown.debug(&uri);
    shown.debug(uri.account());
    shown.debug(&uri.to_text());
    shown.debug(&Algorithm::Sha1);
    shown.error(&"MD5".parse::<Algorithm>().unwrap_err());
    shown.error(&settings.with_digits(9).unwrap_err());
    shown.error(&TotpSecret::from_bytes(&TOTP_SECRET[..12]).unwrap_err());
    for damage in ["1", "\u{e9}", "=A", "A", "AAA"] {
        let error = format!("{}{damage}", text.as_str()).parse::<TotpSecret>().unwrap_err();
        shown.error(&error);
        shown.debug(&error.kind());
    }
    let written = uri.to_text().as_str().to_owned();
    for damaged in [
        written.replace("secret=", "secret=1"),
        written.replace("period=30", "period=300"),
        written.replace("SHA1", "SHA3"),
        written.replace("ada-of", "ada%3Aof"),
        written.replace("issuer=Acme", "issuer=ada-of-acme%0A"),
        written.replace("totp/", "hotp/"),
        written.replace("otpauth", "http"),
        written.replace("secret", "%FF"),
        written.replace("secret", "%F"),
        written.replace("secret", "secre"),
        written.clone() + "&secret=" + text.as_str(),
        written.clone() + &"&x=y".repeat(2000),
    ] {
        shown.error(&damaged.parse::<KeyUri>().unwrap_err());
    }
    shown.error(&UriName::new("ada-of-acme:").unwrap_err());

    let organisation = Organisation::default();
    let member = Member { registered: Method::Totp.into(), is_enrolled: true, ..Member::default() };
    let login = Login { organisation, member, opened_by: OpenedBy::Email, proven: Methods::NONE };
    shown.debug(&login);
    shown.debug(&organisation);
    shown.debug(&organisation.policy);
    shown.debug(&organisation.allowed);
    shown.debug(&member);
    shown.debug(&login.opened_by);
    shown.debug(&Method::Totp);
    shown.debug(&member.registered);
    shown.debug(&member.registered.iter());
    shown.debug(&login.decide().unwrap());
    shown.error(&"sms".parse::<Method>().unwrap_err());
    let organisation = Organisation { allowed: AllowedMethods::Only(Methods::NONE), ..organisation };
    shown.error(&Login { organisation, ..login }.decide().unwrap_err());
}

fn show_recipients(shown: &mut Shown, number: PhoneNumber, address: &EmailAddress) {
    shown.debug(&number);
    shown.debug(&number.to_e164());
    shown.debug(&number.allocation());
    shown.debug(&number.kind().unwrap());
    shown.debug(address);
    shown.debug(&Recipient::from(number));
    shown.debug(&Recipient::from(address.clone()));
    shown.error(&format!("{NUMBER}x").parse::<PhoneNumber>().unwrap_err());
    shown.error(&Lenient::new().parse(&format!("{NUMBER};ext=1")).unwrap_err());
    shown.debug(&format!("{NUMBER}x").parse::<PhoneNumber>().unwrap_err().kind());
    shown.error(&format!("{ADDRESS} ").parse::<EmailAddress>().unwrap_err());
    shown.debug(&format!("{ADDRESS} ").parse::<EmailAddress>().unwrap_err().kind());
    shown.debug(&Lenient::new());
    shown.debug(&Policy::default().decide_many(&[NUMBER], Channel::Sms));
    #[cfg(feature = "format")]
    show_formats(shown, number);
}

/// Formatted numbers, and text fields that contain one.
#[cfg(feature = "format")]
fn show_formats(shown: &mut Shown, number: PhoneNumber) {
    shown.debug(&number.rfc3966());
    let mut input = countersign::format::Input::international();
    for c in NUMBER.chars() {
        input.push(c);
    }
    assert_eq!(input.number(), Ok(number));
    shown.debug(&input);
}

/// Texts that contain the code, and rejected words.
fn show_messages(shown: &mut Shown, issued: &Issued) {
    let (domain, hash) = (Domain::new("example.com").unwrap(), AppHash::new("FA+9qCX9VSu").unwrap());
    let message = PasscodeMessage::new(AppName::new("Acme").unwrap(), Locale::En);
    let message = message.with_web_otp(domain).with_sms_retriever(hash);
    let text = message.render(issued, NOW).unwrap();
    assert!(text.to_string().contains(issued.code().as_str()));
    shown.debug(&message);
    shown.debug(&text);
    shown.error(&message.render(issued, issued.expires_at()).unwrap_err());
    shown.debug(&text.sms_size());
    shown.debug(&text.to_wiped());
    shown.debug(&message.subject());
    shown.debug(&domain);
    shown.debug(&hash);
    shown.debug(&Encoding::Gsm7);
    shown.debug(&Locale::En);
    shown.debug(&AppName::new("Acme").unwrap());
    shown.debug(&Template::new("{code}").unwrap());
    shown.debug(&EmailTemplate::new("{app}", "{code}").unwrap());
    shown.error(&NUMBER.parse::<Locale>().unwrap_err());
    shown.error(&AppName::new("").unwrap_err());
    shown.error(&Domain::new(NUMBER).unwrap_err());
    shown.error(&AppHash::new(NUMBER).unwrap_err());
    shown.error(&Template::new(NUMBER).unwrap_err());
}

/// The state machine, with a valid record and an invalid one.
fn show_the_machine(shown: &mut Shown, keys: &Keys, rng: &mut Seeded) {
    let (key, limits) = (RecordKey::from_bytes([3; 16]), Limits::default());
    let context = Context::new(&key, keys, NOW, 1).with_limits(&limits);
    let terms = Terms::new(Channel::Sms);
    let drawn = Drawn::new(rng).unwrap();
    shown.debug(&drawn);
    let step = Record::fresh().start(&context, &terms, &drawn).unwrap();
    shown.debug(&step);
    let Step::Write { next, withheld } = step else { panic!("a fresh record refused a start") };
    let then = Then::Reveal(withheld);
    shown.debug(&then);
    let Then::Reveal(withheld) = then else { panic!("the outcome is not withheld") };
    shown.debug::<Withheld<NewCode>>(&withheld);
    let issue = withheld.confirm(Swap::Applied).unwrap().unwrap();
    shown.debug(&issue);
    let attempt = Attempt::new(Some(&issue.handle), Purpose::LOGIN, issue.code.as_str());
    let passed = next.check(&context, &attempt).unwrap();
    shown.debug(&passed);
    if let Step::Write { withheld, .. } = passed {
        shown.debug(&withheld.confirm(Swap::Applied).unwrap().unwrap());
    }
    shown.debug(&attempt);
    let bytes = next.encode(&key, keys).unwrap();
    shown.debug(&Loaded::new(bytes.as_slice(), Revision::from_number(1)).unwrap());
    shown.debug(&bytes);
    shown.debug(&next);
    shown.debug(next.value());
    let mut batch = Batch::new();
    batch.push(Loaded::new(bytes.as_slice(), Revision::from_number(1)).unwrap()).unwrap();
    shown.debug(&batch);
    let write = || Write::new(0, Revision::ABSENT, Keep::new(NOW, NOW));
    shown.debug(&write());
    shown.debug(&Next::<NewCode>::Write(write(), Then::NextStage));
    shown.debug(&context);
    shown.debug(&terms);
    shown.debug(&key);
    shown.error(&Record::decode(&bytes.as_slice()[1..], &key, keys).unwrap_err());
    shown.has_none_of(&[issue.code.as_str().as_bytes(), issue.handle.as_bytes()]);
}

/// A plan and a record kind of the host's own, which receive all values that are passed to others.
fn show_the_kernel<S>(mut shown: Shown, verifier: &Verifier<S>, number: PhoneNumber) -> Shown {
    let key = RecordKey::from_bytes([3; 16]);
    let about = About::new(events::Call::Status).with_channel(Channel::Sms).with_number(number);
    shown.debug(&about);
    shown.debug(&countersign::store::Timeouts::DEFAULT);
    shown.debug(&System);
    shown.debug(&Async::<System>::default());
    shown.debug(&InSteps::<System>::default());
    let shared = Arc::new(Mutex::new(shown));
    let plan = || Looking { reads: [key], about, shown: Arc::clone(&shared) };
    let ready = Ready::new(plan(), 1);
    shared.lock().unwrap().debug(&ready);
    let driver: Driver<_> = ready.driver();
    shared.lock().unwrap().debug(&driver);
    shared.lock().unwrap().debug(&Steps::request(&driver));
    drop(driver);
    let mut operation = verifier.in_steps().carry_out(plan()).unwrap();
    shared.lock().unwrap().debug(&operation);
    let reply = [Loaded::new(&[7; 40], Revision::from_number(1)).unwrap()];
    shared.lock().unwrap().debug(&Reply::Read(Ok(&reply)));
    assert!(operation.answer(verifier, Reply::Read(Ok(&reply))).is_break());
    drop(operation);

    let keys = Keys::from_secret(ROOT).unwrap();
    let record = Envelope::<Shy>::fresh().after(1, NOW, Shy(Some(Arc::clone(&shared))));
    let bytes = record.encode(&key, &keys).unwrap();
    READS.with_borrow_mut(|reads| *reads = Some(Arc::clone(&shared)));
    drop(Envelope::<Shy>::decode(bytes.as_slice(), &key, &keys).unwrap());
    READS.with_borrow_mut(|reads| *reads = None);
    drop(record);
    Arc::into_inner(shared).unwrap().into_inner().unwrap()
}

struct Looking {
    reads: [RecordKey; 1],
    about: About,
    shown: Arc<Mutex<Shown>>,
}

impl Plan for Looking {
    type Output = ();

    fn about(&self) -> About {
        self.about
    }

    fn reads(&self, _stage: u8) -> &[RecordKey] {
        &self.reads
    }

    fn next(
        &mut self,
        _: &Service,
        _: u8,
        _: u64,
        seen: &Seen<'_>,
        _: &mut RecordBytes,
    ) -> Result<Next<()>, Error> {
        self.shown.lock().unwrap().debug(seen);
        Ok(Next::Done(()))
    }

    fn is_written(&self, _: &Service, _: u8, _: usize, _: &Loaded, _: u64) -> Result<bool, Fault> {
        Ok(false)
    }
}

/// A kind of record with eight secret bytes.
#[derive(Clone, Default)]
struct Shy(Option<Arc<Mutex<Shown>>>);

thread_local! {
    static READS: RefCell<Option<Arc<Mutex<Shown>>>> = const { RefCell::new(None) };
}

impl RecordKind for Shy {
    const DOMAIN: u8 = 255;
    const LONGEST: usize = 8;

    fn put(&self, _: Timestamp, out: &mut Writer<'_>) {
        out.put(*b"shy-shy!");
        self.0.iter().for_each(|shown| shown.lock().unwrap().debug(out));
    }

    fn fill(&mut self, _: Timestamp, from: &mut Reader<'_>) -> Option<()> {
        READS.with_borrow(|shown| shown.iter().for_each(|shown| shown.lock().unwrap().debug(from)));
        from.take::<8>().map(drop)
    }

    fn keep_until(&self, at: Timestamp) -> Timestamp {
        at
    }
}

/// Values without secrets, and errors that could repeat one.
fn show_values_and_errors(shown: &mut Shown) {
    shown.error(&Keys::from_secret(&ROOT[..15]).unwrap_err());
    shown.error(&Keys::from_secret(ROOT).unwrap().accept(KeyId::new(0), SECOND).unwrap_err());
    shown.error(&"12025550162".parse::<Handle>().unwrap_err());
    shown.error(&NUMBER.parse::<Channel>().unwrap_err());
    shown.error(&NUMBER.parse::<Region>().unwrap_err());
    shown.error(&Purpose::new(NUMBER).unwrap_err());
    shown.error(&CodeFormat::digits(4).unwrap_err());
    shown.error(&Lifetime::from_minutes(11).unwrap_err());
    shown.error(&Limits::default().with_tries_per_code(0).unwrap_err());
    shown.error(&Policy::default().allow(Channel::Email, []).unwrap_err());
    let mut policy = Policy::default();
    shown.error::<PolicyError>(&policy.set_allowed_codes(Channel::Sms, [NUMBER]).unwrap_err());
    shown.error(&Error::from(StoreError::new(StoreErrorKind::Full)));
    shown.error(&StoreError::unavailable("connection reset"));
    shown.error(&Fault::UnknownKey(KeyId::new(1)));
    shown.error(&RecordError::WrongMac);
    shown.error(&countersign::error::EntropyError::Stuck);
    shown.error(&Reason::NoCountry);
    shown.error(&Refusal::Expired);
    shown.debug(&StoreErrorKind::Full);
    shown.debug(&Swap::Unknown);
    shown.debug(&Keep::new(NOW, NOW));
    shown.debug(&Revision::ABSENT);
    shown.debug(&policy);
    shown.debug(&Decision::Allow);
    shown.debug(&RegionSet::ALL);
    shown.debug(&RegionSet::EMPTY.iter());
    shown.debug(&Region::US);
    shown.debug(&Channel::Sms);
    shown.debug(&Limits::default());
    shown.debug(&SendQuota::new(1, Duration::from_secs(1)).unwrap());
    shown.debug(&Lifetime::DEFAULT);
    shown.debug(&CodeFormat::DEFAULT);
    shown.debug(&Purpose::LOGIN);
    shown.debug(&KeyId::new(1));
    shown.debug(&NOW);
    shown.debug(&SystemRng);
    shown.debug(&Lock::Until(NOW));
}

/// Returns the names of all public types in `src/`, so that no new one is missed. The kit's types
/// are left out: its logins are made up.
fn public_types() -> BTreeSet<String> {
    let mut types = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_of = |modules: &[&str]| modules.iter().any(|module| path.ends_with(module));
            if !cfg!(feature = "totp") && is_of(&OF_SECOND_FACTORS)
                || !cfg!(feature = "format") && is_of(&OF_FORMATS)
            {
                continue;
            }
            if path.is_dir() {
                folders.extend((!path.ends_with("testing")).then_some(path));
                continue;
            }
            for line in fs::read_to_string(path).unwrap().lines() {
                let name = ["pub struct ", "pub enum "].iter().find_map(|start| line.strip_prefix(start));
                let name = name.and_then(|rest| rest.split(|c: char| !c.is_alphanumeric()).next());
                types.extend(name.map(str::to_owned));
            }
        }
    }
    types
}
