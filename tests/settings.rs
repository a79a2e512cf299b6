//! Policies, limits and guards as data: they round-trip, and errors name every mistake.

use std::time::Duration;

use countersign::guard::{Bases, Caps, Guard, Override, Prices, Treatment, WhenBlind};
use countersign::message::Locale;
use countersign::region::RegionSet;
use countersign::{Channel, Kind, Limits, Policy, Region, SendQuota, Timestamp};
use proptest::prelude::*;

use crate::cases::cases;

const POLICY: &str = r#"[sms]
allow = ["CA", "FR", "US"]
deny = ["GP"]
kinds = ["mobile", "fixed_line_or_mobile", "voip"]
unallocated = true

[whatsapp]
allow = ["CA", "US"]
deny = []
kinds = ["fixed_line", "mobile", "fixed_line_or_mobile", "voip"]
unallocated = false
"#;

const LIMITS: &str = r#"cooldown = "1500ms"
tries_per_code = 3
failures_before_lock = 10
lock = "1h"
failure_memory = "forever"
device_token_age = "90d"

[[send_quotas]]
sends = 3
window = "1h"
"#;

const GUARD: &str = r#"stake = 20.0
vouched_base = 15.0
monitor = true
shared_tallies = false
when_blind = "allow"

[bases]
block_100 = 9.0
block_1000 = 6.0
block_10000 = 7.0
block_1000000 = 16.0
ip = 20.0
account = 6.0

[caps]
region = 50.0
all = 400.0

[[overrides]]
scope = "+4477"
treatment = "refuse"
until = 1800000000000

[[overrides]]
scope = "FR"
treatment = "allow"
until = 1800000000000

[[overrides]]
scope = "BR"
until = 1800000000000

[overrides.treatment]
scale = 0.5

[prices.sms]
FR = 0.07
GB = 0.04

[prices.whatsapp]
GB = 0.03
"#;

fn policy() -> Policy {
    let mut policy = Policy::default().deny(Channel::Sms, [Region::GP]).unwrap();
    policy.set_allowed(Channel::Sms, [Region::US, Region::CA, Region::FR]).unwrap();
    policy.allow_unallocated(Channel::Sms, true).unwrap()
}

fn limits() -> Limits {
    let quota = SendQuota::new(3, Duration::from_secs(3600)).unwrap();
    let limits = Limits::default().with_cooldown(Duration::from_millis(1500)).unwrap();
    limits.with_tries_per_code(3).unwrap().with_send_quotas(&[quota]).unwrap().with_failure_memory_forever()
}

fn guard() -> Guard {
    let mut bases = Bases::DEFAULT;
    bases.block_100 = 9.0;
    let mut caps = Caps::default();
    (caps.region, caps.all) = (Some(50.0), Some(400.0));
    let until = Timestamp::from_unix_seconds(1_800_000_000);
    let prices = "region,channel,price\nGB,sms,0.04\nGB,whatsapp,0.03\nFR,sms,0.07\n";
    let guard = Guard::default().with_stake(20.0).unwrap().with_monitor(true);
    let guard = guard.with_bases(bases).unwrap().with_caps(caps).unwrap();
    let guard = guard.with_when_blind(WhenBlind::Allow).with_prices(Prices::from_csv(prices).unwrap());
    [
        Override::prefix("+4477".parse().unwrap(), Treatment::Refuse, until),
        Override::region(Region::FR, Treatment::Allow, until),
        Override::region(Region::BR, Treatment::Scale(0.5), until),
    ]
    .into_iter()
    .fold(guard, |guard, rule| guard.with_override(rule).unwrap())
}

/// All that a guard decides by is in its fingerprint, but for `when_blind`.
fn assert_same(one: &Guard, two: &Guard) {
    let policy = Policy::default();
    assert_eq!(one.fingerprint(&policy), two.fingerprint(&policy), "{one:?} {two:?}");
    assert_eq!(one.when_blind(), two.when_blind());
}

#[test]
fn guards_round_trip() {
    assert_same(&toml::from_str(GUARD).unwrap(), &guard());
    assert_eq!(toml::to_string(&guard()).unwrap(), GUARD);
    assert_same(&serde_json::from_str(&serde_json::to_string(&guard()).unwrap()).unwrap(), &guard());
    let default = Guard::default();
    assert_same(&toml::from_str("").unwrap(), &default);
    assert_same(&toml::from_str(&toml::to_string(&default).unwrap()).unwrap(), &default);
}

#[test]
fn reads_single_settings_of_a_guard() {
    let guard: Guard = toml::from_str("stake = 20\nbases.block_100 = 9\nprices.sms.GB = 0\n").unwrap();
    assert_eq!((guard.stake(), guard.bases().block_100, guard.bases().ip), (20.0, 9.0, 20.0));
    assert_eq!(guard.prices().of(Some(Region::GB), Channel::Sms), 0.0);
    assert_eq!(guard.prices().of(Some(Region::GB), Channel::WhatsApp), Prices::UNLISTED);
    let json = r#"{"overrides": [{"scope": "+44", "treatment": {"scale": 2}, "until": 0}]}"#;
    let guard: Guard = serde_json::from_str(json).unwrap();
    assert_eq!(guard.overrides()[0].treatment(), Treatment::Scale(2.0));
}

#[test]
fn prices_from_a_function_cannot_be_written() {
    let guard = Guard::default().with_prices(Prices::from_fn(|_, _| 0.1));
    let error = serde_json::to_string(&guard).unwrap_err().to_string();
    assert_eq!(error, "prices from a function cannot be written");
}

#[test]
fn names_every_mistake_in_a_guard() {
    let rule = |fields: &str| format!("overrides = [{{ {fields} }}]");
    for (text, expected) in [
        (
            "stakes = 8.0".into(),
            "unknown field `stakes`, expected one of `stake`, `vouched_base`, `monitor`,",
        ),
        ("stake = 0".into(), "stake: expected a number above 0 and up to 1e9"),
        ("stake = nan".into(), "stake: expected a number above 0 and up to 1e9"),
        ("stake = \"8\"".into(), "expected f64"),
        ("vouched_base = -1".into(), "vouched_base: expected a number from 0 to 1e9"),
        ("monitor = 1".into(), "expected a boolean"),
        ("when_blind = \"maybe\"".into(), "when_blind: expected refuse or allow"),
        ("bases.block_10 = 5".into(), "unknown field `block_10`, expected one of `block_100`, `block_1000`,"),
        ("bases.ip = inf".into(), "ip: expected a number above 0 and up to 1e9"),
        ("caps.region = -1".into(), "caps.region: expected a number from 0 to 1e9"),
        ("caps.country = 1".into(), "unknown field `country`, expected one of `region`, `tenant`, `all`"),
        ("prices.email.GB = 1".into(), "unknown field `email`, expected `sms` or `whatsapp`"),
        ("prices.sms.ZZ = 1".into(), "ZZ is not an ISO 3166-1 alpha-2 code"),
        ("prices.sms.GB = -0.1".into(), "prices.sms.GB: the price is negative"),
        ("prices.sms.GB = inf".into(), "prices.sms.GB: the price is infinite or NaN"),
        ("prices.sms = { GB = 1, gb = 2 }".into(), "prices.sms.GB: the region and channel are listed twice"),
        (rule("scope = \"GB\", treatment = \"allow\""), "missing field `until`"),
        (rule("scope = \"GB\", until = 0"), "missing field `treatment`"),
        (rule("treatment = \"allow\", until = 0"), "missing field `scope`"),
        (
            rule("scope = \"GB\", from = 0"),
            "unknown field `from`, expected one of `scope`, `treatment`, `until`",
        ),
        (rule("scope = \"44\""), "scope: expected a prefix such as +4477, or a country such as GB"),
        (rule("treatment = \"deny\""), "treatment: expected allow, refuse or { scale = 0.5 }"),
        (
            rule("scope = \"GB\", treatment = { scale = 0 }, until = 0"),
            "override: expected a number above 0 and up to 1e9",
        ),
        (rule("until = \"tomorrow\""), "expected u64"),
    ] as [(String, &str); 24]
    {
        let error = toml::from_str::<Guard>(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
    let twice = serde_json::from_str::<Guard>(r#"{"caps": {"all": 1, "all": 1}}"#).unwrap_err().to_string();
    assert!(twice.contains("duplicate field `all`"), "{twice}");
}

#[test]
fn reads_and_writes_toml_that_a_diff_can_show() {
    assert_eq!(toml::from_str::<Policy>(POLICY).unwrap(), policy());
    assert_eq!(toml::to_string(&policy()).unwrap(), POLICY);
    assert_eq!(toml::from_str::<Limits>(LIMITS).unwrap(), limits());
    assert_eq!(toml::from_str::<Limits>(&toml::to_string(&limits()).unwrap()).unwrap(), limits());
}

#[test]
fn missing_fields_have_their_defaults() {
    assert_eq!(toml::from_str::<Policy>("").unwrap(), Policy::default());
    assert_eq!(serde_json::from_str::<Limits>("{}").unwrap(), Limits::default());
    let only_france: Policy = toml::from_str("sms.allow = [\"FR\"]").unwrap();
    assert_eq!(only_france.allowed(Channel::Sms), RegionSet::of(&[Region::FR]));
    assert_eq!(only_france.allowed(Channel::WhatsApp), Policy::default().allowed(Channel::WhatsApp));
    let kinds: Policy = serde_json::from_str(r#"{"sms": {"kinds": []}}"#).unwrap();
    assert_eq!(kinds.kinds(Channel::Sms).count(), 0);
}

#[test]
fn names_every_mistake_in_a_policy() {
    for (text, expected) in [
        ("email.allow = []", "unknown field `email`, expected `sms` or `whatsapp`"),
        (
            "sms.allowed = []",
            "unknown field `allowed`, expected one of `allow`, `deny`, `kinds`, `unallocated`",
        ),
        ("sms.allow = [\"FR\", \"ZZ\"]", "ZZ is not an ISO 3166-1 alpha-2 code"),
        (
            "sms.deny = [\"Narnia\"]",
            "not a country code: expected two letters of ISO 3166-1 alpha-2, such as US",
        ),
        ("sms.allow = [\"FR\", \"RU\", \"BS\"]", "sms allowlist: unsupported countries: BS RU"),
        ("sms.allow = []", "sms allowlist is empty; name at least one country"),
        ("sms.allow = [\"FR\", \"fr\"]", "FR is listed twice"),
        (
            "sms.kinds = [\"mobiles\"]",
            "mobiles is not a kind of numbers: expected one of fixed_line, mobile,",
        ),
        ("sms.kinds = [\"voip\", \"voip\"]", "voip is listed twice"),
        ("sms.allow = \"FR\"", "expected a list of ISO 3166-1 alpha-2 codes"),
        ("sms.unallocated = \"no\"", "expected a boolean"),
        (
            "sms = 3",
            "expected the rules of a channel with some of the fields allow, deny, kinds, unallocated",
        ),
    ] {
        let error = toml::from_str::<Policy>(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
    let twice = serde_json::from_str::<Policy>(r#"{"sms": {}, "sms": {}}"#).unwrap_err().to_string();
    assert!(twice.contains("duplicate field `sms`"), "{twice}");
}

#[test]
fn names_every_mistake_in_limits() {
    for (text, expected) in [
        ("cooldowns = \"30s\"", "unknown field `cooldowns`, expected one of `cooldown`, `send_quotas`,"),
        ("cooldown = 30", "expected a duration such as 30s, 10m, 1h or 30d"),
        ("cooldown = \"30\"", "30 is not a duration: expected one such as 30s, 10m, 1h or 30d"),
        ("cooldown = \"2d\"", "cooldown: expected at most a day"),
        ("cooldown = \"forever\"", "forever is not a duration"),
        ("lock = \"1m\"", "lock: expected 5 minutes to 7 days"),
        ("failure_memory = \"never\"", "never is not a duration"),
        ("tries_per_code = 0", "tries per code: expected 1 to 100"),
        ("tries_per_code = 300", "expected u8"),
        ("send_quotas = [{ sends = 3 }]", "missing field `window`"),
        ("send_quotas = [{ sends = 30, window = \"1h\" }]", "send quota: expected 1 to 24 sends"),
        ("send_quotas = [{ sends = 3, window = \"1h\", per = \"x\" }]", "unknown field `per`"),
        (
            "send_quotas = [{ sends = 1, window = \"1h\" }, { sends = 2, window = \"2h\" }, { sends = 3, window = \"3h\" }]",
            "send quotas: expected at most two",
        ),
    ] {
        let error = toml::from_str::<Limits>(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn locales_are_language_tags() {
    for locale in Locale::ALL {
        let text = serde_json::to_string(&locale).unwrap();
        assert_eq!(text, format!("\"{locale}\""));
        assert_eq!(serde_json::from_str::<Locale>(&text).unwrap(), locale);
    }
    assert!(serde_json::from_str::<Locale>("\"de\"").is_err());
}

prop_compose! {
    fn any_policy()(
        allowed in prop::array::uniform2(prop::collection::vec(0..Region::COUNT, 1..20)),
        denied in prop::array::uniform2(prop::collection::vec(0..Region::COUNT, 0..20)),
        kinds in prop::array::uniform2(prop::collection::vec(0..Kind::ALL.len(), 0..8)),
        unallocated in any::<[bool; 2]>(),
    ) -> Policy {
        let regions = |places: &[usize]| -> RegionSet {
            places.iter().filter_map(|&place| Region::all().nth(place)).collect()
        };
        let mut policy = Policy::default();
        for (place, channel) in [Channel::Sms, Channel::WhatsApp].into_iter().enumerate() {
            let allowed = regions(&allowed[place]).difference(Policy::unsupported(channel)).with(Region::US);
            policy.set_allowed(channel, allowed).unwrap();
            policy.set_denied(channel, regions(&denied[place])).unwrap();
            policy = policy.deny_kinds(channel, Kind::ALL).unwrap();
            policy = policy.allow_kinds(channel, kinds[place].iter().map(|&kind| Kind::ALL[kind])).unwrap();
            policy = policy.allow_unallocated(channel, unallocated[place]).unwrap();
        }
        policy
    }
}

prop_compose! {
    fn any_limits()(
        cooldown in 0..=86_400_000_u64,
        quotas in prop::collection::vec((1..=24_u8, 1..=2_592_000_u32), 0..=2),
        tries in 1..=100_u8,
        failures in 1..=100_u8,
        lock in 300_000..=604_800_000_u64,
        memory in prop::option::of(86_400_000..=31_536_000_000_u64),
        age in 3_600_000..=34_560_000_000_u64,
    ) -> Limits {
        let quotas: Vec<_> = quotas
            .into_iter()
            .map(|(sends, seconds)| SendQuota::new(sends, Duration::from_secs(seconds.into())).unwrap())
            .collect();
        let limits = Limits::default().with_cooldown(Duration::from_millis(cooldown)).unwrap();
        let limits = limits.with_send_quotas(&quotas).unwrap().with_tries_per_code(tries).unwrap();
        let limits = limits.with_failures_before_lock(failures).unwrap();
        let limits = limits.with_lock(Duration::from_millis(lock)).unwrap();
        let limits = limits.with_device_token_age(Duration::from_millis(age)).unwrap();
        match memory {
            Some(memory) => limits.with_failure_memory(Duration::from_millis(memory)).unwrap(),
            None => limits.with_failure_memory_forever(),
        }
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn every_policy_comes_back(policy in any_policy()) {
        prop_assert_eq!(toml::from_str::<Policy>(&toml::to_string(&policy).unwrap()).unwrap(), policy);
        prop_assert_eq!(serde_json::from_str::<Policy>(&serde_json::to_string(&policy).unwrap()).unwrap(), policy);
    }

    #[test]
    fn all_limits_come_back(limits in any_limits()) {
        prop_assert_eq!(toml::from_str::<Limits>(&toml::to_string(&limits).unwrap()).unwrap(), limits);
        prop_assert_eq!(serde_json::from_str::<Limits>(&serde_json::to_string(&limits).unwrap()).unwrap(), limits);
    }
}
