//! Two processes that guess the same code through one engine.
//!
//! The test runs its own executable twice more, each time for a single ignored test named `rival`.
//! Both processes wait for a signal to start, guess concurrently, and report their results.

use std::io::{self, BufRead, BufReader, Write};
use std::ops::Add;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, thread};

use countersign::limits::LimitError;
use countersign::{Channel, Error, Issued, Limits, PhoneNumber, Refusal, Verified};

/// The number of attempts per code and of failures before a lock: the highest that the limits
/// allow.
pub const CAP: usize = 100;

/// The number of guessing threads per process.
const THREADS: usize = 16;

/// The lines that a rival prints before and after guessing.
const READY: &str = "rival: ready";
const REPORT: &str = "rival: ";

/// Returns limits that allow as many attempts as possible.
///
/// # Errors
///
/// None: these limits are valid.
pub fn limits() -> Result<Limits, LimitError> {
    Limits::default().with_tries_per_code(CAP as u8)?.with_failures_before_lock(CAP as u8)
}

/// Returns the phone number that the code is for.
///
/// # Errors
///
/// None: the phone number is valid.
pub fn number() -> Result<PhoneNumber, countersign::number::ParseError> {
    "+12025550162".parse()
}

/// The channel of the code.
pub const CHANNEL: Channel = Channel::Sms;

/// The outcomes of guesses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Correct codes that were accepted.
    pub passed: usize,
    /// Codes that were rejected as wrong.
    pub wrong: usize,
    /// Guesses without a verdict: no attempts left, code already used, or locked.
    pub nothing: usize,
    /// Calls that failed with an error.
    pub failed: usize,
}

impl Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            wrong: self.wrong + other.wrong,
            nothing: self.nothing + other.nothing,
            failed: self.failed + other.failed,
        }
    }
}

/// Runs this executable's ignored test `rival` once per mode, and returns the sum of the results.
/// Each process makes `guesses` guesses of `entry`.
///
/// # Errors
///
/// If a process can't be started or does not report.
pub fn race(url: &str, issued: &Issued, entry: &str, guesses: usize, modes: &[&str]) -> io::Result<Tally> {
    let mut rivals: Vec<_> = modes
        .iter()
        .map(|mode| {
            Command::new(env::current_exe()?)
                .args(["--ignored", "--exact", "rival", "--nocapture"])
                .env("RIVAL_MODE", mode)
                .env("RIVAL_URL", url)
                .env("RIVAL_HANDLE", issued.handle().to_string())
                .env("RIVAL_ENTRY", entry)
                .env("RIVAL_GUESSES", guesses.to_string())
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .map(Rival::new)?
        })
        .collect::<io::Result<_>>()?;
    rivals.iter_mut().try_for_each(|rival| rival.line(READY).map(drop))?;
    rivals.iter_mut().try_for_each(|rival| writeln!(rival.input(), "go"))?;
    rivals.iter_mut().zip(modes).try_fold(Tally::default(), |sum, (rival, mode)| {
        let report = rival.line(REPORT)?;
        rival.child.wait()?;
        let tally = parse(&report).ok_or_else(|| io::Error::other(format!("malformed report: {report}")))?;
        println!("{mode} process: {tally:?}");
        Ok(sum + tally)
    })
}

struct Rival {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
}

impl Rival {
    fn new(mut child: Child) -> io::Result<Self> {
        let output = child
            .stdout
            .take()
            .ok_or_else(|| io::Error::other("the output of a rival process is not piped"))?;
        Ok(Self { child, lines: BufReader::new(output) })
    }

    fn input(&mut self) -> Box<dyn Write + '_> {
        match &mut self.child.stdin {
            Some(input) => Box::new(input),
            None => Box::new(io::sink()),
        }
    }

    /// Reads lines up to the next one that contains `start`, and returns the rest of that line. The
    /// test harness prints other lines.
    fn line(&mut self, start: &str) -> io::Result<String> {
        let mut line = String::new();
        while self.lines.read_line(&mut line)? > 0 {
            if let Some((_, rest)) = line.split_once(start) {
                return Ok(rest.trim_end().to_owned());
            }
            line.clear();
        }
        Err(io::Error::other(format!("a rival process exited before it printed '{start}'")))
    }
}

impl Drop for Rival {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The task of a rival process.
#[derive(Clone, Debug)]
pub struct Task {
    /// The store to use: `blocking` or `async`.
    pub mode: String,
    /// The engine's address.
    pub url: String,
    /// The challenge's handle.
    pub handle: countersign::Handle,
    /// The code to enter.
    pub entry: String,
    guesses: usize,
}

impl Task {
    /// Reads the task from the environment. Returns `None` if this process was not started as a
    /// rival.
    #[must_use]
    pub fn from_environment() -> Option<Self> {
        let variable = |name: &str| env::var(format!("RIVAL_{name}")).ok();
        Some(Self {
            mode: variable("MODE")?,
            url: variable("URL")?,
            handle: variable("HANDLE")?.parse().ok()?,
            entry: variable("ENTRY")?,
            guesses: variable("GUESSES")?.parse().ok()?,
        })
    }

    /// Waits for the signal to start, guesses from several threads, and prints a report. Calls that
    /// fail because of contention are repeated.
    ///
    /// # Errors
    ///
    /// If the signal to start does not arrive.
    pub fn run(&self, check: impl Fn(&Self) -> Result<Verified, Error> + Sync) -> io::Result<()> {
        println!("\n{READY}");
        io::stdin().read_line(&mut String::new())?;
        let left = AtomicUsize::new(self.guesses);
        let take =
            || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
        let tally = thread::scope(|scope| {
            let guess = || {
                let mut tally = Tally::default();
                while take() {
                    count(&mut tally, &decided(|| check(self)));
                }
                tally
            };
            let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(guess)).collect();
            threads.into_iter().filter_map(|thread| thread.join().ok()).fold(Tally::default(), Add::add)
        });
        let Tally { passed, wrong, nothing, failed } = tally;
        println!("\n{REPORT}{passed} {wrong} {nothing} {failed}");
        Ok(())
    }
}

fn decided(call: impl Fn() -> Result<Verified, Error>) -> Result<Verified, Error> {
    loop {
        match call() {
            Err(Error::Contended) => thread::yield_now(),
            result => return result,
        }
    }
}

fn count(tally: &mut Tally, result: &Result<Verified, Error>) {
    match result {
        Ok(_) => tally.passed += 1,
        Err(Error::Refused(Refusal::WrongCode { .. })) => tally.wrong += 1,
        Err(Error::Refused(_)) => tally.nothing += 1,
        Err(error) => {
            eprintln!("rival: {error}: {:?}", std::error::Error::source(error));
            tally.failed += 1;
        }
    }
}

fn parse(report: &str) -> Option<Tally> {
    let mut numbers = report.split(' ').map(|number| number.parse().ok());
    let mut next = || numbers.next().flatten();
    Some(Tally { passed: next()?, wrong: next()?, nothing: next()?, failed: next()? })
}
