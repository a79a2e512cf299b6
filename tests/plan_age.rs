//! How old the numbering plan is. The age is printed and fails nothing: a build must not break
//! because time passes.

use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use countersign::number::{METADATA_DATE, METADATA_VERSION};

#[test]
fn states_the_age_of_the_plan() {
    let released = UNIX_EPOCH + Duration::from_secs(86_400 * days_to(METADATA_DATE));
    let age = match SystemTime::now().duration_since(released) {
        Ok(age) => format!("{} days old", age.as_secs() / 86_400),
        Err(_) => "from the future, by this machine's clock".to_owned(),
    };
    // Directly to standard error, because the test harness hides what a passing test prints.
    let _ = writeln!(
        std::io::stderr(),
        "The numbering plan {METADATA_VERSION} of {METADATA_DATE} is {age}. To refresh it: \
         cargo run -p countersign-numbering -- refresh newest"
    );
}

#[test]
fn the_date_and_version_have_their_documented_forms() {
    let parts: Vec<&str> = METADATA_DATE.split('-').collect();
    assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [4, 2, 2], "{METADATA_DATE}");
    assert!(METADATA_DATE >= "2026-06-22", "{METADATA_DATE}");
    assert_eq!(METADATA_VERSION.split('.').filter(|part| part.parse::<u32>().is_ok()).count(), 3);
}

#[test]
fn days_are_counted_from_1970() {
    // The third is that of `date -u -d 2026-11-06 +%s`, in days.
    assert_eq!(["1970-01-01", "2000-03-01", "2026-11-06"].map(days_to), [0, 11_017, 20_763]);
}

/// Returns the days from 1970-01-01 to a date from then on.
fn days_to(date: &str) -> u64 {
    let parts: Vec<u64> = date.split('-').map(|part| part.parse().unwrap()).collect();
    let [year, month, day] = parts[..] else { panic!("{date}") };
    let is_leap =
        |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let february = if is_leap(year) { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let years: u64 = (1970..year).map(|year| if is_leap(year) { 366 } else { 365 }).sum();
    years + months[..month as usize - 1].iter().sum::<u64>() + day - 1
}
