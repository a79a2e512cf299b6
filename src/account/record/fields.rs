//! The encoding of an account record's fields.
//!
//! Integers are little-endian; times are milliseconds of Unix time in 6 bytes.
//!
//! | bytes | field |
//! |---|---|
//! | 4 to 145 | failures and locks: see `account/budget/fields.rs` |
//! | 1 | bits, see below |
//! | 8 | id of the enrolment |
//! | 3 | algorithm 1 (0 to 2 for SHA-1, SHA-256, SHA-512), digits 1, period in seconds 1 |
//! | 6 | when it was started, if it is pending, or when it became active |
//! | 2 | for how many minutes it is pending, 5 to 1440 |
//! | 8 | the newest step that was accepted |
//! | 106 | the sealed secret: key id 1, nonce 24, ciphertext 65, tag 16 |
//! | 30 each | removed secrets, oldest first, see below |
//!
//! The bits tell which fields are present, as the sum of:
//!
//! - 1 a pending enrolment, or 2 an active one;
//! - 4 a newest step of the enrolment;
//! - 8 for each removed secret, at most four.
//!
//! The ciphertext is XChaCha20-Poly1305 of the secret's length in one byte and its bytes, padded
//! with zeros to 64. The tag also covers the kind's domain byte, the record's key, and the
//! enrolment's id and settings.
//!
//! A removed secret consists of: MAC of its settings and the secret 16, newest step that was
//! accepted 8, time of the removal 6.
//!
//! Absent fields take no bytes.
//!
//! Samples are in `tests/data/records.csv`.

use super::AccountState;
use crate::account::budget;
use crate::account::enrol::TotpTerms;
use crate::account::enrolment::{Enrolment, Spent, State};
use crate::account::id::EnrolmentId;
use crate::account::sealed::Sealed;
use crate::kernel::{Reader, Writer};
use crate::keys::{KeyId, Tag};
use crate::totp::{TimeStep, TotpSettings};

/// The longest record: all failures, a pending enrolment with a newest step, and four removed
/// secrets.
pub(super) const LONGEST: usize =
    budget::LONGEST + 1 + 8 + 3 + 6 + 2 + 8 + Sealed::LEN + Spent::MOST * (Tag::LEN + 8 + 6);

/// The bits of the enrolment.
const ENROLMENT: u8 = 3;
const PENDING: u8 = 1;
const ACTIVE: u8 = 2;
const LAST: u8 = 4;
const SPENT: u8 = 8;

pub(super) fn put(state: &AccountState, out: &mut Writer<'_>) {
    let AccountState { budget, totp, spent } = state;
    budget::put(budget, out);
    let enrolment = totp.as_ref().map_or(0, |enrolment| match enrolment.state {
        State::Pending { .. } => PENDING,
        State::Active { .. } => ACTIVE,
    });
    let bit = |bit, is_there| if is_there { bit } else { 0 };
    let has_last = totp.as_ref().is_some_and(|enrolment| enrolment.last.is_some());
    out.put([enrolment | bit(LAST, has_last) | (SPENT * spent.len() as u8)]);
    if let Some(enrolment) = totp {
        put_enrolment(enrolment, out);
    }
    for Spent { tag, last, at } in spent {
        out.put(tag.to_bytes());
        out.put(last.number().to_le_bytes());
        out.put_time(*at);
    }
}

fn put_enrolment(enrolment: &Enrolment, out: &mut Writer<'_>) {
    let Enrolment { id, settings, state, last, sealed } = enrolment;
    out.put(id.0);
    out.put(settings.to_bytes());
    match *state {
        State::Pending { started, minutes } => {
            out.put_time(started);
            out.put(minutes.to_le_bytes());
        }
        State::Active { since } => out.put_time(since),
    }
    last.iter().for_each(|last| out.put(last.number().to_le_bytes()));
    out.put([sealed.key.number()]);
    out.put(sealed.nonce);
    out.put(sealed.text);
    out.put(sealed.tag);
}

pub(super) fn fill(state: &mut AccountState, from: &mut Reader<'_>) -> Option<()> {
    budget::fill(&mut state.budget, from)?;
    let [has] = from.take()?;
    let is_there = |bit| has & bit != 0;
    let spent = usize::from(has / SPENT);
    // The encoding is canonical: more removed secrets, and a newest step without an enrolment, are
    // not valid.
    let is_sound = spent <= Spent::MOST && (has & ENROLMENT != 0 || !is_there(LAST));
    is_sound.then_some(())?;
    state.totp = match has & ENROLMENT {
        0 => None,
        PENDING => Some(take_enrolment(true, is_there(LAST), from)?),
        ACTIVE => Some(take_enrolment(false, is_there(LAST), from)?),
        _ => return None,
    };
    for _ in 0..spent {
        let tag = Tag::from_bytes(from.take()?);
        state.spent.push(Spent { tag, last: take_step(from)?, at: from.take_time()? });
    }
    Some(())
}

fn take_enrolment(is_pending: bool, has_last: bool, from: &mut Reader<'_>) -> Option<Enrolment> {
    let id = EnrolmentId(from.take()?);
    let settings = TotpSettings::from_bytes(from.take()?)?;
    let since = from.take_time()?;
    let state = if is_pending {
        let minutes = u16::from_le_bytes(from.take()?);
        TotpTerms::MINUTES.contains(&minutes).then_some(())?;
        State::Pending { started: since, minutes }
    } else {
        State::Active { since }
    };
    let last = if has_last { Some(take_step(from)?) } else { None };
    let [key] = from.take()?;
    let (nonce, text, tag) = (from.take()?, from.take()?, from.take()?);
    let sealed = Sealed { key: KeyId::new(key), nonce, text, tag };
    Some(Enrolment { id, settings, state, last, sealed })
}

fn take_step(from: &mut Reader<'_>) -> Option<TimeStep> {
    Some(TimeStep::new(u64::from_le_bytes(from.take()?)))
}
