//! Batches on a cluster. A cluster connection rejects a pipeline whose keys are in several slots.

use futures_util::future::join_all;
use redis::aio::ConnectionLike;
use redis::cluster_routing::Slot;
use redis::{Arg, Cmd, ErrorKind, Pipeline, RedisError, ServerErrorKind};

use crate::protocol::Held;

/// Whether a pipeline failed because its keys are in several slots. The client detects this before
/// it sends anything.
pub(crate) fn are_several(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::CrossSlot)
}

/// Runs a pipeline of commands and returns their replies in order. Makes one round trip per slot,
/// all of them concurrently. Where one fails, the others' replies are returned all the same.
pub(crate) async fn ask(pipeline: &Pipeline, connection: &(impl ConnectionLike + Clone)) -> Vec<Held> {
    let commands: Vec<&Cmd> = pipeline.cmd_iter().collect();
    let groups = grouped(commands.iter().map(|command| slot(command)));
    let asking = groups.iter().map(|(_, places)| {
        let mut part = Pipeline::with_capacity(places.len());
        for &place in places {
            part.add_command(commands[place].clone());
        }
        part.ignore_errors();
        let mut connection = connection.clone();
        async move { part.query_async::<Vec<Held>>(&mut connection).await }
    });
    let mut answers: Vec<(usize, Held)> = Vec::with_capacity(commands.len());
    for ((_, places), answered) in groups.iter().zip(join_all(asking).await) {
        let answered = answered.unwrap_or_else(|error| vec![Err(error); places.len()]);
        answers.extend(places.iter().copied().zip(answered));
    }
    answers.sort_unstable_by_key(|(place, _)| *place);
    answers.into_iter().map(|(_, held)| held).collect()
}

/// Returns the slot of a command's key.
fn slot(command: &Cmd) -> Option<Slot> {
    let simple = |place| match command.args_iter().nth(place) {
        Some(Arg::Simple(argument)) => Some(argument),
        _ => None,
    };
    // A script's key follows the script and the number of keys.
    let place = if simple(0) == Some(b"GET") { 1 } else { 3 };
    simple(place).map(Slot::for_key)
}

/// Groups the positions in a batch by slot.
fn grouped<T: PartialEq>(slots: impl Iterator<Item = T>) -> Vec<(T, Vec<usize>)> {
    let mut groups: Vec<(T, Vec<usize>)> = Vec::new();
    for (place, slot) in slots.enumerate() {
        match groups.iter_mut().find(|(known, _)| *known == slot) {
            Some((_, places)) => places.push(place),
            None => groups.push((slot, vec![place])),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use countersign::Timestamp;
    use countersign::store::{Change, RecordKey, TallyKey};

    use super::*;
    use crate::protocol;
    use crate::tallies::{self, Adds};

    #[test]
    fn groups_keys_by_slot() {
        let [one, other] = [1, 2].map(|byte| RecordKey::from_bytes([byte; 16]));
        let places = |prefix, keys: &[RecordKey]| {
            let pipeline = protocol::load_all(prefix, keys).unwrap();
            let groups = grouped(pipeline.cmd_iter().map(slot));
            groups.into_iter().map(|(_, places)| places).collect::<Vec<_>>()
        };
        assert_eq!(places("countersign:", &[one, other, one]), [vec![0, 2], vec![1]]);
        assert_eq!(places("{countersign}:", &[one, other, one]), [vec![0, 1, 2]]);
        assert_eq!(grouped([3, 1, 2].into_iter()), [(3, vec![0]), (1, vec![1]), (2, vec![2])]);
    }

    #[test]
    fn finds_the_keys_of_scripts() {
        let key = TallyKey::from_bytes([2; 16]);
        let read = tallies::read("countersign:", &[key]).unwrap();
        let changes = [Change::sums(key, 1.0, 0.0)];
        let adds = Adds::new("countersign:", &changes, Timestamp::EPOCH).unwrap().by_digest();
        let [read, add] = [&read, &adds].map(|pipeline| slot(pipeline.cmd_iter().next().unwrap()));
        assert!(read.is_some());
        assert_eq!(read, add);
    }
}
