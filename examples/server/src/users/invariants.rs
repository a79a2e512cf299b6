//! Invariants that hold after any sequence of calls by an attacker, an owner and a host, under a
//! simulated clock.

use std::collections::{HashMap, HashSet};

use countersign::Timestamp;

use super::tests::{phone, users};
use super::*;

const SEQUENCES: u64 = 3_000;
const STEPS: usize = 40;
const DAY: u64 = 24 * 60 * 60 * 1000;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % bound as u64).unwrap()
    }
}

/// Numbers 0 and 1 belong to the attacker (party 0), 2 and 3 to the owner (party 1).
const fn holder(number: usize) -> usize {
    number / 2
}

#[derive(Default)]
struct World {
    now: u64,
    /// The current code and the `method_id` that it was sent for.
    live: HashMap<usize, (String, String)>,
    codes: u64,
    /// Until when a login may hold the number; for ever once it is verified or stated by the host.
    held: HashMap<usize, u64>,
    known: [Vec<(usize, String)>; 2],
    known_users: [Vec<String>; 2],
    inside: HashMap<String, HashSet<usize>>,
    /// Numbers for which a server stopped between the two swaps of a proof.
    stopped: HashSet<usize>,
    /// Users to whom the host has assigned a number that is not theirs.
    mistaken: HashSet<String>,
}

#[tokio::test]
async fn returning_a_code_never_leads_to_a_strangers_user() {
    let mut outcomes: HashMap<&str, usize> = HashMap::new();
    for seed in 0..SEQUENCES {
        let users = users();
        let mut random = Random(seed);
        let mut world = World { now: 1_800_000_000_000, ..World::default() };
        for step in 0..STEPS {
            let outcome = world.step(&users, &mut random).await;
            *outcomes
                .entry(outcome.unwrap_or_else(|broken| panic!("{broken}: seed {seed}, step {step}")))
                .or_default() += 1;
        }
    }
    for outcome in ["sent", "not found", "taken", "passed", "not passed", "stated", "held", "stopped"] {
        assert!(outcomes.get(outcome).is_some_and(|times| *times > 500), "{outcome}: {outcomes:?}");
    }
}

impl World {
    async fn step(&mut self, users: &Users, random: &mut Random) -> Result<&'static str, &'static str> {
        let (party, number) = (random.below(2), random.below(4));
        let to = phone(&format!("+120255501{number:02}"));
        let now = Timestamp::from_unix_millis(self.now);
        let held = self.held.get(&number).is_some_and(|until| self.now < *until);
        match random.below(16) {
            0..4 => self.send(users, Call::LoginOrCreate(Status::Active), party, number).await,
            4..6 => {
                let outcome = self.send(users, Call::Send(None), party, number).await?;
                if outcome == "sent" && !held {
                    Err("a number is held after its claim expired")
                } else {
                    Ok(outcome)
                }
            }
            6..10 => {
                let known_users = &self.known_users[party];
                let Some(user) =
                    known_users.len().checked_sub(1).map(|last| known_users[random.below(last + 1)].clone())
                else {
                    return Ok("passes");
                };
                // A host does not let anyone act for a user whom someone else has verified.
                if self.inside.get(&user).is_some_and(|inside| !inside.contains(&party)) {
                    return Ok("passes");
                }
                self.send(users, Call::Send(Some(&user)), party, number).await
            }
            10 => {
                let made = users.create(&[to], Status::Active, Profile::default(), now).await.unwrap();
                if made.is_err() && !held {
                    return Err("a number is held after its claim expired");
                }
                if made.is_ok() && self.held.get(&number) == Some(&u64::MAX) {
                    return Err("a number belongs to two users");
                }
                let Ok(user) = made else { return Ok("held") };
                self.held.insert(number, u64::MAX);
                if holder(number) != party {
                    self.mistaken.insert(user.user_id.clone());
                }
                self.known_users[party].push(user.user_id);
                Ok("stated")
            }
            11..15 => self.check(users, party, random).await,
            _ => {
                let spans = [1, 1_000, 299_999, 300_000, 300_000, DAY - 300_000, DAY - 1, DAY];
                self.now += spans[random.below(spans.len())];
                Ok("passes")
            }
        }
    }

    async fn send(
        &mut self,
        users: &Users,
        call: Call<'_>,
        party: usize,
        number: usize,
    ) -> Result<&'static str, &'static str> {
        let to = phone(&format!("+120255501{number:02}"));
        let now = Timestamp::from_unix_millis(self.now);
        self.codes += 1;
        let code = format!("{:06}", self.codes);
        let admitted = users.admit(call, &to, now).await.unwrap();
        let given = users.give(call, &to, Some(&code), now).await.unwrap();
        if admitted.is_ok() != given.is_ok() {
            return Err("an admitted call was refused");
        }
        let given = match given {
            Ok(given) => given,
            Err(Refused::NotFound) => return Ok("not found"),
            Err(_) => return Ok("taken"),
        };
        if given.created {
            self.held.insert(number, self.now + DAY);
            self.known_users[party].push(given.user_id.clone());
        }
        let joined = self.inside.get(&given.user_id).is_some_and(|inside| !inside.contains(&holder(number)));
        if !self.stopped.contains(&number)
            && !matches!(call, Call::Send(Some(_)))
            && joined
            && !self.mistaken.contains(&given.user_id)
        {
            return Err("a login leads to a stranger's user");
        }
        self.known[party].push((number, given.method_id.clone()));
        self.live.insert(number, (code, given.method_id));
        Ok("sent")
    }

    /// Returns the code of the party's newest message with any id that it knows for that number, as
    /// `authenticate` does.
    async fn check(
        &mut self,
        users: &Users,
        party: usize,
        random: &mut Random,
    ) -> Result<&'static str, &'static str> {
        let now = Timestamp::from_unix_millis(self.now);
        let number = 2 * party + random.below(2);
        let to = phone(&format!("+120255501{number:02}"));
        let known: Vec<_> = self.known[party].iter().filter(|(of, _)| *of == number).collect();
        let Some((_, method_id)) =
            known.len().checked_sub(1).map(|last| known[random.below(last + 1)].clone())
        else {
            return Ok("passes");
        };
        let Some((code, sent_for)) = self.live.get(&number).cloned() else { return Ok("passes") };
        let claims = users.claims(&to).await.unwrap();
        let Some(claim) = claims.live(&method_id, now) else { return Ok("not passed") };
        if !users.holds(claim).await.unwrap() {
            return Ok("not passed");
        }
        self.live.remove(&number);
        let is_its_own = sent_for == method_id;
        if claim.is_named() && users.was_sent_for(claim, &code) != is_its_own {
            return Err("a code belongs to another claim");
        }
        if claim.is_named() && !is_its_own {
            return Ok("not passed");
        }
        if random.below(6) == 0 {
            self.held.insert(number, u64::MAX);
            self.stopped.insert(number);
            let claim = users.verify(&method_id, &to, now).await.unwrap();
            return claim.map(|_| "stopped").ok_or("a live claim was not verified");
        }
        let proved =
            users.prove(&method_id, &to, None, now).await.unwrap().ok_or("a live claim was not verified")?;
        self.held.insert(number, u64::MAX);
        let user_id = proved.user.user_id;
        self.known_users[party].push(user_id.clone());
        let inside = self.inside.entry(user_id.clone()).or_default();
        inside.insert(party);
        if inside.len() > 1 && !self.mistaken.contains(&user_id) {
            return Err("two parties share a user");
        }
        Ok("passed")
    }
}
