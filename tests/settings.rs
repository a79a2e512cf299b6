//! Policies and limits as data: what operators write is read, what is written comes back, and every
//! mistake is named.

use std::time::Duration;

use countersign::message::Locale;
use countersign::region::RegionSet;
use countersign::{Channel, Kind, Limits, Policy, Region, SendQuota};
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

#[test]
fn reads_and_writes_toml_that_a_diff_can_show() {
    assert_eq!(toml::from_str::<Policy>(POLICY).unwrap(), policy());
    assert_eq!(toml::to_string(&policy()).unwrap(), POLICY);
    assert_eq!(toml::from_str::<Limits>(LIMITS).unwrap(), limits());
    assert_eq!(toml::from_str::<Limits>(&toml::to_string(&limits()).unwrap()).unwrap(), limits());
}

#[test]
fn what_is_left_out_is_the_default() {
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
