//! Formats errors with their causes.

use std::error::Error;

use countersign::store::StoreError;

use crate::config::ConfigError;

/// Returns the messages of an error and its sources, each once, the root cause last.
#[must_use]
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let text = next.to_string();
        // Some errors repeat their source's message.
        if !said.ends_with(&text) {
            said = format!("{said}: {text}");
        }
        cause = next.source();
    }
    said
}

/// Returns the error for an engine that is unusable at start-up, with the engine's own message.
#[must_use]
pub(crate) fn of(engine: &str, error: &StoreError) -> ConfigError {
    let cause = error.source().map_or_else(|| error.to_string(), chain);
    ConfigError(format!("{engine} can't be used: {cause}"))
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn prints_each_cause_once() {
        let refused = io::Error::other("refused");
        let outer = io::Error::other(StoreError::unavailable(refused));
        assert_eq!(chain(&outer), "the store does not answer: refused");
        let said = of("PostgreSQL", &StoreError::unavailable(io::Error::other("no such role"))).to_string();
        assert_eq!(said, "PostgreSQL can't be used: no such role");
    }
}
