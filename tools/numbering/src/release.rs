//! A release of libphonenumber: its version and its date.

use core::{fmt, str::FromStr};

/// A release of libphonenumber's metadata.
///
/// Displays as `9.0.43 (2026-11-06)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The version, such as `9.0.43`.
    pub version: Version,
    /// The day, such as `2026-11-06`: that on which `phonenumbers` of this version was uploaded to
    /// PyPI (UTC), or which the caller gives for a file.
    pub date: Date,
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.version, self.date)
    }
}

/// A version of the form `9.0.43`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(String);

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if text.split('.').count() == 3 && text.split('.').all(is_number) {
            return Ok(Self(text.to_owned()));
        }
        Err(format!("version {text:?} is not of the form 9.0.43; take it from the release"))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A day of the form `2026-11-06`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Date(String);

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits_and_hyphens = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !digits_and_hyphens {
            return Err(format!("date {text:?} is not of the form 2026-11-06; take it from the release"));
        }
        let part = |place| text.get(place).and_then(|part: &str| part.parse().ok()).unwrap_or_default();
        if !(1..=days_in(part(0..4), part(5..7))).contains(&part(8..10)) {
            return Err(format!("date {text:?} is no day of the calendar; take it from the release"));
        }
        Ok(Self(text.to_owned()))
    }
}

/// Returns the number of days in a month of the Gregorian calendar, and 0 if there is no such month.
const fn days_in(year: u16, month: u16) -> u16 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Date, Version};

    #[test]
    fn accepts_versions_of_three_numbers() {
        assert_eq!("9.0.43".parse::<Version>().unwrap().to_string(), "9.0.43");
        for text in ["", "9", "v9.0.34", "9.0.34-rc", "9..1", "9.0.1.2", " 9.0.1"] {
            let problem = text.parse::<Version>().unwrap_err();
            assert_eq!(
                problem,
                format!("version {text:?} is not of the form 9.0.43; take it from the release")
            );
        }
    }

    #[test]
    fn accepts_days() {
        for text in ["2026-11-06", "2026-02-28", "2026-12-31", "2028-02-29", "2000-02-29"] {
            assert_eq!(text.parse::<Date>().unwrap().to_string(), text);
        }
        for text in ["", "2026-11-6", "06.11.2026", "2026-11-06Z"] {
            let problem = text.parse::<Date>().unwrap_err();
            assert_eq!(
                problem,
                format!("date {text:?} is not of the form 2026-11-06; take it from the release")
            );
        }
    }

    /// The build checks `data/metadata_date.txt` against the calendar, too.
    #[test]
    fn rejects_days_that_no_month_has() {
        for text in [
            "2026-13-01",
            "2026-00-01",
            "2026-01-00",
            "2026-01-32",
            "2026-02-29",
            "2026-02-31",
            "2100-02-29",
            "2026-11-31",
        ] {
            let problem = text.parse::<Date>().unwrap_err();
            assert_eq!(problem, format!("date {text:?} is no day of the calendar; take it from the release"));
        }
    }
}
