//! All codes of a format are equally likely, and every byte of the generator has the same weight:
//! rejection, not remainder. This is the short form; `tools/evidence` examines a hundred million
//! codes.

use std::collections::BTreeMap;
use std::convert::Infallible;

use countersign::otp::{CodeFormat, Context, Drawn, Record, Step, Terms};
use countersign::store::{RecordKey, Swap};
use countersign::{Channel, Keys, Limits, MemoryStore, PhoneNumber, Timestamp, Verifier};
use countersign_tests::rng::Seeded;
use rand_core::{TryCryptoRng, TryRng};

const DIGITS: &str = "0123456789";
const LETTERS: &str = "23456789ABCDEFGHJKMNPQRSTVWXYZ";
const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

/// The generator is seeded, so the result is the same in each run. By chance, the bounds would be
/// exceeded once in 500,000 runs: chi-square with 9, 29 and 999,999 degrees of freedom.
#[test]
fn code_frequencies_pass_a_chi_square_test() {
    let mut rng = Seeded(2026);
    let mut whole = vec![0_u64; 1_000_000];
    let mut places = [[0_u64; 10]; 6];
    issue(CodeFormat::DEFAULT, 400_000, &mut rng, |code| {
        whole[code.parse::<usize>().unwrap()] += 1;
        code.bytes().zip(&mut places).for_each(|(c, place)| place[usize::from(c - b'0')] += 1);
    });
    assert_within(&whole, 993_000.0, 1_007_000.0);
    places.iter().for_each(|place| assert_within(place, 0.2, 45.1));

    let mut places = [[0_u64; 30]; 8];
    issue(CodeFormat::alphanumeric(8).unwrap(), 100_000, &mut rng, |code| {
        code.chars().zip(&mut places).for_each(|(c, place)| place[LETTERS.find(c).unwrap()] += 1);
    });
    places.iter().for_each(|place| assert_within(place, 5.0, 78.0));
}

#[track_caller]
fn assert_within(counts: &[u64], least: f64, most: f64) {
    let expected = counts.iter().sum::<u64>() as f64 / counts.len() as f64;
    let chi_square: f64 = counts.iter().map(|&count| (count as f64 - expected).powi(2) / expected).sum();
    assert!((least..most).contains(&chi_square), "chi-square {chi_square} of {} counts", counts.len());
}

/// Issues codes, each for a new challenge of the state machine.
fn issue(format: CodeFormat, codes: u32, rng: &mut Seeded, mut see: impl FnMut(&str)) {
    let (key, keys) = (RecordKey::from_bytes([3; 16]), Keys::from_secret([7; 32]).unwrap());
    let context = Context::new(&key, &keys, NOW, 1).with_limits(&Limits::DEFAULT);
    let terms = Terms::new(Channel::Sms).with_format(format);
    for _ in 0..codes {
        match Record::fresh().start(&context, &terms, &Drawn::new(rng).unwrap()).unwrap() {
            Step::Write { withheld, .. } => {
                see(withheld.confirm(Swap::Applied).unwrap().unwrap().code.as_str())
            }
            Step::Answer(_) => panic!("a fresh record refused a start"),
        }
    }
}

/// A generator with given bytes: those of operation and handle, then `bytes`, then others that are
/// in range of every alphabet.
struct Written<'a> {
    bytes: &'a [u8],
}

impl TryRng for Written<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(1)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(1)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        const BEFORE: usize = 8 + 16;
        bytes.iter_mut().zip((1..=9).cycle()).for_each(|(byte, other)| *byte = other);
        // A check draws fewer bytes, and no code.
        if let Some(of_code) = bytes.get_mut(BEFORE..BEFORE + self.bytes.len()) {
            of_code.copy_from_slice(self.bytes);
        }
        Ok(())
    }
}

impl TryCryptoRng for Written<'_> {}

fn code_from(bytes: &[u8], format: CodeFormat) -> String {
    let verifier = Verifier::new(Keys::from_secret([7; 32]).unwrap(), MemoryStore::new());
    let number: PhoneNumber = "+12025550162".parse().unwrap();
    let challenge = countersign::Challenge::new(number).with_format(format);
    let mut rng = Written { bytes };
    let issued = verifier.at(NOW, &mut rng).start(&challenge, Channel::Sms).unwrap();
    let code = issued.code().as_str().to_owned();
    assert!(verifier.at(NOW, &mut rng).check(number, issued.handle(), &code).is_ok());
    code
}

#[test]
fn first_and_last_code_are_issued_and_accepted() {
    let letters = CodeFormat::alphanumeric(8).unwrap();
    assert_eq!(code_from(&[0; 6], CodeFormat::DEFAULT), "000000");
    assert_eq!(code_from(&[9; 6], CodeFormat::DEFAULT), "999999");
    assert_eq!(code_from(&[0; 8], letters), "22222222");
    assert_eq!(code_from(&[29; 8], letters), "ZZZZZZZZ");
}

/// All 256 bytes at each position of a code: each character results from the same number of bytes,
/// and the rest are rejected. A remainder would make the first characters likelier.
#[test]
fn each_character_has_the_same_number_of_bytes_at_each_position() {
    for (format, alphabet, bytes_each) in
        [(CodeFormat::DEFAULT, DIGITS, 25), (CodeFormat::alphanumeric(8).unwrap(), LETTERS, 8)]
    {
        let known: Vec<u8> = (1..=9).collect();
        for place in 0..format.length() {
            let mut times = BTreeMap::new();
            for byte in 0..=255 {
                // If the byte is rejected, the next one decides.
                let [one, other] = [1, 2].map(|next| {
                    let code = code_from(&[&known[..place], &[byte, next], &known].concat(), format);
                    code.as_bytes()[place]
                });
                *times.entry((one == other).then_some(one)).or_insert(0) += 1;
            }
            let rejected = times.remove(&None).unwrap();
            assert_eq!(times.len(), alphabet.len());
            assert!(times.values().all(|&count| count == bytes_each), "place {place}: {times:?}");
            assert_eq!(rejected, 256 - bytes_each * alphabet.len());
        }
    }
}
