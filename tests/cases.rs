//! The number of cases of each property test.

use proptest::test_runner::Config;

/// Returns a configuration with this many cases, or with the number in the environment variable
/// `PROPTEST_CASES`. Nothing is written into the source tree: a failure prints its smallest case,
/// which then becomes a named test.
pub fn cases(cases: u32) -> Config {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let usual = Config { failure_persistence: None, ..Config::default() };
    if asked { usual } else { Config { cases, ..usual } }
}
