//! The options: policies, prices, monitor mode, and the fields of the guard.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use countersign::guard::WhenBlind;
use countersign::store::MemoryTallies;
use countersign::{Channel, Region};
use countersign_guard_replay::{Replay, Settings, policy, run};

const INPUT_HEADER: &str = "time_ms,number,channel,ip,account,event\n";

/// Returns the decisions on sends, one a minute: `allow`, or a rule.
fn decisions(allow: &str, settings: &Settings, sends: &[(&str, &str)]) -> Vec<String> {
    let mut input = INPUT_HEADER.to_owned();
    for (time, (number, channel)) in (1_800_000_000_000_u64..).step_by(60_000).zip(sends) {
        input += &format!("{time},{number},{channel},,,send\n");
    }
    let mut replay =
        Replay::new(policy(allow).unwrap(), settings.guard().unwrap(), MemoryTallies::new()).unwrap();
    let mut output = Vec::new();
    run(&mut replay, input.as_bytes(), &mut output).unwrap();
    let output = String::from_utf8(output).unwrap();
    let decision = |line: &str| {
        let fields: Vec<_> = line.split(',').collect();
        if fields[2] == "allow" && fields[3].is_empty() { "allow".into() } else { fields[2..=3].join(" ") }
    };
    output.lines().skip(1).map(decision).collect()
}

fn option_error(settings: &Settings) -> String {
    let failure = settings.guard().unwrap_err();
    assert_eq!(failure.exit_code(), 2);
    failure.to_string()
}

#[test]
fn readme_session_matches_the_output() {
    let readme = include_str!("../README.md");
    let (_, session) = readme.split_once("$ cat events.csv\n").unwrap();
    let (input, rest) = session.split_once("$ cargo run").unwrap();
    let (_, expected) = rest.split_once('\n').unwrap();
    let (expected, _) = expected.split_once("```").unwrap();
    let guard = Settings::default().guard().unwrap();
    let mut output = Vec::new();
    run(
        &mut Replay::new(policy("all").unwrap(), guard, MemoryTallies::new()).unwrap(),
        input.as_bytes(),
        &mut output,
    )
    .unwrap();
    assert_eq!(String::from_utf8(output).unwrap(), expected);
}

#[test]
fn countries_are_allowed_on_the_channels_that_support_them() {
    let settings = Settings::default();
    let sends = [
        ("+12025550162", "sms"),
        ("+33612345678", "sms"),
        ("+33612345679", "whatsapp"),
        ("+919812345678", "sms"),
        ("+919812345679", "whatsapp"),
        ("+79123456789", "sms"),
        ("+79123456780", "whatsapp"),
    ];
    let (no_india, no_russia) = ("deny policy:unsupported_country", "deny policy:unsupported_country");
    let all = ["allow", "allow", "allow", "allow", no_india, no_russia, "allow"];
    assert_eq!(decisions("all", &settings, &sends), all);

    let other = "deny policy:country_not_allowed";
    let two = [other, "allow", "allow", "allow", no_india, no_russia, other];
    assert_eq!(decisions("FR, IN", &settings, &sends), two);
    // Without any country for WhatsApp, it is closed.
    let denied = "deny policy:country_denied";
    assert_eq!(
        decisions("in", &settings, &sends),
        [other, other, denied, "allow", no_india, no_russia, denied]
    );
}

#[test]
fn names_countries_that_cannot_be_allowed() {
    for (allow, message) in [
        ("US,ZZ", "--allow: ZZ is not an ISO 3166-1 alpha-2 code (nor XK, AC, TA)"),
        ("US,EG", "--allow: unsupported on both channels: EG"),
    ] {
        let failure = policy(allow).unwrap_err();
        assert_eq!((failure.to_string().as_str(), failure.exit_code()), (message, 2));
    }
    for allow in ["", ",", "US,", "ALL"] {
        assert_eq!(policy(allow).unwrap_err().exit_code(), 2, "{allow}");
    }
}

#[test]
fn prices_decide_how_many_sends_a_region_gets() {
    // 4 and 4 are the stake of 8.
    let prices = Some("region,channel,price\nFR,sms,4\n".to_owned());
    let sends = [("+33612345678", "sms"), ("+33634567890", "sms"), ("+33656789012", "sms")];
    let settings = Settings { prices, ..Settings::default() };
    assert_eq!(decisions("all", &settings, &sends), ["allow", "allow", "deny guard:region"]);
    assert_eq!(decisions("all", &Settings::default(), &sends), ["allow", "allow", "allow"]);
    let monitored = Settings { monitor: true, ..settings };
    assert_eq!(decisions("all", &monitored, &sends), ["allow", "allow", "allow guard:region"]);

    let broken = Settings { prices: Some("region,price\n".into()), ..Settings::default() };
    assert!(option_error(&broken).starts_with("--prices: price list, line 1:"));
}

#[test]
fn sets_fields_of_the_guard() {
    let guard = |set: &[&str]| {
        let set = set.iter().map(|set| (*set).to_owned()).collect();
        Settings { set, ..Settings::default() }.guard().unwrap()
    };
    assert_eq!(guard(&["stake=20"]).stake(), 20.0);
    assert_eq!(guard(&["stake=20", "vouched_base=0", "stake=2.5"]).stake(), 2.5);
    let bases = guard(&["bases.block_100=9", "bases.ip=40"]).bases();
    assert_eq!((bases.block_100, bases.block_1000, bases.ip), (9.0, 6.0, 40.0));
    let bases = guard(&[r#"bases={"account":3}"#, "bases.ip=40"]).bases();
    assert_eq!((bases.account, bases.ip), (3.0, 40.0));
    assert_eq!(guard(&["caps.region=100"]).caps().region, Some(100.0));
    assert!(guard(&["monitor=true"]).is_monitor() && !guard(&["monitor=false"]).is_monitor());
    assert_eq!(guard(&["when_blind=allow"]).when_blind(), WhenBlind::Allow);
    let listed = guard(&["prices.sms.FR=4"]);
    assert_eq!(listed.prices().of(Some(Region::FR), Channel::Sms), 4.0);
}

#[test]
fn fields_decide() {
    let one_block = [("+33612345678", "sms"), ("+33612345679", "sms"), ("+33612345670", "sms")];
    let refuse = r#"overrides=[{"scope":"+3361234","treatment":"refuse","until":1800000060000}]"#;
    let with = |set: &str| Settings { set: vec![set.into()], ..Settings::default() };
    assert_eq!(
        decisions("all", &with("bases.block_100=2"), &one_block),
        ["allow", "allow", "deny guard:block_100"]
    );
    assert_eq!(decisions("all", &with(refuse), &one_block), ["deny guard:override", "allow", "allow"]);
    assert_eq!(
        decisions("all", &with("caps.all=0.1"), &one_block),
        ["allow", "allow", "deny guard:spend_all"]
    );
}

#[test]
fn names_settings_that_are_wrong() {
    for (set, message) in [
        ("stake", "--set stake: expected NAME=VALUE"),
        ("=1", "--set =1: a part of the name is empty"),
        ("bases..ip=1", "--set bases..ip=1: a part of the name is empty"),
    ] {
        let settings = Settings { set: vec![set.into()], ..Settings::default() };
        assert_eq!(option_error(&settings), message);
    }
    for set in
        ["stake=0", "stake=-1", "stake=NaN", "stake=1e999", "stake=", "steak=1", "bases=5", "bases.ip=x"]
    {
        let settings = Settings { set: vec![set.into()], ..Settings::default() };
        assert!(option_error(&settings).starts_with("--set: "), "{set}");
    }
    let through = Settings { set: vec!["stake=1".into(), "stake.x=1".into()], ..Settings::default() };
    assert_eq!(option_error(&through), "--set stake.x=1: a part of the name is not a section");
}
