//! Counts the compressions of SHA-256 in each call, by purpose. Exits with 1 if a call takes more
//! than allowed, or if the control is counted wrong.
//!
//! `cargo run -p countersign-evidence --bin compressions`, as a debug build: an optimized build
//! inlines the functions that the table distinguishes. The number of compressions is the same.

use core::error::Error;
use core::hint::black_box;
use core::time::Duration;
use std::collections::BTreeMap;
use std::process::{Command, ExitCode, Stdio};
use std::{env, fs, io};

use countersign::totp::{TotpSecret, TotpSettings};
use countersign::{Account, Challenge, Channel, Keys, MemoryStore, PhoneNumber, Timestamp, Verifier};
use countersign_evidence::callgrind::{instructions, toggle};
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;
use sha2::{Digest, Sha256};

/// A scenario to count, and its maximum.
struct Scenario {
    name: &'static str,
    run: fn() -> Result<(), Box<dyn Error>>,
    most: u64,
}

const SCENARIOS: &[Scenario] = &[
    Scenario { name: "check, right", run: || check(true, 0), most: 10 },
    Scenario { name: "check, wrong", run: || check(false, 0), most: 11 },
    Scenario { name: "check, right, sent thrice", run: || check(true, 2), most: 12 },
    Scenario { name: "start, no record yet", run: || start(false), most: 7 },
    Scenario { name: "start, again", run: || start(true), most: 11 },
    Scenario { name: "totp, right", run: || check_totp(true), most: 10 },
    Scenario { name: "totp, wrong", run: || check_totp(false), most: 11 },
    Scenario { name: "start, of an account", run: start_of_account, most: 13 },
    Scenario { name: "check, of an account", run: check_of_account, most: 46 },
];

/// The number of blocks of the control, which is then repeated with twice as many.
const CONTROL: u64 = 100;

/// The purpose of a compression, by a function that leads to it.
const PURPOSES: &[(&str, &str)] = &[
    ("Keys::locate", "where the record is kept"),
    ("Keys::tag", "the tag of the code"),
    ("Envelope<K>::fill", "the MAC of the record that was read"),
    ("Envelope<K>::encode", "the MAC of the record that is written"),
    ("Place::read", "the MAC of the record that was read"),
    ("Place::write", "the MAC of the record that is written"),
];

const ELSE: &str = "something else";

fn main() -> Result<ExitCode, Box<dyn Error>> {
    // Under valgrind this same program runs one scenario.
    if let Some(name) = env::args().nth(1) {
        if let Some(scenario) = SCENARIOS.iter().find(|scenario| scenario.name == name) {
            (scenario.run)()?;
        } else {
            control(name.parse()?);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let cost = |blocks: u64| compressions(&blocks.to_string()).map(|all| all.values().sum::<u64>());
    let (few, many) = (cost(CONTROL)?, cost(2 * CONTROL)?);
    let one = (many - few) / CONTROL;
    let mut good = one > 0 && (many - few) % CONTROL == 0;
    println!("{:<26} {:<40} {:>12}", "call", "what for", "compressions");
    for scenario in SCENARIOS {
        let mut purposes = BTreeMap::new();
        for (function, cost) in compressions(scenario.name)? {
            *purposes.entry(purpose(&function)).or_insert(0) += (cost + one / 2) / one.max(1);
        }
        for (purpose, number) in &purposes {
            println!("{:<26} {purpose:<40} {number:>12}", scenario.name);
        }
        let sum = purposes.values().sum::<u64>();
        println!("{:<26} {:<40} {sum:>12}  at most {}", scenario.name, "all", scenario.most);
        good &= (1..=scenario.most).contains(&sum) && !purposes.contains_key(ELSE);
    }
    println!("{}", if good { "compressions: passed" } else { "compressions: FAILED" });
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn purpose(function: &str) -> &'static str {
    PURPOSES.iter().find(|(name, _)| function.contains(name)).map_or(ELSE, |(_, purpose)| purpose)
}

/// Returns the instructions of SHA-256's compression in a scenario, by call path.
fn compressions(scenario: &str) -> Result<BTreeMap<String, u64>, Box<dyn Error>> {
    let file = env::temp_dir().join(format!("countersign-compressions-{}", std::process::id()));
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--collect-atstart=no", "--separate-callers=12", "--quiet"]);
    valgrind.args(["--compress-strings=no", "--compress-pos=no", "--dump-instr=no"]);
    valgrind.arg(format!("--callgrind-out-file={}", file.display()));
    let status = valgrind.arg(env::current_exe()?).arg(scenario).stdout(Stdio::null()).status();
    let status = status.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            "valgrind is not installed: on Debian and Ubuntu, apt-get install valgrind".into()
        }
        _ => format!("valgrind: {error}"),
    })?;
    if !status.success() {
        return Err(format!("the scenario {scenario} failed under valgrind: {status}").into());
    }
    let report = fs::read_to_string(&file)?;
    fs::remove_file(&file)?;
    let is_compression = |function: &str| {
        let innermost = function.split('\'').next().unwrap_or_default();
        innermost.contains("sha256") && innermost.contains("compress")
    };
    Ok(instructions(&report).into_iter().filter(|(function, _)| is_compression(function)).collect())
}

/// Hashes this many blocks, and one for the padding.
fn control(blocks: u64) {
    let data = vec![7; 64 * blocks as usize];
    toggle();
    black_box(Sha256::digest(&data));
    toggle();
}

fn check(is_right: bool, resends: u64) -> Result<(), Box<dyn Error>> {
    let (verifier, number, now) = service()?;
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut issued = verifier.at(now, &mut rng).start(number, Channel::Sms)?;
    for round in 1..=resends {
        let later = now + Duration::from_secs(30 * round);
        issued = verifier.at(later, &mut rng).resend(number, issued.handle())?;
    }
    let at = verifier.at(now + Duration::from_secs(30 * resends), &mut rng);
    let entry = if is_right { issued.code().as_str() } else { "000000" };
    toggle();
    let answer = at.check(number, issued.handle(), entry);
    toggle();
    if answer.is_ok() == is_right { Ok(()) } else { Err("the check had an unexpected result".into()) }
}

fn start(again: bool) -> Result<(), Box<dyn Error>> {
    let (verifier, number, now) = service()?;
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    if again {
        let _ = verifier.at(now, &mut rng).start(number, Channel::Sms)?;
    }
    let at = verifier.at(now + Duration::from_secs(60), &mut rng);
    toggle();
    let issued = at.start(number, Channel::Sms);
    toggle();
    issued.map(drop).map_err(Into::into)
}

fn check_totp(is_right: bool) -> Result<(), Box<dyn Error>> {
    let (verifier, _, now) = service()?;
    let (account, mut rng) = (Account::new("user-test-7")?, ChaCha8Rng::seed_from_u64(1));
    let (secret, settings) = (TotpSecret::from_bytes(&[7; 20])?, TotpSettings::DEFAULT);
    verifier.at(now, &mut rng).account(&account).import_totp(secret.clone(), settings)?;
    let right = settings.code(&secret, settings.step(now));
    let entry = if is_right { right.as_str() } else { "000000" };
    let at = verifier.at(now, &mut rng);
    toggle();
    let answer = at.account(&account).check_totp(entry);
    toggle();
    if answer.is_ok() == is_right { Ok(()) } else { Err("the check had an unexpected result".into()) }
}

/// Returns an account that has a record.
fn account(verifier: &Verifier<MemoryStore>, now: Timestamp) -> Result<Account, Box<dyn Error>> {
    let (account, mut rng) = (Account::new("user-test-7")?, ChaCha8Rng::seed_from_u64(2));
    let secret = TotpSecret::from_bytes(&[7; 20])?;
    verifier.at(now, &mut rng).account(&account).import_totp(secret, TotpSettings::DEFAULT)?;
    Ok(account)
}

fn start_of_account() -> Result<(), Box<dyn Error>> {
    let (verifier, number, now) = service()?;
    let (account, mut rng) = (account(&verifier, now)?, ChaCha8Rng::seed_from_u64(1));
    let challenge = Challenge::new(number).with_account(&account);
    let at = verifier.at(now, &mut rng);
    toggle();
    let issued = at.start(challenge, Channel::Sms);
    toggle();
    issued.map(drop).map_err(Into::into)
}

fn check_of_account() -> Result<(), Box<dyn Error>> {
    let (verifier, number, now) = service()?;
    let (account, mut rng) = (account(&verifier, now)?, ChaCha8Rng::seed_from_u64(1));
    let challenge = Challenge::new(number).with_account(&account);
    let issued = verifier.at(now, &mut rng).start(&challenge, Channel::Sms)?;
    let at = verifier.at(now, &mut rng);
    toggle();
    let answer = at.check(challenge, issued.handle(), issued.code().as_str());
    toggle();
    answer.map(drop).map_err(Into::into)
}

fn service() -> Result<(Verifier<MemoryStore>, PhoneNumber, Timestamp), Box<dyn Error>> {
    let verifier = Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new());
    Ok((verifier, "+12025550162".parse()?, Timestamp::from_unix_seconds(1_800_000_000)))
}
