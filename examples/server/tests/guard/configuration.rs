//! The guard's settings.

use std::fs;

use countersign_server_tests::Server;

use crate::world::{REFUSED, World, stranger};

#[tokio::test]
async fn guard_is_off_unless_configured() {
    let server = Server::dev(&[]);
    for at in 0..30 {
        server.login(&stranger(at)).await;
    }
    assert!(!server.text("/metrics").await.contains("countersign_guard_refusals_total"));
}

#[tokio::test]
async fn prices_come_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let prices = folder.path().join("prices.csv");
    fs::write(&prices, "region,channel,price\nUS,sms,4.5\n").unwrap();
    let world = World::start("stake = 9.0", &["--guard-prices", prices.to_str().unwrap()]);
    // Two messages cost 9.00.
    assert_eq!(world.login("+12025550100").await.status, 200);
    assert_eq!(world.login("+12025560100").await.status, 200);
    assert_eq!(world.login("+12025570100").await.error(), REFUSED);
    assert_eq!(world.refusals().await[0]["rule"], "region");
    assert_eq!(world.login("+14165550100").await.status, 200, "another region");
}

#[tokio::test]
async fn readme_lists_settings_that_are_valid() {
    let readme = include_str!("../../README.md");
    let settings = readme.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let world = World::start(settings, &[]);
    assert_eq!(world.login(&stranger(0)).await.status, 200);
}

#[test]
fn wrong_settings_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let [settings, prices] = ["guard.toml", "prices.csv"].map(|name| folder.path().join(name));
    let [guard, csv] = [&settings, &prices].map(|path| path.to_str().unwrap());
    for (text, said) in [
        ("stakes = 1", "stakes"),
        ("stake = 0", "stake: expected a number above 0"),
        ("stake = nan", "stake: expected"),
        ("[caps]\nall = -1", "caps.all: expected"),
        ("when_blind = \"maybe\"", "when_blind"),
        ("monitor", "line 1"),
    ] {
        fs::write(&settings, text).unwrap();
        let error = Server::fails(&["--dev", "--guard", guard]);
        assert!(error.contains("--guard ") && error.contains(said), "{text}: {error}");
    }
    fs::write(&settings, "").unwrap();
    fs::write(&prices, "region,channel,price\nUS,sms,-1\n").unwrap();
    let error = Server::fails(&["--dev", "--guard", guard, "--guard-prices", csv]);
    assert!(error.contains("price list, line 2: the price is negative"), "{error}");
    let error = Server::fails(&["--dev", "--guard", guard, "--guard-vouched-header", "not a name"]);
    assert!(error.contains("--guard-vouched-header"), "{error}");
    let error = Server::fails(&["--dev", "--guard", "/nowhere/guard.toml"]);
    assert!(error.contains("/nowhere/guard.toml: No such file"), "{error}");
}
