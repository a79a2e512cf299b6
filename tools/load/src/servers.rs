//! Logins over HTTP, with servers as separate processes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use countersign_engines::{Postgres, Redis};
use hdrhistogram::Histogram;
use tokio::task::JoinSet;

use crate::api::{Answer, Api};
use crate::outcome::Outcome;
use crate::program::{Server, Which};

/// Options of `servers`.
#[derive(Args)]
pub(crate) struct Options {
    /// Seconds per row.
    #[arg(long, default_value_t = 15)]
    seconds: u64,
    /// The numbers of concurrent clients, a row for each. Every client keeps its connection.
    #[arg(long, value_delimiter = ',', default_value = "1,32")]
    connections: Vec<u64>,
    /// A short run of a few seconds, to check that everything works.
    #[arg(long)]
    quick: bool,
    /// Only run engines whose names contain this text.
    #[arg(long, default_value = "")]
    only: String,
    #[command(flatten)]
    which: Which,
}

/// The number of users, who take turns. They are created before the measurement, and each has few
/// messages in the outbox.
const USERS: u64 = 10_000;

/// Runs the measurements. Returns whether every request succeeded.
pub(crate) async fn run(options: &Options) -> Outcome<bool> {
    let plan = if options.quick {
        Plan { time: Duration::from_secs(1), users: 200 }
    } else {
        Plan { time: Duration::from_secs(options.seconds), users: USERS }
    };
    println!(
        "{:<23} {:>7} {:>11} {:>9} {:>8} {:>8} {:>8} {:>8} {:>7}",
        "engine", "servers", "connections", "logins/s", "send p50", "p99", "auth p50", "p99", "errors"
    );
    let mut good = true;
    for (name, engine, servers) in ROWS.iter().filter(|(name, ..)| name.contains(&options.only)) {
        let running = engine.start(&options.which, *servers)?;
        let bases: Arc<[String]> = running.servers.iter().map(|server| server.base().to_owned()).collect();
        let users = Arc::new(Users::create(plan.users, &bases).await?);
        for &connections in &options.connections {
            let row = measure(&users, &bases, connections, plan.time, name).await?;
            good &= row.errors == 0;
            println!("{name:<23} {servers:>7} {connections:>11} {}", row.line());
        }
    }
    println!("servers: {}", if good { "passed, every request was answered with 200" } else { "FAILED" });
    Ok(good)
}

const ROWS: &[(&str, Engine, usize)] = &[
    ("memory", Engine::Memory, 1),
    ("Redis, no log", Engine::Redis(&[]), 1),
    ("Redis, no log", Engine::Redis(&[]), 2),
    ("Redis, fsync always", Engine::Redis(DURABLE), 1),
    ("Redis, fsync always", Engine::Redis(DURABLE), 2),
    ("PostgreSQL", Engine::Postgres, 1),
    ("PostgreSQL", Engine::Postgres, 2),
];

struct Plan {
    time: Duration,
    users: u64,
}

/// Options with which Redis loses no acknowledged writes.
const DURABLE: &[&str] = &["--appendonly", "yes", "--appendfsync", "always"];

#[derive(Clone, Copy)]
enum Engine {
    Memory,
    Redis(&'static [&'static str]),
    Postgres,
}

/// Running servers and the engine that they share.
struct Running {
    servers: Vec<Server>,
    _redis: Option<Redis>,
    _postgres: Option<Postgres>,
}

impl Engine {
    fn start(self, which: &Which, servers: usize) -> Outcome<Running> {
        let (mut redis, mut postgres) = (None, None);
        let options = match self {
            Self::Memory => Vec::new(),
            Self::Redis(settings) => {
                let url = redis.insert(Redis::start_with(settings)?).url();
                vec!["--redis".to_owned(), url]
            }
            Self::Postgres => vec!["--postgres".to_owned(), postgres.insert(Postgres::start()?).url()],
        };
        // A slow engine should show as slow in the table, not as an error.
        let options: Vec<_> = options.iter().map(String::as_str).chain(["--engine-wait", "15"]).collect();
        let servers = (0..servers).map(|_| which.start(&options)).collect::<Outcome<_>>()?;
        Ok(Running { servers, _redis: redis, _postgres: postgres })
    }
}

/// Existing users, by phone number and `phone_id`.
struct Users {
    api: Api,
    known: Vec<(String, String)>,
    next: AtomicU64,
}

impl Users {
    async fn create(users: u64, bases: &Arc<[String]>) -> Outcome<Self> {
        let api = Api::new()?;
        let progress = countersign_progress::bar(users, "users");
        let mut known = Vec::new();
        for first in (0..users).step_by(16) {
            let mut creating = JoinSet::new();
            for person in first..users.min(first + 16) {
                let (api, base) = (api.clone(), bases[0].clone());
                creating.spawn(async move {
                    let number = format!("+1212{}", 2_000_000 + person);
                    let id = api.login_or_create(&base, &number).await.field("phone_id");
                    id.map(|id| (number, id)).ok_or("a server did not create a user")
                });
            }
            while let Some(created) = creating.join_next().await {
                known.push(created??);
                progress.inc(1);
            }
        }
        progress.finish_and_clear();
        Ok(Self { api, known, next: AtomicU64::new(0) })
    }

    fn next(&self) -> (usize, &(String, String)) {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) as usize;
        (turn, &self.known[turn % self.known.len()])
    }
}

struct Row {
    logins: u64,
    errors: u64,
    took: Duration,
    send: Histogram<u64>,
    authenticate: Histogram<u64>,
}

impl Row {
    fn new() -> Outcome<Self> {
        let micros = || Histogram::new(3);
        Ok(Self { logins: 0, errors: 0, took: Duration::ZERO, send: micros()?, authenticate: micros()? })
    }

    fn line(&self) -> String {
        let millis = |of: &Histogram<u64>, part| format!("{:.2}", of.value_at_quantile(part) as f64 / 1000.0);
        format!(
            "{:>9.0} {:>8} {:>8} {:>8} {:>8} {:>7}",
            self.logins as f64 / self.took.as_secs_f64(),
            millis(&self.send, 0.5),
            millis(&self.send, 0.99),
            millis(&self.authenticate, 0.5),
            millis(&self.authenticate, 0.99),
            self.errors,
        )
    }
}

/// Measures repeated logins: a send at one server, then a check at the next. Reading the code from
/// the outbox is not timed.
async fn measure(
    users: &Arc<Users>,
    bases: &Arc<[String]>,
    connections: u64,
    time: Duration,
    name: &'static str,
) -> Outcome<Row> {
    let progress = countersign_progress::bar(time.as_secs(), name);
    let begun = Instant::now();
    // Counting starts once connections are open and caches are warm.
    let (count_from, end) = (begun + time / 5, begun + time + time / 5);
    let mut workers: JoinSet<Outcome<Row>> = JoinSet::new();
    for _ in 0..connections {
        let (users, bases) = (Arc::clone(users), Arc::clone(bases));
        workers.spawn(async move {
            let mut row = Row::new()?;
            while Instant::now() < end {
                let (turn, (number, id)) = users.next();
                let (here, there) = (&bases[turn % bases.len()], &bases[(turn + 1) % bases.len()]);
                let (sent, send_took) = timed(users.api.send(here, number)).await;
                let code = users.api.code(there, number).await.ok().flatten().unwrap_or_default();
                let (passed, auth_took) = timed(users.api.authenticate(there, id, &code)).await;
                if Instant::now() < count_from {
                    continue;
                }
                row.logins += 1;
                row.errors += u64::from(!sent.is_done()) + u64::from(!passed.is_done());
                row.send.record(send_took)?;
                row.authenticate.record(auth_took)?;
            }
            Ok(row)
        });
    }
    let mut all = Row::new()?;
    while let Some(row) = workers.join_next().await {
        let row = row??;
        all.logins += row.logins;
        all.errors += row.errors;
        all.send.add(row.send)?;
        all.authenticate.add(row.authenticate)?;
    }
    progress.finish_and_clear();
    all.took = count_from.elapsed();
    Ok(all)
}

/// Returns the answer and the time that it took, in microseconds.
async fn timed(request: impl Future<Output = Answer>) -> (Answer, u64) {
    let begun = Instant::now();
    let answer = request.await;
    (answer, begun.elapsed().as_micros() as u64)
}
