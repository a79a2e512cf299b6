//! The encoding of an account's failures.
//!
//! Integers are little-endian; times are milliseconds of Unix time in 6 bytes. The factors are
//! passcodes, TOTP and recovery codes, first those of the common group, then those of trusted
//! devices.
//!
//! | bytes | field |
//! |---|---|
//! | 1 | which factors were ever charged, see below |
//! | 1 | which factors have failures, see below |
//! | 4 | for each factor that was ever charged: number of its last charge |
//! | 15 | if it has failures: charges that count 8, older charges that count 1, forgotten at 6 |
//! | 1 | for each group: number of locks |
//! | 11 | the group's last lock: end 6, factor 1 and number 4 of the charge that caused it |
//! | 5 | the charge that closed the account: group and factor 1, number 4 |
//!
//! In both of the first bytes, bits 1 to 32 stand for the factors in their order. In the first, 64
//! stands for a closed account; in the second, 64 and 128 for a lock of the first and second group.
//!
//! Absent fields take no bytes.

use super::{Budget, ChargeId, Failures, Group, GroupLock};
use crate::account::charges::Charges;
use crate::account::factor::Factor;
use crate::kernel::{Reader, Writer};

/// The longest budget: all factors have failures, both groups a lock, and the account is closed.
pub(in crate::account) const LONGEST: usize = 2 + FACTORS * (4 + 15) + GROUPS * (1 + 11) + 5;

const GROUPS: usize = Group::ALL.len();
const FACTORS: usize = GROUPS * Factor::ALL.len();

const CLOSED: u8 = 64;
const LOCKED: [u8; GROUPS] = [64, 128];
const ALL_FACTORS: u8 = (1 << FACTORS) - 1;

pub(in crate::account) fn put(budget: &Budget, out: &mut Writer<'_>) {
    let Budget { groups, closed_by } = budget;
    let bits = |is_there: fn(&Charges) -> bool| {
        let factors = groups.iter().flat_map(|failures| &failures.factors).zip(0..);
        factors.map(|(charges, place)| u8::from(is_there(charges)) << place).sum::<u8>()
    };
    let locks = groups.iter().zip(LOCKED).filter(|(failures, _)| failures.lock.is_some());
    let locked: u8 = locks.map(|(_, bit)| bit).sum();
    let closed = if closed_by.is_some() { CLOSED } else { 0 };
    out.put([bits(|charges| charges.last > 0) | closed, bits(|charges| charges.count() > 0) | locked]);
    groups.iter().for_each(|failures| put_failures(failures, out));
    if let Some(ChargeId { group, factor, number }) = closed_by {
        out.put([*group as u8 * Factor::ALL.len() as u8 + *factor as u8]);
        out.put(number.to_le_bytes());
    }
}

fn put_failures(failures: &Failures, out: &mut Writer<'_>) {
    for charges in failures.factors.iter().filter(|charges| charges.last > 0) {
        out.put(charges.last.to_le_bytes());
        if charges.count() > 0 {
            out.put(charges.recent.to_le_bytes());
            out.put([charges.older]);
            out.put_time(charges.forget_at);
        }
    }
    out.put([failures.locks]);
    if let Some(GroupLock { until, factor, number }) = failures.lock {
        out.put_time(until);
        out.put([factor as u8]);
        out.put(number.to_le_bytes());
    }
}

pub(in crate::account) fn fill(budget: &mut Budget, from: &mut Reader<'_>) -> Option<()> {
    let [charged, counting] = from.take()?;
    // The encoding is canonical: no unknown bits, and no failures that were never charged.
    let is_sound = charged & !(ALL_FACTORS | CLOSED) == 0 && counting & ALL_FACTORS & !charged == 0;
    is_sound.then_some(())?;
    let mut bit = 1;
    for (failures, locked) in budget.groups.iter_mut().zip(LOCKED) {
        for charges in &mut failures.factors {
            if charged & bit != 0 {
                *charges = take_charges(counting & bit != 0, from)?;
            }
            bit <<= 1;
        }
        [failures.locks] = from.take()?;
        if counting & locked != 0 {
            failures.lock = Some(take_lock(from)?);
        }
    }
    if charged & CLOSED != 0 {
        budget.closed_by = Some(take_id(from)?);
    }
    Some(())
}

fn take_charges(is_counting: bool, from: &mut Reader<'_>) -> Option<Charges> {
    let mut charges = Charges { last: u32::from_le_bytes(from.take()?), ..Charges::default() };
    if is_counting {
        charges.recent = u64::from_le_bytes(from.take()?);
        [charges.older] = from.take()?;
        charges.forget_at = from.take_time()?;
    }
    (charges.last > 0 && is_counting == (charges.count() > 0)).then_some(charges)
}

fn take_lock(from: &mut Reader<'_>) -> Option<GroupLock> {
    let until = from.take_time()?;
    let [factor] = from.take()?;
    let factor = *Factor::ALL.get(usize::from(factor))?;
    Some(GroupLock { until, factor, number: u32::from_le_bytes(from.take()?) })
}

fn take_id(from: &mut Reader<'_>) -> Option<ChargeId> {
    let [place] = from.take()?;
    let (group, factor) = (usize::from(place) / Factor::ALL.len(), usize::from(place) % Factor::ALL.len());
    let (group, factor) = (*Group::ALL.get(group)?, *Factor::ALL.get(factor)?);
    Some(ChargeId { group, factor, number: u32::from_le_bytes(from.take()?) })
}
