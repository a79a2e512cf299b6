//! A login by phone number, in a terminal: number, decision, passcode, proof.
//!
//! ```text
//! cargo run --example login
//! printf '+10000000000\n000000\n' | cargo run -q --example login -- --sandbox
//! ```
//!
//! Set `COUNTERSIGN_SECRET` (at least 16 bytes) to use your own secret, as a service would.

use core::error::Error;
use std::io::{self, BufRead, Write};
use std::process::ExitCode;

use countersign::number::Lenient;
use countersign::{
    Channel, Handle, Issued, Keys, MemoryStore, PhoneNumber, Policy, Refusal, Region, Timestamp, Verifier,
};
use once_cell::sync::OnceCell;

const HELP: &str = "\
Log in by phone number. The US and Canada are allowed by default.

Usage: login [OPTIONS]

Options:
      --allow <ALLOW>  Additional countries to allow, such as FR,DE
      --sandbox        Accept the test number +10000000000, whose code is always 000000
  -h, --help           Print help
";

#[derive(Default)]
struct Options {
    allow: Vec<Region>,
    sandbox: bool,
    help: bool,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let mut options = Self::default();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--allow" => {
                    options.allow(&arguments.next().ok_or("--allow: expected countries, such as FR,DE")?)?
                }
                "--sandbox" => options.sandbox = true,
                "-h" | "--help" => options.help = true,
                other => match other.strip_prefix("--allow=") {
                    Some(countries) => options.allow(countries)?,
                    None => return Err(format!("unknown option {other:?}").into()),
                },
            }
        }
        Ok(options)
    }

    fn allow(&mut self, countries: &str) -> Result<(), Box<dyn Error>> {
        for country in countries.split(',') {
            self.allow.push(country.parse().map_err(|error| format!("--allow {country}: {error}"))?);
        }
        Ok(())
    }
}

/// Returns the verifier of this process, created at its first use. A service also keeps one for the
/// life of its process.
fn verifier(options: &Options) -> Result<&'static Verifier<MemoryStore>, Box<dyn Error>> {
    static VERIFIER: OnceCell<Verifier<MemoryStore>> = OnceCell::new();
    VERIFIER.get_or_try_init(|| new_verifier(options))
}

fn new_verifier(options: &Options) -> Result<Verifier<MemoryStore>, Box<dyn Error>> {
    let secret = std::env::var("COUNTERSIGN_SECRET").unwrap_or_else(|_| "only for this example".into());
    let policy = Policy::default().allow(Channel::Sms, options.allow.iter().copied())?;
    Ok(Verifier::new(Keys::from_secret(secret)?, MemoryStore::new()).with_policy(policy))
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprint!("error: {error}\n\n{HELP}");
            return Ok(ExitCode::from(2));
        }
    };
    if options.help {
        print!("{HELP}");
    } else if options.sandbox {
        login(&new_verifier(&options)?.with_sandbox_for_tests())?;
    } else {
        login(verifier(&options)?)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn login(verifier: &Verifier<MemoryStore>) -> Result<(), Box<dyn Error>> {
    let mut input = io::stdin().lock().lines();

    let (number, issued) = loop {
        let Some(line) = ask(&mut input, "Your phone number, such as +1 202 555 0162: ")? else {
            return Ok(());
        };
        match start(verifier, &line) {
            Ok(started) => break started,
            Err(error) => println!("  No: {error}."),
        }
    };
    deliver(number, &issued);
    let handle = issued.handle();

    while let Some(entry) = ask(&mut input, "The code you received (or `resend`): ")? {
        if entry == "resend" {
            resend(verifier, number, handle);
            continue;
        }
        match verifier.check(number, handle, &entry) {
            Ok(verified) => {
                println!("  Verified: {} is yours.", verified.recipient());
                if verified.is_from_tests() {
                    println!("  (This is the test number, so it proves nothing.)");
                }
                return Ok(());
            }
            Err(error) => {
                println!("  No: {error}.");
                if matches!(error.refusal(), Some(Refusal::Locked { .. } | Refusal::Closed)) {
                    break;
                }
            }
        }
    }
    Err("not logged in".into())
}

fn start(verifier: &Verifier<MemoryStore>, line: &str) -> Result<(PhoneNumber, Issued), Box<dyn Error>> {
    let number = Lenient::new().parse(line)?;
    let issued = verifier.start(number, Channel::Sms)?;
    println!("  Allowed: {}.", number.region().map_or("no country", Region::name));
    Ok((number, issued))
}

fn resend(verifier: &Verifier<MemoryStore>, number: PhoneNumber, handle: Handle) {
    match verifier.resend(number, handle) {
        Ok(issued) => deliver(number, &issued),
        Err(error) => {
            let wait = error.retry_at().map(|at| at.since(Timestamp::now()).as_millis().div_ceil(1000));
            println!("  No: {error}.{}", wait.map(|s| format!(" That is in {s} s.")).unwrap_or_default());
        }
    }
}

/// Stands in for a gateway: this crate has no network.
fn deliver(number: PhoneNumber, issued: &Issued) {
    if issued.is_for_tests() {
        println!("  (The test number: nothing is sent.)");
        return;
    }
    let minutes = issued.expires_at().since(Timestamp::now()).as_secs().div_ceil(60);
    println!("  +--- SMS to {number}");
    println!("  | {} is your passcode. It is valid for {minutes} minutes.", issued.code().as_str());
    println!("  +---");
}

/// Returns the next line of input, trimmed, or `None` at the end of the input.
fn ask(input: &mut impl Iterator<Item = io::Result<String>>, question: &str) -> io::Result<Option<String>> {
    print!("{question}");
    io::stdout().flush()?;
    let line = input.next().transpose()?;
    if line.is_none() {
        println!();
    }
    Ok(line.map(|line| line.trim().to_owned()))
}
