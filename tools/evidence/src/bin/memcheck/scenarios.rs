//! The scenarios that are run under memcheck.

mod accounts;

use core::convert::Infallible;
use core::error::Error;
use core::hint::black_box;
use core::time::Duration;

use countersign::otp::CodeFormat;
use countersign::store::{Keep, Loaded, RecordKey, Revision, StoreError, Swap};
use countersign::totp::{Algorithm, TimeStep, TotpCheck, TotpSecret, TotpSettings, TotpVerdict};
use countersign::{
    Challenge, Channel, Error as Refused, Handle, Keys, MemoryStore, PhoneNumber, Refusal, Store, Timestamp,
    Verifier,
};
use countersign_evidence::machine::letters;
use countersign_evidence::memcheck::{conceal, reveal, reveal_value};
use rand_chacha::ChaCha8Rng;
use rand_core::{SeedableRng, TryCryptoRng, TryRng};

/// A scenario, and whether it has a leak.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) run: fn() -> Result<(), Box<dyn Error>>,
    /// It contains a leak, which must be found.
    pub(crate) leaks: bool,
}

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "control-branch", run: branch_on_a_secret, leaks: true },
    Scenario { name: "control-index", run: index_by_a_secret, leaks: true },
    Scenario { name: "six-digits", run: || issue_and_check(CodeFormat::DEFAULT, "000000"), leaks: false },
    Scenario { name: "eight-letters", run: || issue_and_check(letters()?, "22222222"), leaks: false },
    Scenario { name: "totp-sha1", run: || check_totp(Algorithm::Sha1), leaks: false },
    Scenario { name: "totp-sha256", run: || check_totp(Algorithm::Sha256), leaks: false },
    Scenario { name: "totp-sha512", run: || check_totp(Algorithm::Sha512), leaks: false },
    Scenario { name: "account-totp", run: accounts::check_totp, leaks: false },
    Scenario { name: "account-recovery", run: accounts::check_recovery_codes, leaks: false },
    Scenario { name: "account-passcode", run: accounts::check_passcodes, leaks: false },
];

/// Runs start, a wrong code, a resend, the superseded code, the correct code. Marked as undefined
/// are the root secret (and with it every key, tag and MAC), the random bytes of codes (and with
/// them the codes), and the entries.
fn issue_and_check(format: CodeFormat, wrong: &str) -> Result<(), Box<dyn Error>> {
    let mut root = *b"root-secret-that-nobody-may-see!";
    conceal(&mut root);
    let verifier = Verifier::new(Keys::from_secret(root)?, Border(MemoryStore::new()));
    let number: PhoneNumber = "+12025550162".parse()?;
    let mut now = Timestamp::from_unix_seconds(1_800_000_000);
    let mut rng = Concealed(ChaCha8Rng::seed_from_u64(1));
    let challenge = Challenge::new(number).with_format(format);

    let first = verifier.at(now, &mut rng).start(challenge, Channel::Sms)?;
    now = now + Duration::from_secs(30);
    let second = verifier.at(now, &mut rng).resend(number, first.handle())?;

    let mut check = |handle: Handle, entry: &str| {
        let mut entry = entry.to_owned();
        conceal_text(&mut entry);
        let mut answer = verifier.at(now, &mut rng).check(number, handle, &entry);
        // The write was applied, so the outcome is no longer withheld: the answer to the caller is
        // public.
        reveal_value(&mut answer);
        answer
    };
    let handle = first.handle();
    let answer = check(handle, wrong);
    if !matches!(answer, Err(Refused::Refused(Refusal::WrongCode { .. }))) {
        return Err("a wrong code was not reported as wrong".into());
    }
    let answer = check(handle, first.code().as_str());
    if !matches!(answer, Err(Refused::Refused(Refusal::Superseded { .. }))) {
        return Err("an old code was not reported as superseded".into());
    }
    check(handle, second.code().as_str()).map(drop)?;
    Ok(())
}

/// Checks a wrong, a used and a right code of an authenticator. Marked as undefined are the secret
/// (and with it every code) and the entries.
fn check_totp(algorithm: Algorithm) -> Result<(), Box<dyn Error>> {
    let mut bytes = *b"totp-secret-that-nobody-may-see!";
    let settings = TotpSettings::DEFAULT.with_algorithm(algorithm);
    let (now, last) = (TimeStep::new(60_000_000), TimeStep::new(59_999_999));
    let shown = TotpSecret::from_bytes(&bytes)?;
    let code = |step| settings.code(&shown, step).as_str().to_owned();
    let entries = [
        ("000 000".to_owned(), TotpVerdict::Wrong),
        (code(last), TotpVerdict::AlreadyUsed),
        (code(now), TotpVerdict::Right { step: now, drift: 0 }),
    ];
    conceal(&mut bytes);
    let secret = TotpSecret::from_bytes(&bytes)?;
    let check = TotpCheck::new(&secret, settings, now).with_last_accepted(Some(last));
    for (mut entry, expected) in entries {
        conceal_text(&mut entry);
        let mut verdict = check.check(&entry);
        reveal_value(&mut verdict);
        if verdict != expected {
            return Err(format!("{verdict:?}, not {expected:?}").into());
        }
    }
    Ok(())
}

#[allow(unsafe_code, reason = "checking for UTF-8 would branch on the bytes")]
fn conceal_text(text: &mut str) {
    // SAFETY: concealing bytes does not change them.
    conceal(unsafe { text.as_bytes_mut() });
}

/// The store, as seen from the library: the key of a record is public, because it is in every index
/// of a database.
struct Border(MemoryStore);

fn public(key: &RecordKey) -> RecordKey {
    let mut bytes = *key.as_bytes();
    reveal(&mut bytes);
    RecordKey::from_bytes(bytes)
}

impl Store for Border {
    fn load(&self, key: &RecordKey) -> Result<Loaded, StoreError> {
        self.0.load(&public(key))
    }

    fn compare_and_swap(
        &self,
        key: &RecordKey,
        expected: Revision,
        record: &[u8],
        keep: Keep,
    ) -> Result<Swap, StoreError> {
        self.0.compare_and_swap(&public(key), expected, record, keep)
    }
}

/// A generator whose draws are secret except for their beginning: the operation id, which is stored
/// in the record in clear text, and the handle, which goes to the client. The bytes for codes
/// follow them.
struct Concealed(ChaCha8Rng);

/// Length of an operation id and a handle.
const PUBLIC: usize = 8 + 16;

impl TryRng for Concealed {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.0.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0.try_next_u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.try_fill_bytes(bytes)?;
        conceal(bytes.get_mut(PUBLIC..).unwrap_or_default());
        Ok(())
    }
}

impl TryCryptoRng for Concealed {}

/// Leaks by a branch: stops at the first byte that differs.
fn branch_on_a_secret() -> Result<(), Box<dyn Error>> {
    let (mut code, entry) = (*b"483920", black_box(*b"483921"));
    conceal(&mut code);
    for (a, b) in code.iter().zip(&entry) {
        if black_box(a != b) {
            break;
        }
    }
    Ok(())
}

/// Leaks by an index: the cache line that is filled reveals the secret.
fn index_by_a_secret() -> Result<(), Box<dyn Error>> {
    let table = black_box([7_u8; 256]);
    let mut secret = [42];
    conceal(&mut secret);
    black_box(table[usize::from(secret[0])]);
    Ok(())
}
