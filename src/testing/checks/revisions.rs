//! Checks of revisions.

use alloc::collections::BTreeSet;
use alloc::format;

use super::super::bench::{Bench, Checked, ensure};
use crate::store::{RecordKey, Revision, Swap};

/// How often a record is created, changed and deleted.
const LIVES: usize = 200;

pub(in super::super) fn an_empty_record_is_forgotten(bench: &Bench<'_>) -> Checked {
    let key = bench.key();
    bench.swap(&key, Revision::ABSENT, b"", Swap::Applied, "an empty record where there is none")?;
    is_absent(bench, &key)?;
    let revision = bench.put(&key, b"x")?;
    bench.swap(&key, revision, b"", Swap::Applied, "an empty record in place of one")?;
    is_absent(bench, &key)?;
    bench.swap(
        &key,
        revision,
        b"",
        Swap::Conflict,
        "an empty record, with the revision of a deleted record",
    )?;
    is_absent(bench, &key)
}

fn is_absent(bench: &Bench<'_>, key: &RecordKey) -> Checked {
    let loaded = bench.load(key)?;
    ensure((loaded.record(), loaded.revision()) == (b"", Revision::ABSENT), || {
        format!("after an empty record was written, the store returned {loaded:?}")
    })
}

pub(in super::super) fn a_revision_never_comes_again(bench: &Bench<'_>) -> Checked {
    let key = bench.key();
    let mut seen = BTreeSet::new();
    let mut note = |revision: Revision| {
        ensure(revision != Revision::ABSENT, || "a record has the revision ABSENT".into())?;
        ensure(seen.insert(revision), || format!("{revision:?} was reused"))
    };
    for _ in 0..LIVES {
        let first = bench.put(&key, b"x")?;
        note(first)?;
        ensure(bench.revision(&key)? == first, || {
            "two loads of one record returned different revisions".into()
        })?;
        // Writing the same bytes again creates another state nevertheless.
        bench.swap(&key, first, b"x", Swap::Applied, "the revision that was loaded")?;
        let second = bench.revision(&key)?;
        note(second)?;
        bench.swap(&key, second, b"", Swap::Applied, "the revision that was loaded")?;
        for gone in [first, second] {
            bench.swap(&key, gone, b"y", Swap::Conflict, "a revision of a deleted record")?;
        }
    }
    let last = bench.put(&key, b"x")?;
    note(last)?;
    for gone in seen.into_iter().filter(|revision| *revision != last).take(20) {
        bench.swap(
            &key,
            gone,
            b"y",
            Swap::Conflict,
            "a revision of a record that was deleted and created again",
        )?;
    }
    Ok(())
}
