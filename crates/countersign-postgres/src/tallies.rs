//! Statements on tallies and their rows.

use countersign::Timestamp;
use countersign::store::{
    Change, Effect, Entries, Entry, EntryError, EntryKind, NumberChange, StoreError, StoreErrorKind,
    TALLIES_PER_CALL, TallyKey,
};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::answer::read;

/// One row per entry: its key, and its columns as doubles, in which every one of them is exact.
pub(crate) const READ: &str = "
    SELECT key, ARRAY[at, unanswered, answered]::double precision[]
    FROM countersign_tallies WHERE key = ANY ($1)
    UNION ALL
    SELECT key, ARRAY[at, first_verified, last_verified, unanswered, sends, sends_before,
                      outstanding, owed_sms, owed_whatsapp]::double precision[]
    FROM countersign_recipients WHERE key = ANY ($1)";

pub(crate) const ADD: &str = "SELECT countersign_add($1, $2, $3, $4, $5, $6, $7, $8, $9)";

/// Skips rows that other transactions have locked; a later batch deletes them.
pub(crate) const SWEEPS: [&str; 2] = [
    "DELETE FROM countersign_tallies WHERE key = ANY (ARRAY (
        SELECT key FROM countersign_tallies WHERE last_day < (now() AT TIME ZONE 'UTC')::date
        LIMIT $1 FOR UPDATE SKIP LOCKED))",
    "DELETE FROM countersign_recipients WHERE key = ANY (ARRAY (
        SELECT key FROM countersign_recipients WHERE last_day < (now() AT TIME ZONE 'UTC')::date
        LIMIT $1 FOR UPDATE SKIP LOCKED))",
];

pub(crate) fn check(keys: usize) -> Result<(), StoreError> {
    if keys <= TALLIES_PER_CALL { Ok(()) } else { Err(StoreError::new(StoreErrorKind::TooManyTallies)) }
}

/// Reads the rows, in the order of the keys.
pub(crate) fn entries(keys: &[TallyKey], rows: &[Row], now: Timestamp) -> Result<Entries, StoreError> {
    let mut held: Vec<(&[u8], Vec<f64>)> = Vec::with_capacity(rows.len());
    for row in rows {
        held.push((read(row, 0)?, read(row, 1)?));
    }
    let mut entries = Entries::new();
    for key in keys {
        let row = held.iter().find(|(name, _)| name == key.as_bytes());
        let entry = row.map(|(_, columns)| entry(key.kind(), columns)).transpose()?;
        // Rows are swept later than they expire.
        let entry = entry.filter(|entry| now <= entry.expires_at());
        entries.push(entry.unwrap_or(Entry::empty(key.kind())))?;
    }
    Ok(entries)
}

/// Puts the columns together as the bytes of an entry, for those are checked.
fn entry(kind: EntryKind, columns: &[f64]) -> Result<Entry, EntryError> {
    let mut bytes = vec![1];
    match (kind, columns) {
        (EntryKind::Sums, [at, sums @ ..]) => {
            bytes.push(1);
            bytes.extend(whole::<6>(*at)?);
            bytes.extend(sums.iter().flat_map(|sum| sum.to_le_bytes()));
        }
        (EntryKind::Number, [times @ .., unanswered, sends, before, outstanding, sms, whatsapp]) => {
            bytes.push(2);
            for time in times {
                bytes.extend(whole::<6>(*time)?);
            }
            for count in [unanswered, sends, before] {
                bytes.extend(whole::<1>(*count)?);
            }
            for count in [outstanding, sms, whatsapp] {
                bytes.extend(whole::<3>(*count)?);
            }
        }
        _ => return Err(EntryError::Length),
    }
    Entry::from_bytes(kind, &bytes)
}

/// A number of this many bytes, the last of them first.
fn whole<const N: usize>(column: f64) -> Result<[u8; N], EntryError> {
    let bytes = (column as u64).to_le_bytes();
    match bytes.split_first_chunk::<N>() {
        Some((number, rest)) if column >= 0.0 && rest.iter().all(|&byte| byte == 0) => Ok(*number),
        _ => Err(EntryError::OutOfRange),
    }
}

/// The arguments of [`ADD`]: the time, the keys, and a column for each part of a change. Those of
/// the other kind are absent.
pub(crate) struct Adds<'a> {
    now: i64,
    keys: Vec<&'a [u8]>,
    sums: [Vec<Option<f64>>; 2],
    counts: [Vec<Option<i32>>; 4],
    since: Vec<Option<i64>>,
}

impl<'a> Adds<'a> {
    pub(crate) fn new(keys: &'a [TallyKey], changes: &[Change], now: Timestamp) -> Self {
        let mut adds = Self {
            now: now.unix_millis().cast_signed(),
            keys: keys.iter().map(|key| &key.as_bytes()[..]).collect(),
            sums: Default::default(),
            counts: Default::default(),
            since: Vec::new(),
        };
        for change in changes {
            let (sums, counts, since) = match change.effect() {
                Effect::Sums { unanswered, answered } => {
                    ([unanswered, answered].map(|sum| Some(finite(sum))), [None; 4], None)
                }
                Effect::Number(NumberChange { sends, unanswered, owed: [sms, whatsapp], verified_since }) => {
                    let counts = [i32::from(sends), unanswered.into(), sms.into(), whatsapp.into()];
                    let since = verified_since.map(|since| since.unix_millis().cast_signed());
                    ([None; 2], counts.map(Some), since)
                }
            };
            adds.sums.iter_mut().zip(sums).for_each(|(column, sum)| column.push(sum));
            adds.counts.iter_mut().zip(counts).for_each(|(column, count)| column.push(count));
            adds.since.push(since);
        }
        adds
    }

    pub(crate) fn values(&self) -> [&(dyn ToSql + Sync); 9] {
        let Self { now, keys, sums: [u, a], counts: [sends, unanswered, sms, whatsapp], since } = self;
        [now, keys, u, a, sends, unanswered, sms, whatsapp, since]
    }
}

/// What adds the same: nothing for what is not a number, and for infinity a number with which no
/// sum overflows, for PostgreSQL reports that as an error.
fn finite(change: f64) -> f64 {
    if change.is_nan() { 0.0 } else { change.clamp(-1e300, 1e300) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_an_entry_or_a_named_error() {
        for kind in [EntryKind::Sums, EntryKind::Number] {
            let (empty, width) = (Entry::empty(kind), if kind == EntryKind::Sums { 3 } else { 9 });
            assert_eq!(entry(kind, &vec![0.0; width]), Ok(empty));
            for width in [0, 1, 2, width - 1, width + 1] {
                assert_eq!(entry(kind, &vec![0.0; width]), Err(EntryError::Length), "{width}");
            }
        }
        for (bad, error) in [
            ([0.0, f64::NAN, 0.0], EntryError::NotFinite),
            ([0.0, 0.0, f64::INFINITY], EntryError::NotFinite),
            ([0.0, -1.0, 0.0], EntryError::OutOfRange),
            ([-1.0, 0.0, 0.0], EntryError::OutOfRange),
            ([281_474_976_710_656.0, 0.0, 0.0], EntryError::OutOfRange),
            ([f64::NAN, 0.0, 0.0], EntryError::OutOfRange),
        ] {
            assert_eq!(entry(EntryKind::Sums, &bad), Err(error), "{bad:?}");
        }
        for (place, most) in
            [255.0, 255.0, 255.0, 2_097_151.0, 2_097_151.0, 2_097_151.0].into_iter().enumerate()
        {
            let mut columns = [0.0; 9];
            columns[3 + place] = most;
            assert!(entry(EntryKind::Number, &columns).is_ok());
            columns[3 + place] = most + 1.0;
            assert_eq!(entry(EntryKind::Number, &columns), Err(EntryError::OutOfRange));
        }
    }
}
