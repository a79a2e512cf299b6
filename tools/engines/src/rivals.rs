//! Two processes that guess at one code, over one engine: a race between machines.
//!
//! The test starts its own program twice more, each time to run one ignored test of it, the rival. All of them wait for one
//! word, go off at once, and report what they were told.

use std::io::{self, BufRead, BufReader, Write};
use std::ops::Add;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, thread};

use countersign::limits::LimitError;
use countersign::{Channel, Error, Issued, Limits, PhoneNumber, Refusal, Verified};

/// A code has so many tries, and a record so many failures until it is closed: as many as there may be at all.
pub const CAP: usize = 100;

/// The guesses of each process come from so many threads.
const THREADS: usize = 16;

/// What a rival prints before and after.
const READY: &str = "rival: ready";
const REPORT: &str = "rival: ";

/// Limits under which as many guesses as possible are answered.
///
/// # Errors
///
/// None, for these are allowed.
pub fn limits() -> Result<Limits, LimitError> {
    Limits::default().with_tries_per_code(CAP as u8)?.with_failures_before_lock(CAP as u8)
}

/// Whose code it is.
///
/// # Errors
///
/// None, for it is a number.
pub fn number() -> Result<PhoneNumber, countersign::number::ParseError> {
    "+12025550162".parse()
}

/// How it is sent.
pub const CHANNEL: Channel = Channel::Sms;

/// What became of guesses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Right codes that passed.
    pub passed: usize,
    /// Wrong codes that were called wrong.
    pub wrong: usize,
    /// Guesses that learned nothing: no tries left, used, locked.
    pub nothing: usize,
    /// Calls that failed.
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

/// Starts this program once for each front, to run its ignored test `rival` there, and returns what all of them were
/// told. Each makes `guesses` guesses; every one of them is `entry`.
///
/// # Errors
///
/// If a process can't be started, or does not report.
pub fn race(url: &str, issued: &Issued, entry: &str, guesses: usize, fronts: &[&str]) -> io::Result<Tally> {
    let mut rivals: Vec<_> = fronts
        .iter()
        .map(|front| {
            Command::new(env::current_exe()?)
                .args(["--ignored", "--exact", "rival", "--nocapture"])
                .env("RIVAL_FRONT", front)
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
    rivals.iter_mut().zip(fronts).try_fold(Tally::default(), |sum, (rival, front)| {
        let report = rival.line(REPORT)?;
        rival.child.wait()?;
        let tally = parse(&report).ok_or_else(|| io::Error::other(format!("no report: {report}")))?;
        println!("{front} process: {tally:?}");
        Ok(sum + tally)
    })
}

struct Rival {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
}

impl Rival {
    fn new(mut child: Child) -> io::Result<Self> {
        let output = child.stdout.take().ok_or_else(|| io::Error::other("a rival has no output"))?;
        Ok(Self { child, lines: BufReader::new(output) })
    }

    fn input(&mut self) -> Box<dyn Write + '_> {
        match &mut self.child.stdin {
            Some(input) => Box::new(input),
            None => Box::new(io::sink()),
        }
    }

    /// The rest of the next line that begins so; the test's harness prints others.
    fn line(&mut self, start: &str) -> io::Result<String> {
        let mut line = String::new();
        while self.lines.read_line(&mut line)? > 0 {
            if let Some((_, rest)) = line.split_once(start) {
                return Ok(rest.trim_end().to_owned());
            }
            line.clear();
        }
        Err(io::Error::other(format!("a rival ended before it said '{start}'")))
    }
}

impl Drop for Rival {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a rival is to do.
#[derive(Clone, Debug)]
pub struct Task {
    /// `blocking` or `async`.
    pub front: String,
    /// The engine's address.
    pub url: String,
    /// The challenge.
    pub handle: countersign::Handle,
    /// The code to show.
    pub entry: String,
    guesses: usize,
}

impl Task {
    /// The task of this process; none where nobody started it as a rival.
    #[must_use]
    pub fn from_environment() -> Option<Self> {
        let variable = |name: &str| env::var(format!("RIVAL_{name}")).ok();
        Some(Self {
            front: variable("FRONT")?,
            url: variable("URL")?,
            handle: variable("HANDLE")?.parse().ok()?,
            entry: variable("ENTRY")?,
            guesses: variable("GUESSES")?.parse().ok()?,
        })
    }

    /// Waits for the word, guesses from many threads at once, and reports. Who gives up for the crowd tries again.
    ///
    /// # Errors
    ///
    /// If the word does not come.
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
