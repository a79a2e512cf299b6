use super::*;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
const SOON: Timestamp = Timestamp::from_unix_seconds(1_800_000_001);

/// A claim of this user, made now.
fn claim(user_id: &str, by: By) -> Claim {
    let until = by.until(NOW).map(Timestamp::unix_millis);
    Claim::new(user_id.to_owned(), format!("method of {user_id}"), by, until)
}

fn verified(user_id: &str, by: By) -> Claim {
    Claim { until: None, ..claim(user_id, by) }
}

fn claims_of(claims: Vec<Claim>) -> Claims {
    Claims { claims, sent_for: None }
}

/// The decisions on `send`, `send` for `ann`, `login_or_create` and `users.create`.
fn rulings(claims: &Claims, now: Timestamp) -> [String; 4] {
    let calls =
        [Call::Send(None), Call::Send(Some("ann")), Call::LoginOrCreate(Status::Active), Call::CreateUser];
    calls.map(|call| match claims.rule(call, now) {
        Ruling::Join(claim) => claim.user_id.clone(),
        other => format!("{other:?}"),
    })
}

#[test]
fn decides_each_call_on_each_kind_of_claim() {
    let nobody = ["NotFound", "New(User)", "New(Login)", "New(Host)"];
    let anns = ["ann", "ann", "ann", "Taken"];
    let bobs = ["bob", "Taken", "bob", "Taken"];
    for (claims, expected) in [
        (vec![], nobody),
        (vec![claim("ann", By::User)], nobody),
        (vec![claim("bob", By::User), claim("eve", By::User)], nobody),
        (vec![claim("ann", By::Login)], anns),
        (vec![claim("bob", By::Login)], ["bob", "New(User)", "bob", "Taken"]),
        (vec![claim("eve", By::User), claim("bob", By::Login)], ["bob", "New(User)", "bob", "Taken"]),
        (vec![claim("ann", By::Host)], anns),
        (vec![claim("bob", By::Host)], bobs),
        (vec![verified("ann", By::User)], anns),
        (vec![verified("bob", By::User)], bobs),
        (vec![verified("bob", By::Login)], bobs),
        (vec![verified("bob", By::Host)], bobs),
    ] {
        assert_eq!(rulings(&claims_of(claims.clone()), NOW), expected, "{claims:?}");
    }
}

#[test]
fn unverified_claims_expire_to_the_millisecond() {
    for (by, lasts) in [(By::User, 5 * 60), (By::Login, 24 * 60 * 60)] {
        let claims = claims_of(vec![claim("bob", by)]);
        let end = NOW + Duration::from_secs(lasts);
        let before = Timestamp::from_unix_millis(end.unix_millis() - 1);
        assert_eq!(rulings(&claims, before), rulings(&claims, NOW));
        assert!(
            claims.live("method of bob", before).is_some() && claims.live("method of bob", end).is_none()
        );
        assert_eq!(rulings(&claims, end), rulings(&Claims::default(), end));
        assert!(claims.clone().verify("method of bob", end).is_none());
        assert_eq!(claims.keep(NOW), Some(Duration::from_secs(lasts) + RETENTION));
    }
    let claims = claims_of(vec![claim("ann", By::User), claim("bob", By::Host)]);
    assert_eq!(rulings(&claims, Timestamp::MAX)[0], "bob");
    assert_eq!(claims.keep(NOW), None);
}

#[test]
fn named_claims_yield_to_logins_and_the_host() {
    for (call, left) in [
        (Call::Send(None), 3),
        (Call::Send(Some("ann")), 3),
        (Call::LoginOrCreate(Status::Active), 1),
        (Call::CreateUser, 1),
    ] {
        let named = [claim("ann", By::User), claim("eve", By::User)];
        let mut claims = claims_of([named.to_vec(), vec![claim("bob", By::Login)]].concat());
        assert_eq!(claims.yield_to(call).len(), 3 - left);
        assert_eq!(claims.claims.len(), left);
        assert_eq!(claims.claims.last().map(|claim| claim.by), Some(By::Login));
    }
    let mut claims = claims_of(vec![verified("ann", By::User)]);
    assert!(claims.yield_to(Call::CreateUser).is_empty(), "verified claims stay");
}

#[test]
fn verifying_leaves_one_claim() {
    let all = [claim("ann", By::User), claim("bob", By::Login), claim("eve", By::User)];
    for winner in ["ann", "bob", "eve"] {
        let mut claims = claims_of(all.to_vec());
        let (won, ended) = claims.verify(&format!("method of {winner}"), SOON).unwrap();
        assert_eq!((won.user_id.as_str(), won.lasts(), ended.len()), (winner, true, 2));
        assert_eq!(rulings(&claims, Timestamp::MAX)[2], winner);
        for loser in ended {
            assert!(claims.verify(&loser.method_id, SOON).is_none());
        }
    }
}

#[test]
fn oldest_named_claim_is_replaced() {
    let mut claims = claims_of(vec![claim("bob", By::Login)]);
    for user in 0..MAX_NAMED {
        assert!(claims.add(claim(&user.to_string(), By::User)).is_none());
    }
    assert!(claims.add(claim("0", By::User)).is_none(), "it exists");
    assert_eq!(claims.add(claim("one more", By::User)).unwrap().user_id, "0");
    assert_eq!(claims.claims.len(), MAX_NAMED + 1);
    assert_eq!(rulings(&claims, NOW)[0], "bob");
}

#[test]
fn ended_claims_are_kept_for_an_hour() {
    let mut claims = claims_of(vec![claim("ann", By::User), claim("bob", By::Host)]);
    let end = NOW + Duration::from_secs(5 * 60);
    claims.forget(end + RETENTION - Duration::from_millis(1));
    assert!(claims.get("method of ann").is_some());
    claims.forget(end + RETENTION);
    assert!(claims.get("method of ann").is_none() && claims.get("method of bob").is_some());
}

#[test]
fn newest_code_belongs_to_the_user_it_was_sent_for() {
    let (ann, bob) = (claim("ann", By::User), claim("bob", By::Login));
    let mut claims = claims_of(vec![ann.clone(), bob.clone()]);
    assert_eq!(claims.sent_for_other(&bob), None);
    assert!(claims.sent(&ann.method_id).is_some());
    assert_eq!((claims.sent_for_other(&bob), claims.sent_for_other(&ann)), (Some("ann"), None));
    // The code may outlive its claim.
    assert!(claims.remove("ann", &ann.method_id));
    assert_eq!(claims.sent_for_other(&bob), Some("ann"));
    assert!(claims.sent(&bob.method_id).is_some() && claims.sent("none").is_none());
    assert_eq!(claims.sent_for_other(&bob), None);
}

#[test]
fn reads_claims_that_were_stored_as_a_list() {
    let list = serde_json::to_value([claim("bob", By::Login)]).unwrap();
    let mut claims: Claims = serde_json::from_value(list).unwrap();
    assert!(claims.sent("method of bob").is_some());
    let stored = serde_json::to_string(&claims).unwrap();
    let claims: Claims = serde_json::from_str(&stored).unwrap();
    assert_eq!(claims.sent_for_other(&claim("ann", By::User)), Some("bob"));
    assert_eq!(claims.live("method of bob", NOW).unwrap().user_id, "bob");
}
