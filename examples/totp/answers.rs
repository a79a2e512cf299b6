//! Codes and checks.

use countersign::totp::{TimeStep, TotpCheck, TotpVerdict, Window};

use crate::fields::{Failure, exactly, number, secret, settings};

/// ALGORITHM DIGITS PERIOD SECRET TIME → the code.
pub(crate) fn code(fields: &[&str]) -> Result<String, Failure> {
    let [algorithm, digits, period, secret_text, time] = exactly(fields)?;
    let settings = settings(algorithm, digits, period)?;
    let secret = secret(secret_text)?;
    let step = settings.step_of_unix_seconds(number(time, "invalid_time")?);
    Ok(settings.code(&secret, step).as_str().to_owned())
}

/// ALGORITHM DIGITS PERIOD WINDOW SECRET LAST TIME ENTRY → the verdict.
pub(crate) fn check(fields: &[&str]) -> Result<String, Failure> {
    let [algorithm, digits, period, window, secret_text, last, time, entry] = exactly(fields)?;
    let settings = settings(algorithm, digits, period)?;
    let window = Window::new(number(window, "invalid_window")?).map_err(|error| Failure(error.as_str()))?;
    let secret = secret(secret_text)?;
    let last = match last {
        "-" => None,
        step => Some(TimeStep::new(number(step, "invalid_last")?)),
    };
    let now = settings.step_of_unix_seconds(number(time, "invalid_time")?);
    let check = TotpCheck::new(&secret, settings, now).with_window(window).with_last_accepted(last);
    Ok(match check.check(entry) {
        TotpVerdict::Right { step, drift } => format!("right\t{}\t{drift}", step.number()),
        TotpVerdict::AlreadyUsed => "used".to_owned(),
        TotpVerdict::Wrong => "wrong".to_owned(),
        TotpVerdict::Malformed => "malformed".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn answer(line: &str, by: fn(&[&str]) -> Result<String, Failure>) -> Result<String, &'static str> {
        let line = line.replace('S', SECRET).replace("#1", "SHA1");
        by(&line.split(' ').collect::<Vec<_>>()).map_err(|Failure(name)| name)
    }

    #[test]
    fn computes_codes_at_any_time() {
        for (line, expected) in [
            ("#1 8 30 S 59", Ok("94287082")),
            ("#1 8 30 S 20000000000", Ok("65353130")),
            ("#1 6 30 S 0", Ok("755224")),
            ("#1 6 30 S -1", Err("invalid_time")),
            ("#1 6 30 S 18446744073709551616", Err("invalid_time")),
            ("#1 6 30 S ", Err("invalid_time")),
            ("#1 6 30 S 1.5", Err("invalid_time")),
            ("#2 6 30 S 0", Err("invalid_algorithm")),
            ("#1 9 30 S 0", Err("invalid_digits")),
            ("#1 6 14 S 0", Err("invalid_period")),
            ("#1 6 -30 S 0", Err("invalid_period")),
            ("#1 6 30 A 0", Err("secret_length")),
            ("#1 6 30  0", Err("secret_too_short")),
            ("#1 6 30 S8 0", Err("secret_character")),
            ("#1 6 30 S", Err("field_count")),
            ("#1 6 30 S 0 0", Err("field_count")),
        ] {
            assert_eq!(answer(line, code).as_deref().map_err(|name| *name), expected, "{line}");
        }
        assert!(answer("#1 6 30 S 18446744073709551615", code).is_ok_and(|code| code.len() == 6));
    }

    #[test]
    fn checks_entries() {
        for (line, expected) in [
            ("#1 6 30 1 S - 59 287082", Ok("right\t1\t0")),
            ("#1 6 30 1 S - 60 287082", Ok("right\t1\t-1")),
            ("#1 6 30 1 S 0 29 287082", Ok("right\t1\t1")),
            ("#1 6 30 1 S 1 59 287082", Ok("used")),
            ("#1 6 30 0 S - 60 287082", Ok("wrong")),
            ("#1 6 30 10 S 18446744073709551615 18446744073709551615 287082", Ok("wrong")),
            ("#1 6 30 1 S - 59 28708", Ok("malformed")),
            ("#1 6 30 1 S - 59 ", Ok("malformed")),
            ("#1 6 30 11 S - 59 287082", Err("invalid_window")),
            ("#1 6 30 1 S x 59 287082", Err("invalid_last")),
            ("#1 6 30 1 S -1 59 287082", Err("invalid_last")),
            ("#1 6 30 1 S - -1 287082", Err("invalid_time")),
        ] {
            assert_eq!(answer(line, check).as_deref().map_err(|name| *name), expected, "{line}");
        }
    }
}
