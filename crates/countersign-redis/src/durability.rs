//! Whether the server can lose acknowledged writes.

use std::fmt;

use redis::{Cmd, Value, cmd};

/// The server's durability settings.
///
/// A server that loses an acknowledged write refills an attempt budget or revives a used code. Each
/// way in which this can happen is a [`Warning`] for the host to log; the store itself logs
/// nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Durability {
    warnings: Vec<Warning>,
}

/// A way in which the server can lose acknowledged writes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// No append-only file (`appendonly no`): a restart loses all writes since the last snapshot.
    NoAppendOnlyFile,
    /// Writes are acknowledged before they are flushed (`appendfsync` is not `always`): a crash of
    /// the operating system loses about a second of writes, or more.
    NotFlushed(String),
    /// Records are evicted when memory is full (`maxmemory-policy`), locks included.
    Evicts(String),
    /// The server has replicas and does not wait for them: a failover loses the writes they lack.
    FailsOverAsynchronously,
    /// The server is a replica. It may lag behind the primary and accepts no writes.
    IsAReplica,
    /// The server does not report this setting, or does not allow the query.
    DoesNotSay(&'static str),
}

impl Durability {
    /// Returns the warnings. The list is empty if the server loses no acknowledged writes.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    pub(crate) fn info() -> Cmd {
        cmd("INFO")
    }

    pub(crate) fn settings() -> Cmd {
        let mut command = cmd("CONFIG");
        command.arg("GET").arg("append*");
        command
    }

    /// Evaluates the replies to both commands. A cluster returns one reply per node.
    pub(crate) fn of(info: &Value, settings: Option<&Value>) -> Self {
        let mut words = Vec::new();
        texts(info, &mut words);
        let lines: Vec<_> =
            words.iter().flat_map(|text| text.lines()).filter_map(|line| line.split_once(':')).collect();
        let all = |name| lines.iter().filter(move |line| line.0 == name).map(|line| line.1);
        let mut warnings = Vec::new();

        if all("aof_enabled").any(|on| on != "1") {
            warnings.push(Warning::NoAppendOnlyFile);
        } else if all("aof_enabled").next().is_none() {
            warnings.push(Warning::DoesNotSay("aof_enabled"));
        }
        let mut words = Vec::new();
        settings.into_iter().for_each(|settings| texts(settings, &mut words));
        match words.iter().position(|&word| word == "appendfsync").and_then(|at| words.get(at + 1)) {
            Some(&"always") => {}
            Some(&other) => warnings.push(Warning::NotFlushed(other.to_owned())),
            None => warnings.push(Warning::DoesNotSay("appendfsync")),
        }
        // A server without a memory limit never evicts.
        if all("maxmemory").any(|bytes| bytes != "0") {
            let evicting = all("maxmemory_policy").find(|policy| *policy != "noeviction");
            warnings.extend(evicting.map(|policy| Warning::Evicts(policy.to_owned())));
        }
        if all("connected_slaves").any(|replicas| replicas != "0") {
            warnings.push(Warning::FailsOverAsynchronously);
        }
        if all("role").any(|role| role == "slave") {
            warnings.push(Warning::IsAReplica);
        }
        Self { warnings }
    }
}

/// Collects every text in a reply, in order.
fn texts<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::BulkString(bytes) => found.extend(std::str::from_utf8(bytes)),
        Value::SimpleString(text) | Value::VerbatimString { text, .. } => found.push(text),
        Value::Array(values) | Value::Set(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Map(pairs) => pairs.iter().for_each(|(key, value)| {
            texts(key, found);
            texts(value, found);
        }),
        _ => {}
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAppendOnlyFile => f.write_str(
                "Redis has no append-only file: a restart can refill budgets and revive codes; set appendonly yes and appendfsync always",
            ),
            Self::NotFlushed(setting) => write!(
                f,
                "Redis acknowledges writes before they are on disk (appendfsync is {setting}): a crash can refill budgets and revive codes; set appendfsync always"
            ),
            Self::Evicts(policy) => write!(
                f,
                "Redis evicts records when memory is full (maxmemory-policy is {policy}), including failure counts and locks; set maxmemory-policy noeviction"
            ),
            Self::FailsOverAsynchronously => f.write_str(
                "Redis acknowledges writes before its replicas have them: a failover can refill budgets and revive codes; raise the epoch after a failover",
            ),
            Self::IsAReplica => f.write_str(
                "this Redis server is a replica and accepts no writes; connect to the primary",
            ),
            Self::DoesNotSay(what) => {
                write!(f, "Redis does not report {what}: make sure that it loses no acknowledged writes")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    #[test]
    fn warns_if_any_node_of_a_cluster_can_lose_writes() {
        let good = "role:master\r\naof_enabled:1\r\nmaxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\nconnected_slaves:0\r\n";
        let bad = "role:slave\r\naof_enabled:0\r\nmaxmemory:1000\r\nmaxmemory_policy:allkeys-lru\r\nconnected_slaves:2\r\n";
        let always = Value::Array(vec![text("appendonly"), text("yes"), text("appendfsync"), text("always")]);
        assert_eq!(Durability::of(&text(good), Some(&always)).warnings(), []);
        let nodes = Value::Map(vec![(text("127.0.0.1:1"), text(good)), (text("127.0.0.1:2"), text(bad))]);
        assert_eq!(
            Durability::of(&nodes, Some(&always)).warnings(),
            [
                Warning::NoAppendOnlyFile,
                Warning::Evicts("allkeys-lru".into()),
                Warning::FailsOverAsynchronously,
                Warning::IsAReplica
            ]
        );
    }

    #[test]
    fn warns_of_settings_that_are_not_reported() {
        let silent = Durability::of(&text(""), None);
        assert_eq!(
            silent.warnings(),
            [Warning::DoesNotSay("aof_enabled"), Warning::DoesNotSay("appendfsync")]
        );
        assert!(silent.warnings()[1].to_string().starts_with("Redis does not report appendfsync"));
    }
}
