//! The tables of RFC 4226 and RFC 6238.

use countersign::totp::{Algorithm, TimeStep, TotpCheck, TotpSecret, TotpSettings, TotpVerdict, Window};
use countersign_tests::totp;

const DIGITS: &[u8; 20] = b"12345678901234567890";

fn rows(table: &str) -> Vec<Vec<String>> {
    let mut table = csv::Reader::from_reader(table.as_bytes());
    table.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn rfc4226_appendix_d() {
    let secret = TotpSecret::from_bytes(DIGITS).unwrap();
    let rows = rows(include_str!("../data/rfc4226_appendix_d.csv"));
    assert_eq!(rows.len(), 10);
    for row in rows {
        let (step, truncated) = (row[0].parse().unwrap(), format!("{:0>8}", row[1]));
        for digits in 6..=8 {
            let settings = TotpSettings::DEFAULT.with_digits(digits).unwrap();
            let code = settings.code(&secret, TimeStep::new(step));
            assert_eq!(code.as_str(), &truncated[truncated.len() - digits as usize..]);
            assert_eq!(code.as_str(), totp::code(Algorithm::Sha1, digits as usize, DIGITS, step));
        }
        assert_eq!(TotpSettings::DEFAULT.code(&secret, TimeStep::new(step)).as_str(), row[2]);
    }
}

#[test]
fn rfc6238_appendix_b() {
    let rows = rows(include_str!("../data/rfc6238_appendix_b.csv"));
    assert_eq!(rows.len(), 18);
    for row in rows {
        let algorithm: Algorithm = row[1].parse().unwrap();
        let bytes: Vec<u8> = DIGITS.iter().copied().cycle().take(algorithm.output_length()).collect();
        let secret = TotpSecret::from_bytes(&bytes).unwrap();
        let settings = TotpSettings::DEFAULT.with_algorithm(algorithm).with_digits(8).unwrap();
        let step = settings.step_of_unix_seconds(row[0].parse().unwrap());
        assert_eq!(settings.code(&secret, step).as_str(), row[2]);
        let check = TotpCheck::new(&secret, settings, step).with_window(Window::new(0).unwrap());
        assert_eq!(check.check(&row[2]), TotpVerdict::Right { step, drift: 0 });
    }
}
