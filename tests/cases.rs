//! How many cases a law is tried on.

use proptest::test_runner::Config;

/// So many, or as many as the environment variable `PROPTEST_CASES` says, for a longer run. Nothing is written into the
/// tree: a failure prints its smallest case, which then becomes a test of its own.
pub fn cases(cases: u32) -> Config {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let usual = Config { failure_persistence: None, ..Config::default() };
    if asked { usual } else { Config { cases, ..usual } }
}
