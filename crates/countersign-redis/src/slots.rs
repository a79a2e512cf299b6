//! Batches on a cluster. A cluster connection rejects a pipeline whose keys are in several slots.

use futures_util::future::join_all;
use redis::aio::ConnectionLike;
use redis::cluster_routing::Slot;
use redis::{Arg, Cmd, ErrorKind, Pipeline, RedisError, RedisResult, ServerErrorKind};

use crate::protocol::Held;

/// Whether a pipeline failed because its keys are in several slots. The client detects this before
/// it sends anything.
pub(crate) fn are_several(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::CrossSlot)
}

/// Runs a pipeline of commands and returns their replies in order. Makes one round trip per slot,
/// all of them concurrently.
pub(crate) async fn ask(
    pipeline: &Pipeline,
    connection: &(impl ConnectionLike + Clone),
) -> RedisResult<Vec<Held>> {
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
        answers.extend(places.iter().copied().zip(answered?));
    }
    answers.sort_unstable_by_key(|(place, _)| *place);
    Ok(answers.into_iter().map(|(_, held)| held).collect())
}

/// Returns the slot of a `GET`'s key.
fn slot(command: &Cmd) -> Option<Slot> {
    command.args_iter().nth(1).and_then(|argument| match argument {
        Arg::Simple(key) => Some(Slot::for_key(key)),
        _ => None,
    })
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
    use countersign::store::RecordKey;

    use super::*;
    use crate::protocol;

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
}
