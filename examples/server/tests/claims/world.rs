//! Two parties and a host on one or two servers: what they know, what they request, and what must
//! never happen.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::model::{By, Checked, Model, Sent};
use crate::{Kind, authenticate, error, text};
use countersign_server_tests::Server;

pub(crate) const STEPS: usize = 40;
/// Two phones of the attacker, then two of the owner.
const PHONES: usize = 4;

/// What one of the two parties knows.
#[derive(Default)]
struct Party {
    methods: Vec<(usize, String)>,
    sessions: Vec<(String, String)>,
    /// Users that the host lets them act for without a session.
    users: Vec<String>,
}

pub(crate) struct World<'a> {
    servers: &'a [Server],
    kind: Kind,
    base: usize,
    random: Random,
    began: Instant,
    advanced: u64,
    model: Model,
    parties: [Party; 2],
    /// Users that the host assigned to someone who does not have their number, by mistake.
    mistaken: HashSet<String>,
    inside: HashMap<String, HashSet<usize>>,
    refused: [usize; PHONES],
    pub(crate) trace: Vec<String>,
    /// The outcomes of calls.
    pub(crate) seen: Vec<&'static str>,
}

impl<'a> World<'a> {
    pub(crate) fn new(servers: &'a [Server], kind: Kind, base: usize, seed: u64) -> Self {
        Self {
            servers,
            kind,
            base,
            random: Random(seed),
            began: Instant::now(),
            advanced: 0,
            model: Model::default(),
            parties: Default::default(),
            mistaken: HashSet::new(),
            inside: HashMap::new(),
            refused: [0; PHONES],
            trace: vec![format!("{kind:?}, seed {seed}")],
            seen: Vec::new(),
        }
    }

    fn server(&mut self) -> &'a Server {
        &self.servers[self.random.below(self.servers.len())]
    }

    fn to(&self, phone: usize) -> String {
        self.kind.of(self.base + phone)
    }

    pub(crate) async fn step(&mut self) {
        loop {
            self.model.now = self.advanced + self.began.elapsed().as_secs();
            if !self.model.is_close() {
                break;
            }
            self.advance(10).await;
        }
        let party = self.random.below(2);
        // Mostly one of the party's own numbers.
        let phone = match self.random.below(3) {
            0 => self.random.below(PHONES),
            _ => 2 * party + self.random.below(2),
        };
        match self.random.below(24) {
            _ if self.trace.len() == 1 => self.create(party, phone).await,
            0..4 => self.login(party, phone).await,
            4..6 => self.send(party, phone, None).await,
            6..13 => self.send_as(party, phone).await,
            13..15 => self.create(party, phone).await,
            15..22 => self.check(party).await,
            22 => self.show(party).await,
            _ => {
                let seconds = [30, 100, 310, 310, 3_700, 90_000][self.random.below(6)];
                self.trace.push(format!("{seconds} s pass"));
                self.advance(seconds).await;
            }
        }
    }

    async fn advance(&mut self, seconds: u64) {
        self.servers[0].advance(seconds).await;
        self.advanced += seconds;
    }

    async fn login(&mut self, party: usize, phone: usize) {
        let (to, expected) = (self.to(phone), self.model.login(phone));
        let answer = self.kind.login(self.server(), &to).await;
        self.trace.push(format!("{party} logs in with {phone}, {expected:?}: {answer}"));
        assert_eq!(answer["user_created"], expected == Sent::New);
        self.seen.push(if expected == Sent::New { "login creates a user" } else { "login joins a user" });
        self.sent(party, phone, Some(By::Login), &answer, &expected).await;
    }

    async fn send_as(&mut self, party: usize, phone: usize) {
        let (sessions, users) = (self.parties[party].sessions.len(), self.parties[party].users.len());
        let Some(which) = (sessions + users).checked_sub(1).map(|most| self.random.below(most + 1)) else {
            return;
        };
        let (user, more) = if let Some((user, token)) = self.parties[party].sessions.get(which).cloned() {
            if !self.model.runs(&user, &token) {
                self.trace.push(format!("{party} sends to {phone} with a session of {user} that was ended"));
                let to = self.to(phone);
                let answer = self.kind.send(self.server(), &to, json!({ "session_token": token })).await.1;
                assert_eq!(error(&answer), "session_not_found", "{answer}");
                self.seen.push("session has ended");
                return;
            }
            (user, json!({ "session_token": token }))
        } else {
            let user = self.parties[party].users[which - sessions].clone();
            // A host does not let anyone act for a user whom someone else has proved.
            let others = self.inside.get(&user).is_some_and(|inside| inside.iter().any(|one| *one != party));
            if others {
                return;
            }
            (user.clone(), json!({ "user_id": user }))
        };
        self.send(party, phone, Some((user, more))).await;
    }

    async fn send(&mut self, party: usize, phone: usize, of: Option<(String, Value)>) {
        let user = of.as_ref().map(|(user, _)| user.as_str());
        let expected = self.model.send(phone, user);
        let more = of.clone().map_or_else(|| json!({}), |(_, more)| more);
        let to = self.to(phone);
        let (status, answer) = self.kind.send(self.server(), &to, more).await;
        self.trace.push(format!("{party} sends to {phone} as {user:?}, {expected:?}: {answer}"));
        match &expected {
            Sent::To(_) => {
                assert_eq!(status, StatusCode::OK);
                self.seen.push(if user.is_some() { "user names a number" } else { "send" });
                self.sent(party, phone, None, &answer, &expected).await;
            }
            Sent::NotFound => {
                assert_eq!(error(&answer), self.kind.not_found);
                self.seen.push("no user has the number");
            }
            _ => {
                assert_eq!(error(&answer), self.kind.duplicate);
                self.seen.push("another user has the number");
            }
        }
    }

    async fn sent(&mut self, party: usize, phone: usize, by: Option<By>, answer: &Value, expected: &Sent) {
        let (user, method) = (text(&answer["user_id"]), text(&answer[self.kind.id]));
        if let Sent::To(expected) = expected {
            assert_eq!(&user, expected);
        }
        let code = self.server().code(&self.to(phone)).await;
        self.model.sent(phone, by, &user, &method, &code);
        let known = &mut self.parties[party];
        if *expected == Sent::New {
            known.users.push(user);
        }
        known.methods.retain(|known| *known != (phone, method.clone()));
        known.methods.push((phone, method));
    }

    async fn create(&mut self, party: usize, phone: usize) {
        let (to, expected) = (self.to(phone), self.model.create(phone));
        let (status, answer) = self.kind.create(self.server(), &to).await;
        self.trace.push(format!("the host creates a user with {phone} for {party}, {expected}: {answer}"));
        assert_eq!(status == StatusCode::OK, expected);
        self.seen.push(if expected { "host creates a user" } else { "host is refused" });
        if expected {
            let user = text(&answer["user_id"]);
            self.model.created(phone, &user, &text(&answer[self.kind.id]));
            if phone / 2 != party {
                self.mistaken.insert(user.clone());
            }
            self.parties[party].users.push(user);
        } else {
            assert_eq!(error(&answer), self.kind.duplicate);
        }
    }

    /// A party reads its phone and returns a code with a method id that it knows, usually one of
    /// that phone.
    async fn check(&mut self, party: usize) {
        let phone = 2 * party + self.random.below(2);
        let all = &self.parties[party].methods;
        let methods: Vec<_> = match self.random.below(8) {
            0 => all.clone(),
            _ => all.iter().filter(|(of, _)| *of == phone).cloned().collect(),
        };
        let newest = self.random.below(8);
        let messages = self.server().outbox(&self.to(phone)).await;
        let message = messages.len().checked_sub(if newest == 0 { 2 } else { 1 });
        let (Some(message), false) = (message, methods.is_empty()) else { return };
        let code = text(&messages[message]["code"]);
        let (of, method) = methods[self.random.below(methods.len())].clone();
        let sessions = &self.parties[party].sessions;
        let running: Vec<_> = sessions.iter().filter(|(user, token)| self.model.runs(user, token)).collect();
        let shown = (!running.is_empty() && self.random.below(2) == 0)
            .then(|| running[self.random.below(running.len())].1.clone());
        // Failures are counted for each phone and each user.
        if self.refused.iter().sum::<usize>() >= 8 {
            return;
        }
        let expected = self.model.check(of, &method, &code, shown.as_deref());
        let (status, answer) = authenticate(self.server(), &method, &code, shown.as_deref()).await;
        self.trace.push(format!("{party} returns {code} of {phone} with {method}, {expected:?}: {answer}"));
        let Checked::Passed { user, reset } = expected else {
            assert!(status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS);
            self.refused[of] += 1;
            self.seen.push("code is refused");
            return;
        };
        assert_eq!(status, StatusCode::OK);
        assert_eq!((text(&answer["user_id"]), &answer["reset_sessions"]), (user.clone(), &json!(reset)));
        self.refused[of] = 0;
        self.seen.push(if reset { "first login" } else { "code passes" });
        let token = text(&answer["session_token"]);
        self.model.begun(&user, &token);
        self.parties[party].sessions.push((user.clone(), token));
        let inside = self.inside.entry(user.clone()).or_default();
        inside.insert(party);
        assert!(
            inside.len() == 1 || self.mistaken.contains(&user),
            "two parties share a user that the host did not assign"
        );
    }

    async fn show(&mut self, party: usize) {
        let known = &self.parties[party];
        let users: Vec<_> =
            known.sessions.iter().map(|(user, _)| user).chain(&known.users).cloned().collect();
        if users.is_empty() {
            return;
        }
        let user = users[self.random.below(users.len())].clone();
        let shown = self.kind.shown(self.server(), &user).await;
        let expected = self.model.shown(&user).into_iter();
        let expected: HashMap<_, _> = expected.map(|(phone, verified)| (self.to(phone), verified)).collect();
        self.trace.push(format!("{user} has {shown:?}, {expected:?}"));
        assert_eq!(shown.into_iter().collect::<HashMap<_, _>>(), expected);
    }
}

/// SplitMix64: sequences are reproducible from their seed.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }
}
