//! A path through a race, in words.

use core::fmt::Write;

use countersign::store::{RecordKey, Revision};

use crate::race::{Action, Race};
use crate::replay::{Held, Reply, Request};
use crate::state::State;

/// Returns one line per step. Clients are counted from 1.
pub(crate) fn trace(race: &Race, path: Vec<(State, Option<Action>)>) -> String {
    let mut text = format!("{}; clients: {}\n", race.scenario.name, race.scenario.cast());
    for (number, pair) in (1..).zip(path.windows(2)) {
        if let [(before, Some(action)), (after, _)] = pair {
            // Writing to a String does not fail.
            let _ = writeln!(text, "{number:>4}  {}", step(race, before, *action, after));
        }
    }
    text
}

fn step(race: &Race, before: &State, action: Action, after: &State) -> String {
    let asked = |client: usize| match &before.clients[client].pending {
        Some(Request::Load(key)) => format!("load{}", place(race, key)),
        Some(Request::LoadAll(_)) => "load all".to_owned(),
        Some(Request::Swap(write)) => {
            format!("swap{} at {}", place(race, &write.key), revision(write.expected))
        }
        None => String::new(),
    };
    match action {
        Action::Serve(client) => {
            let reply = after.clients[client].replies.last().map(reply).unwrap_or_default();
            format!(
                "{}: {} -> {reply}{}",
                name(race, before, client),
                asked(client),
                told(before, after, client)
            )
        }
        Action::LoseReply(client) => {
            let told = told(before, after, client);
            format!("{}: {}, the reply is lost{told}", name(race, before, client), asked(client))
        }
        Action::Land(place) => {
            let late = &before.in_flight[place];
            let expected = revision(late.write.expected);
            let now = revision(after.store.revision(&late.write.key));
            format!("the late write of client {} at {expected} lands: {now}", late.client + 1)
        }
        Action::Crash(client) => format!("{}: {}, crashes", name(race, before, client), asked(client)),
    }
}

fn name(race: &Race, before: &State, client: usize) -> String {
    let call = race.scenario.clients[client].calls.get(before.clients[client].outcomes.len());
    format!("client {} ({})", client + 1, call.map(ToString::to_string).unwrap_or_default())
}

/// Returns what the client was told in this step.
fn told(before: &State, after: &State, client: usize) -> String {
    let new = after.clients[client].outcomes.iter().skip(before.clients[client].outcomes.len());
    new.map(|outcome| format!("; it is told: {outcome}")).collect()
}

fn reply(reply: &Reply) -> String {
    match reply {
        Reply::Loaded(_, held) => number(held),
        Reply::LoadedAll(all) => all.iter().map(|(_, held)| number(held)).collect::<Vec<_>>().join(", "),
        Reply::Swapped(swap) => format!("{swap:?}"),
    }
}

/// Returns the name of the account's record.
fn place(race: &Race, key: &RecordKey) -> &'static str {
    let (budget, factor) = (race.account().budget_key(), race.account().factor_key());
    if *key == budget {
        " budget"
    } else if *key == factor {
        " factor"
    } else {
        ""
    }
}

fn number(held: &Held) -> String {
    revision(held.as_ref().map_or(Revision::ABSENT, |held| held.1))
}

fn revision(revision: Revision) -> String {
    if revision == Revision::ABSENT {
        "no record".to_owned()
    } else {
        format!("revision {}", revision.number())
    }
}
