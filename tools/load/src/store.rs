//! A verifier on Redis compared with plain Redis calls: the same commands and sizes, over the same
//! connection, in the same run.

mod calls;
mod logins;
mod raw;

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use countersign_engines::Redis;
use countersign_engines::TIMEOUT;
use countersign_redis::redis::aio::ConnectionManager;
use countersign_redis::{RedisStore, Timeouts};
use tokio::task::JoinSet;

use crate::outcome::Outcome;
use calls::Calls;
use logins::Logins;
use raw::Raw;

/// Options of `store`.
#[derive(Args)]
pub(crate) struct Options {
    /// Logins per round: a start and a check with the correct code, for a new phone number.
    #[arg(long, default_value_t = 4_000)]
    pairs: u64,
    /// Rounds of logins and of plain calls, which alternate so that other work on the machine
    /// affects both. The median round is reported.
    #[arg(long, default_value_t = 21)]
    rounds: u32,
    /// The numbers of concurrent logins, a row for each.
    #[arg(long, value_delimiter = ',', default_value = "1,16,64,256")]
    at_once: Vec<u64>,
    /// A short run of a few seconds, to check that everything works.
    #[arg(long)]
    quick: bool,
    /// The lowest acceptable share of the plain calls' speed, in per cent. The program fails below
    /// it.
    #[arg(long, default_value_t = 70)]
    least: u32,
}

/// Settings without persistence, and settings that lose no acknowledged writes.
const SETTINGS: [(&str, &[&str]); 2] =
    [("no log", &[]), ("appendfsync always", &["--appendonly", "yes", "--appendfsync", "always"])];

/// Runs the measurements. Returns whether every row reached the lowest acceptable share.
pub(crate) async fn run(options: &Options) -> Outcome<bool> {
    let (pairs, rounds) = if options.quick { (1_000, 5) } else { (options.pairs, options.rounds) };
    println!(
        "{:<19} {:>7} {:>9} {:>9} {:>10} {:>10} {:>7} {:>12}  {:<20}",
        "Redis",
        "at once",
        "logins/s",
        "calls/s",
        "bare/s",
        "us/login",
        "share",
        "middle half",
        "calls a login"
    );
    let mut good = true;
    for (name, settings) in SETTINGS {
        let redis = Redis::start_with(settings)?;
        for &at_once in &options.at_once {
            // Single logins are slow, so fewer of them are enough.
            let pairs = if at_once == 1 { pairs / 5 } else { pairs };
            let row = measure(&redis, pairs, rounds, at_once).await?;
            println!("{}", row.line(name, at_once));
            good &= row.share() * 100.0 >= f64::from(options.least);
        }
    }
    let verdict = if good { "passed" } else { "FAILED" };
    println!("store: {verdict}, the threshold is {} % of the bare calls", options.least);
    Ok(good)
}

/// The results of several rounds.
struct Row {
    /// The seconds of each round.
    logins: Vec<f64>,
    bare: Vec<f64>,
    calls: Calls,
    pairs: u64,
}

async fn measure(redis: &Redis, pairs: u64, rounds: u32, at_once: u64) -> Outcome<Row> {
    redis.ask("FLUSHALL")?;
    let store = RedisStore::connect(redis.url(), Timeouts::new(TIMEOUT, TIMEOUT)).await?;
    let connection = store.connection().clone();
    let logins = Arc::new(Logins::over(store)?);
    let raw = Arc::new(Raw::like(&logins, connection.clone()).await?);
    let progress = countersign_progress::bar(2 * u64::from(rounds + 1), "rounds");
    let mut row = Row { logins: Vec::new(), bare: Vec::new(), calls: Calls::default(), pairs };
    // The first round is a warm-up and is discarded.
    for round in 0..=rounds {
        let first = u64::from(round) * pairs;
        let (took, asked) = counted(&connection, all(&logins, first..first + pairs, at_once)).await?;
        progress.inc(1);
        let (took_bare, asked_bare) = counted(&connection, all(&raw, first..first + pairs, at_once)).await?;
        progress.inc(1);
        if asked != asked_bare {
            return Err(format!("{pairs} logins made {asked}, but the bare calls were {asked_bare}").into());
        }
        if round > 0 {
            row.logins.push(took.as_secs_f64());
            row.bare.push(took_bare.as_secs_f64());
            row.calls = asked;
        }
    }
    progress.finish_and_clear();
    Ok(row)
}

/// Work that is repeated, each time with another phone number.
trait Work: Send + Sync + 'static {
    fn one(&self, number: u64) -> impl Future<Output = Outcome<()>> + Send;
}

impl Work for Logins {
    fn one(&self, number: u64) -> impl Future<Output = Outcome<()>> + Send {
        self.login(number)
    }
}

impl Work for Raw {
    fn one(&self, number: u64) -> impl Future<Output = Outcome<()>> + Send {
        self.calls(number)
    }
}

/// Runs `work`. Returns how long it took and which calls Redis counted meanwhile.
async fn counted(
    connection: &ConnectionManager,
    work: impl Future<Output = Outcome<Duration>>,
) -> Outcome<(Duration, Calls)> {
    let before = Calls::so_far(connection.clone()).await?;
    let took = work.await?;
    Ok((took, Calls::so_far(connection.clone()).await? - before))
}

/// Runs `work` once per number, with `at_once` workers. Returns the total time.
async fn all(work: &Arc<impl Work>, numbers: Range<u64>, at_once: u64) -> Outcome<Duration> {
    let (next, end) = (Arc::new(AtomicU64::new(numbers.start)), numbers.end);
    let mut workers: JoinSet<Outcome<()>> = JoinSet::new();
    let begun = Instant::now();
    for _ in 0..at_once {
        let (next, work) = (Arc::clone(&next), Arc::clone(work));
        workers.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= end {
                    return Ok(());
                }
                work.one(number).await?;
            }
        });
    }
    while let Some(worker) = workers.join_next().await {
        worker??;
    }
    Ok(begun.elapsed())
}

impl Row {
    /// Returns the speed of logins relative to the bare calls.
    fn share(&self) -> f64 {
        at(&self.bare, 0.5) / at(&self.logins, 0.5)
    }

    fn line(&self, settings: &str, at_once: u64) -> String {
        let per_second = |took: &[f64]| self.pairs as f64 / at(took, 0.5);
        let calls = self.calls.all() as f64 / self.pairs as f64;
        let of_rounds: Vec<_> =
            self.logins.iter().zip(&self.bare).map(|(login, bare)| bare / login).collect();
        format!(
            "{settings:<19} {at_once:>7} {:>9.0} {:>9.0} {:>10.0} {:>10.1} {:>6.1}% {:>12}  {}",
            per_second(&self.logins),
            calls * per_second(&self.logins),
            calls * per_second(&self.bare),
            1e6 * at_once as f64 / per_second(&self.logins),
            100.0 * self.share(),
            format!("{:.0}-{:.0}%", 100.0 * at(&of_rounds, 0.25), 100.0 * at(&of_rounds, 0.75)),
            self.calls.a_login(self.pairs),
        )
    }
}

/// Returns a quantile.
fn at(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * part).round() as usize).copied().unwrap_or(f64::NAN)
}
