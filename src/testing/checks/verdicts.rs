//! Checks of a verifier over the store: the purpose of all other checks.

use alloc::format;
use alloc::string::String;

use super::super::LosesReplies;
use super::super::bench::{Bench, Checked, Seen, ensure};
use super::swaps::at_once;
use crate::rng::SystemRng;
use crate::{Channel, Error, Issued, Keys, PhoneNumber, Refusal, Store, Verified, Verifier};

/// The default number of attempts of a code.
const TRIES: usize = 5;

/// The number of guesses of each thread.
const GUESSES: usize = 6;

pub(in super::super) fn no_more_than_tries(bench: &Bench<'_>) -> Checked {
    let verifier = verifier(bench.store)?;
    let issued = start(bench, &verifier)?;
    let guess = wrong(issued.code().as_str());
    let verdicts = at_once(|_| {
        (0..GUESSES)
            .map(|_| decided(|| check(bench, &verifier, &issued, &guess)))
            .try_fold(0, |sum, said| Ok(sum + usize::from(matches!(said?, Err(Refusal::WrongCode { .. })))))
    });
    let verdicts: usize = verdicts.into_iter().sum::<Result<usize, Seen>>()?;
    ensure(verdicts == TRIES, || {
        format!(
            "a code with {TRIES} attempts was guessed from many threads, and {verdicts} guesses were answered"
        )
    })?;

    let issued = start_anew(bench, &verifier)?;
    let passed = at_once(|_| {
        Ok(usize::from(decided(|| check(bench, &verifier, &issued, issued.code().as_str()))?.is_ok()))
    });
    let passed: usize = passed.into_iter().sum::<Result<usize, Seen>>()?;
    ensure(passed == 1, || {
        format!("a correct code was checked from many threads at once, and passed {passed} times")
    })
}

pub(in super::super) fn lost_replies_harm_nobody(bench: &Bench<'_>) -> Checked {
    let verifier = verifier(LosesReplies::of_every(1, bench.store))?;
    let issued = start(bench, &verifier)?;
    let refused = check(bench, &verifier, &issued, &wrong(issued.code().as_str()));
    ensure(matches!(&refused, Err(Error::Refused(Refusal::WrongCode { tries_left: 4, .. }))), || {
        format!(
            "a wrong code with a lost reply must cost one attempt of five; the check returned {refused:?}"
        )
    })?;
    let passed = check(bench, &verifier, &issued, issued.code().as_str());
    ensure(passed.is_ok(), || format!("a check of a correct code with a lost reply returned {passed:?}"))?;
    let again = check(bench, &verifier, &issued, issued.code().as_str());
    ensure(matches!(&again, Err(Error::Refused(Refusal::AlreadyUsed))), || {
        format!("a check of a used code returned {again:?}")
    })
}

/// Creates a verifier with unused keys.
pub(super) fn verifier<S: Store>(store: S) -> Result<Verifier<S>, Seen> {
    Ok(Verifier::new(Keys::from_secret(secret()?)?, store))
}

/// Draws a secret that nobody else has.
pub(super) fn secret() -> Result<[u8; 32], Seen> {
    let mut secret = [0; 32];
    let filled = rand_core::TryRng::try_fill_bytes(&mut SystemRng, &mut secret);
    filled.map_err(|error| Seen(format!("no random numbers: {error}")))?;
    Ok(secret)
}

pub(super) fn start<S: Store>(bench: &Bench<'_>, verifier: &Verifier<S>) -> Result<Issued, Seen> {
    Ok(verifier.at(bench.now(), &mut SystemRng).start(number()?, Channel::Sms)?)
}

fn start_anew<S: Store>(bench: &Bench<'_>, verifier: &Verifier<S>) -> Result<Issued, Seen> {
    verifier.at(bench.now(), &mut SystemRng).forget(number()?)?;
    start(bench, verifier)
}

pub(super) fn check<S: Store>(
    bench: &Bench<'_>,
    verifier: &Verifier<S>,
    issued: &Issued,
    entry: &str,
) -> Result<Verified, Error> {
    let number = number().map_err(|_| Error::Contended)?;
    verifier.at(bench.now(), &mut SystemRng).check(number, issued.handle(), entry)
}

/// There are too few threads for contention to end a call, so other errors are findings.
fn decided(call: impl Fn() -> Result<Verified, Error>) -> Result<Result<Verified, Refusal>, Seen> {
    match call() {
        Err(Error::Refused(refusal)) => Ok(Err(refusal)),
        Ok(verified) => Ok(Ok(verified)),
        Err(error) => Err(error.into()),
    }
}

fn number() -> Result<PhoneNumber, Seen> {
    "+12025550162".parse().map_err(|error| Seen(format!("{error}")))
}

/// Returns a code that differs in its first digit.
fn wrong(code: &str) -> String {
    let other = if code.starts_with('0') { '1' } else { '0' };
    code.char_indices().map(|(at, digit)| if at == 0 { other } else { digit }).collect()
}
