//! Authenticators: the classes of checked codes, and which of them must not be distinguishable.

use core::error::Error;
use core::hint::black_box;

use countersign::account::{AccountRecord, TotpAttempt};
use countersign::otp::{Context, Drawn, Step};
use countersign::store::{RecordKey, Swap};
use countersign::totp::{TotpSecret, TotpSettings, TypedTotp};
use countersign::{Keys, Refusal, Timestamp};
use countersign_evidence::dudect;
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;

use crate::passcodes::wrong_at;
use crate::rows::{Row, Rule, judge, row};
use crate::{Options, measure};

const KEY: RecordKey = RecordKey::from_bytes([3; 16]);
const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

/// A record and a code that is checked against it.
struct Input {
    record: AccountRecord,
    entry: String,
    answer: Answer,
}

/// The expected answer. With any other, the wrong thing is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Wrong,
    Used,
    Right,
}

/// In the order of [`inputs`].
const WRONG: usize = 0;
const AGAIN: usize = 1;
const FIRST: usize = 2;
const LAST: usize = 3;
const RIGHT: usize = 4;
const EARLIER: usize = 5;
const LATER: usize = 6;
const OTHER: usize = 7;
const USED: usize = 8;
const USED_EARLIER: usize = 9;

const ROWS: &[Row] = &[
    row("wrong everywhere, the same again", AGAIN, WRONG, Rule::Alike),
    row("wrong at the first digit", FIRST, WRONG, Rule::Alike),
    row("wrong at the last digit", LAST, WRONG, Rule::Alike),
    row("right, of the step before", EARLIER, RIGHT, Rule::Alike),
    row("right, of the step after", LATER, RIGHT, Rule::Alike),
    row("right, another secret than the baseline", OTHER, RIGHT, Rule::Alike),
    row("used, of the step before", USED_EARLIER, USED, Rule::Alike),
    row("right", RIGHT, WRONG, Rule::Public),
    row("used", USED, WRONG, Rule::Public),
];

/// Times the whole of [`AccountRecord::check_totp`], without a store. Records and entries are copied
/// to one place before the clock starts, so that no class has its own address.
pub(crate) fn check(options: &Options) -> Result<bool, Box<dyn Error>> {
    let keys = Keys::from_secret([7; 32])?;
    let context = Context::new(&KEY, &keys, NOW, 3);
    let drawn = Drawn::new(&mut ChaCha8Rng::seed_from_u64(3))?;
    let inputs = inputs(&keys)?;
    let mut record = AccountRecord::fresh();
    let mut entry = inputs[0].entry.clone();
    let mut run = |input: &Input| {
        record.clone_from(&input.record);
        entry.clone_from(&input.entry);
        dudect::time(|| {
            let entry = TypedTotp::parse(black_box(&entry));
            black_box(&record).check_totp(black_box(&context), &TotpAttempt::new(&entry), &drawn)
        })
    };
    for input in &inputs {
        let outcome = match run(input).1 {
            Ok(Step::Write { withheld, .. }) => withheld.confirm(Swap::Applied).ok_or("not applied")?,
            Ok(Step::Answer(answer)) => answer,
            Err(fault) => return Err(fault.into()),
        };
        let answer = match outcome {
            Ok(_) => Answer::Right,
            Err(Refusal::AlreadyUsed) => Answer::Used,
            Err(_) => Answer::Wrong,
        };
        if answer != input.answer {
            return Err(format!("expected {:?}, the check returned {answer:?}", input.answer).into());
        }
    }
    let measured = measure(options, "authenticators", inputs.len(), |class| run(&inputs[class]).0);
    Ok(judge("authenticator, wrong everywhere: baseline", ROWS, &measured))
}

/// Returns records with an active authenticator, and entries for them.
fn inputs(keys: &Keys) -> Result<Vec<Input>, Box<dyn Error>> {
    let (secret, other) = (TotpSecret::from_bytes(&[0x5a; 20])?, TotpSecret::from_bytes(&[0xc3; 20])?);
    let (record, another) = (imported(keys, &secret)?, imported(keys, &other)?);
    let used = accepted(keys, &record, &code(&secret, 1))?;
    let right = code(&secret, 0);
    let everywhere = || wrong_at(&right, 0..right.len());
    let input = |record: &AccountRecord, entry, answer| Input { record: record.clone(), entry, answer };
    Ok(vec![
        input(&record, everywhere(), Answer::Wrong),
        input(&record, everywhere(), Answer::Wrong),
        input(&record, wrong_at(&right, 0..1), Answer::Wrong),
        input(&record, wrong_at(&right, right.len() - 1..right.len()), Answer::Wrong),
        input(&record, right.clone(), Answer::Right),
        input(&record, code(&secret, -1), Answer::Right),
        input(&record, code(&secret, 1), Answer::Right),
        input(&another, code(&other, 0), Answer::Right),
        input(&used, right.clone(), Answer::Used),
        input(&used, code(&secret, -1), Answer::Used),
    ])
}

/// Returns the code of this many steps after the current one.
fn code(secret: &TotpSecret, drift: i64) -> String {
    let settings = TotpSettings::DEFAULT;
    let seconds = (NOW.unix_millis() / 1000).saturating_add_signed(30 * drift);
    settings.code(secret, settings.step_of_unix_seconds(seconds)).as_str().to_owned()
}

fn imported(keys: &Keys, secret: &TotpSecret) -> Result<AccountRecord, Box<dyn Error>> {
    let drawn = Drawn::new(&mut ChaCha8Rng::seed_from_u64(1))?;
    let context = Context::new(&KEY, keys, NOW, 1);
    match AccountRecord::fresh().import(&context, secret, TotpSettings::DEFAULT, &drawn)? {
        Step::Write { next, .. } => Ok(next),
        Step::Answer(_) => Err("the import was refused".into()),
    }
}

/// Returns the record after this code was accepted.
fn accepted(keys: &Keys, record: &AccountRecord, code: &str) -> Result<AccountRecord, Box<dyn Error>> {
    let drawn = Drawn::new(&mut ChaCha8Rng::seed_from_u64(2))?;
    let (context, entry) = (Context::new(&KEY, keys, NOW, 2), TypedTotp::parse(code));
    match record.check_totp(&context, &TotpAttempt::new(&entry), &drawn)? {
        Step::Write { next, .. } => Ok(next),
        Step::Answer(_) => Err("the code was refused".into()),
    }
}
