//! A model of the rules, written independently of the server's: what each call must answer.

use std::collections::{HashMap, HashSet};

const DAY: u64 = 24 * 60 * 60;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Host,
    Login,
    User,
}

#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) user: String,
    pub(crate) method: String,
    by: By,
    verified: bool,
    /// In seconds.
    until: Option<u64>,
}

#[derive(Clone, Debug)]
struct Code {
    text: String,
    method: String,
    until: u64,
}

#[derive(Clone, Debug, Default)]
struct Number {
    claims: Vec<Claim>,
    live: Option<Code>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// To this user.
    To(String),
    /// To a new user.
    New,
    NotFound,
    Duplicate,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Checked {
    Passed { user: String, reset: bool },
    Refused,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    pub(crate) now: u64,
    numbers: HashMap<usize, Number>,
    sessions: HashMap<String, HashSet<String>>,
}

impl Model {
    fn claims(&self, number: usize) -> impl Iterator<Item = &Claim> {
        let live = |claim: &&Claim| claim.until.is_none_or(|until| self.now < until);
        self.numbers.get(&number).into_iter().flat_map(|number| &number.claims).filter(live)
    }

    /// Returns the claim that is visible to all calls.
    fn shared(&self, number: usize) -> Option<&Claim> {
        self.claims(number).find(|claim| claim.verified || claim.by != By::User)
    }

    fn own(&self, number: usize, user: &str) -> Option<&Claim> {
        self.claims(number).find(|claim| claim.user == user)
    }

    pub(crate) fn login(&self, number: usize) -> Sent {
        self.shared(number).map_or(Sent::New, |claim| Sent::To(claim.user.clone()))
    }

    pub(crate) fn send(&self, number: usize, user: Option<&str>) -> Sent {
        match (user, self.shared(number)) {
            (None, None) => Sent::NotFound,
            (None, Some(claim)) => Sent::To(claim.user.clone()),
            (Some(user), Some(claim)) if claim.user != user && claim.until.is_none() => Sent::Duplicate,
            (Some(user), _) => Sent::To(user.to_owned()),
        }
    }

    pub(crate) fn create(&self, number: usize) -> bool {
        self.shared(number).is_none()
    }

    /// Records a code sent by a login, or by a `send` with or without a user.
    pub(crate) fn sent(&mut self, number: usize, by: Option<By>, user: &str, method: &str, code: &str) {
        if by == Some(By::Login) {
            self.end_named(number);
        }
        if self.own(number, user).is_none() {
            let by = by.unwrap_or(By::User);
            self.add(number, user, method, by);
        }
        let until = self.own(number, user).and_then(|claim| claim.until).unwrap_or(u64::MAX);
        let live =
            Code { text: code.to_owned(), method: method.to_owned(), until: until.min(self.now + 600) };
        self.numbers.entry(number).or_default().live = Some(live);
    }

    pub(crate) fn created(&mut self, number: usize, user: &str, method: &str) {
        self.end_named(number);
        self.add(number, user, method, By::Host);
    }

    fn add(&mut self, number: usize, user: &str, method: &str, by: By) {
        let now = self.now;
        let until = match by {
            By::Host => None,
            By::Login => Some(now + DAY),
            By::User => Some(now + 300),
        };
        let claims = &mut self.numbers.entry(number).or_default().claims;
        claims.retain(|claim| claim.until.is_none_or(|until| now < until));
        claims.push(Claim { user: user.to_owned(), method: method.to_owned(), by, verified: false, until });
    }

    fn end_named(&mut self, number: usize) {
        let claims = &mut self.numbers.entry(number).or_default().claims;
        claims.retain(|claim| claim.verified || claim.by != By::User);
    }

    /// Checks a code returned with a `method_id`, and possibly with a session.
    pub(crate) fn check(
        &mut self,
        number: usize,
        method: &str,
        code: &str,
        session: Option<&str>,
    ) -> Checked {
        let now = self.now;
        let Some(claim) = self.claims(number).find(|claim| claim.method == method).cloned() else {
            return Checked::Refused;
        };
        let held = self.numbers.entry(number).or_default();
        let Some(live) = held.live.take_if(|live| live.text == code && now < live.until) else {
            return Checked::Refused;
        };
        if claim.by == By::User && !claim.verified && live.method != method {
            return Checked::Refused;
        }
        let reset = claim.by == By::Host && !claim.verified;
        held.claims.retain(|other| other.method == method);
        for claim in &mut held.claims {
            (claim.verified, claim.until) = (true, None);
        }
        if !claim.verified {
            // The other claims of a user who was just proved, or whom the host stated, end.
            let goes = if claim.by == By::User { By::Login } else { By::User };
            for other in self.numbers.values_mut() {
                other.claims.retain(|other| other.verified || other.user != claim.user || other.by != goes);
            }
        }
        let sessions = self.sessions.entry(claim.user.clone()).or_default();
        if reset {
            sessions.retain(|token| Some(token.as_str()) == session);
        }
        Checked::Passed { user: claim.user, reset }
    }

    pub(crate) fn begun(&mut self, user: &str, token: &str) {
        self.sessions.entry(user.to_owned()).or_default().insert(token.to_owned());
    }

    pub(crate) fn runs(&self, user: &str, token: &str) -> bool {
        self.sessions.get(user).is_some_and(|tokens| tokens.contains(token))
    }

    /// Returns a user's numbers, and whether they are verified.
    pub(crate) fn shown(&self, user: &str) -> HashMap<usize, bool> {
        let own = |number: &usize| self.own(*number, user).map(|claim| (*number, claim.verified));
        self.numbers.keys().filter_map(own).collect()
    }

    /// Whether anything expires so soon that a slow machine could observe it differently.
    pub(crate) fn is_close(&self) -> bool {
        let close = |until: u64| until.abs_diff(self.now) <= 5;
        self.numbers.values().any(|number| {
            number.claims.iter().filter_map(|claim| claim.until).any(close)
                || number.live.as_ref().is_some_and(|live| close(live.until))
        })
    }
}
