//! Whether the server can forget what it acknowledged.

use std::fmt;

use redis::{Cmd, Value, cmd};

/// What a server says about its memory.
///
/// A server that forgets an acknowledged write refills a budget of tries, or revives a code that was used. So every way in
/// which it can is a [`Warning`], for the host's log; the store itself logs nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Durability {
    warnings: Vec<Warning>,
}

/// A way in which a server can forget what it acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// It writes no log (`appendonly no`): a restart forgets what was written since the last snapshot.
    NoAppendOnlyFile,
    /// It acknowledges before its log is on the disk (`appendfsync` is not `always`): a crash of the machine forgets up to about
    /// a second, or more.
    NotFlushed(String),
    /// It drops records to make room (`maxmemory-policy`), locks included.
    Evicts(String),
    /// It has replicas, and acknowledges before they have a write: a failover forgets what they lack.
    FailsOverAsynchronously,
    /// It is a replica, which may be behind, and takes no writes.
    IsAReplica,
    /// It does not say, or does not let us ask.
    DoesNotSay(&'static str),
}

impl Durability {
    /// What there is to warn of; nothing, if the server remembers all that it acknowledged.
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

    /// From the answers to both, of which a cluster gives one for each node.
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
        // Without a bound on its memory it never gets so far.
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

/// Every text in an answer, in its order.
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
                "Redis keeps no log of its writes: a restart can refill budgets and revive codes; set appendonly yes and appendfsync always",
            ),
            Self::NotFlushed(setting) => write!(
                f,
                "Redis acknowledges writes that are not on its disk (appendfsync {setting}): a crash can refill budgets and revive codes; set appendfsync always"
            ),
            Self::Evicts(policy) => write!(
                f,
                "Redis drops records to make room (maxmemory-policy {policy}), and with them failures and locks; set maxmemory-policy noeviction"
            ),
            Self::FailsOverAsynchronously => f.write_str(
                "Redis acknowledges writes that its replicas do not have: a failover can refill budgets and revive codes; raise the epoch after one",
            ),
            Self::IsAReplica => f.write_str("this Redis is a replica, and takes no writes; give the address of the primary"),
            Self::DoesNotSay(what) => {
                write!(f, "Redis does not say its {what}: see to it that it forgets no write that it acknowledged")
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
    fn one_bad_node_of_a_cluster_is_enough() {
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
    fn what_it_does_not_say_is_a_warning() {
        let silent = Durability::of(&text(""), None);
        assert_eq!(
            silent.warnings(),
            [Warning::DoesNotSay("aof_enabled"), Warning::DoesNotSay("appendfsync")]
        );
        assert!(silent.warnings()[1].to_string().starts_with("Redis does not say its appendfsync"));
    }
}
