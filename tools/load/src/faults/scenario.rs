//! What is started, and what is done to it.

use std::sync::Arc;
use std::time::Duration;

use countersign::testing::Engine;
use countersign_engines::{Postgres, Redis};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::outcome::Outcome;
use crate::program::{Server, Which};

/// A fault.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    keeper: Keeper,
    pub(crate) trouble: Trouble,
    /// The engine forgets what it acknowledged: promises are broken then, and if none is seen to be, this program can't see.
    pub(crate) forgets: bool,
}

#[derive(Clone, Copy)]
enum Keeper {
    Redis(&'static [&'static str]),
    Postgres,
}

/// What is done.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The engine is killed (SIGKILL), and started again.
    Kill,
    /// The same, after it has written a snapshot a while before.
    KillAfterSnapshot,
    /// The engine goes on holding its connections, and answers nothing (SIGSTOP, SIGCONT).
    Pause,
    /// One of the servers is killed, and started again.
    KillServer,
}

const DURABLE: Keeper = Keeper::Redis(&["--appendonly", "yes", "--appendfsync", "always"]);

/// What Redis does unless it is told otherwise: snapshots, and no log.
const DEFAULT: Keeper = Keeper::Redis(&["--save", "3600 1 300 100 60 10000"]);

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "Redis (appendfsync always) killed",
        keeper: DURABLE,
        trouble: Trouble::Kill,
        forgets: false,
    },
    Scenario {
        name: "Redis (appendfsync always) paused",
        keeper: DURABLE,
        trouble: Trouble::Pause,
        forgets: false,
    },
    Scenario { name: "PostgreSQL killed", keeper: Keeper::Postgres, trouble: Trouble::Kill, forgets: false },
    Scenario { name: "PostgreSQL paused", keeper: Keeper::Postgres, trouble: Trouble::Pause, forgets: false },
    Scenario {
        name: "one of two servers on Redis killed",
        keeper: DURABLE,
        trouble: Trouble::KillServer,
        forgets: false,
    },
    Scenario {
        name: "one of two servers on PostgreSQL killed",
        keeper: Keeper::Postgres,
        trouble: Trouble::KillServer,
        forgets: false,
    },
    Scenario {
        name: "control: Redis (default settings) killed",
        keeper: DEFAULT,
        trouble: Trouble::KillAfterSnapshot,
        forgets: true,
    },
];

impl Scenario {
    /// Only then is there nobody to answer.
    pub(crate) fn kills_a_server(&self) -> bool {
        self.trouble == Trouble::KillServer
    }
}

/// Two servers on one engine.
pub(crate) struct Held {
    engine: Arc<Kept>,
    servers: Arc<[Server]>,
}

enum Kept {
    Redis(Redis),
    Postgres(Postgres),
}

impl Held {
    pub(crate) fn start(scenario: &Scenario, which: &Which) -> Outcome<Self> {
        let (engine, option, url) = match scenario.keeper {
            Keeper::Redis(settings) => {
                let redis = Redis::start_with(settings)?;
                let url = redis.url();
                (Kept::Redis(redis), "--redis", url)
            }
            Keeper::Postgres => {
                let postgres = Postgres::start()?;
                let url = postgres.url();
                (Kept::Postgres(postgres), "--postgres", url)
            }
        };
        // With the limits of production, for they are what must not be refilled.
        let servers = (0..2).map(|_| which.start(&["--strict-limits", option, &url]));
        Ok(Self { engine: Arc::new(engine), servers: servers.collect::<Outcome<Vec<_>>>()?.into() })
    }

    pub(crate) fn bases(&self) -> Arc<[String]> {
        self.servers.iter().map(|server| server.base().to_owned()).collect()
    }

    /// Returns when it is over: what was killed runs again.
    pub(crate) async fn suffer(&self, trouble: Trouble, down: Duration) -> Outcome<()> {
        let (engine, servers) = (Arc::clone(&self.engine), Arc::clone(&self.servers));
        match trouble {
            Trouble::Kill => {
                engine.kill()?;
                sleep(down).await;
                spawn_blocking(move || engine.start_again()).await?
            }
            Trouble::KillAfterSnapshot => {
                if let Kept::Redis(redis) = &*engine {
                    redis.ask("SAVE")?;
                }
                // What is written from now on is in no snapshot.
                sleep(down).await;
                engine.kill()?;
                spawn_blocking(move || engine.start_again()).await?
            }
            Trouble::Pause => {
                engine.as_engine().pause()?;
                sleep(down).await;
                Ok(engine.as_engine().resume()?)
            }
            Trouble::KillServer => {
                servers[1].kill()?;
                sleep(down).await;
                spawn_blocking(move || servers[1].start_again()).await?
            }
        }
    }
}

impl Kept {
    fn as_engine(&self) -> &dyn Engine {
        match self {
            Self::Redis(redis) => redis,
            Self::Postgres(postgres) => postgres,
        }
    }

    fn kill(&self) -> Outcome<()> {
        let done = match self {
            Self::Redis(redis) => redis.kill(),
            Self::Postgres(postgres) => postgres.kill(),
        };
        Ok(done?)
    }

    fn start_again(&self) -> Outcome<()> {
        let done = match self {
            Self::Redis(redis) => redis.start_again(),
            Self::Postgres(postgres) => postgres.start_again(),
        };
        Ok(done?)
    }
}
