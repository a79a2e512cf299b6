//! Fault scenarios.

use std::sync::Arc;
use std::time::Duration;

use countersign::testing::Engine;
use countersign_engines::{Postgres, Redis};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::outcome::Outcome;
use crate::program::{Server, Which};

/// A scenario: an engine and a fault.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    engine: EngineKind,
    pub(crate) fault: Fault,
    /// Whether the engine loses acknowledged writes. Guarantees must then break, or this program
    /// can't detect broken ones.
    pub(crate) loses_writes: bool,
}

#[derive(Clone, Copy)]
enum EngineKind {
    Redis(&'static [&'static str]),
    Postgres,
}

/// The fault to inject.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Kill the engine (SIGKILL) and start it again.
    Kill,
    /// Write a snapshot, wait, and then kill the engine and start it again.
    KillAfterSnapshot,
    /// Pause the engine (SIGSTOP, SIGCONT): it keeps its connections open but does not answer.
    Pause,
    /// Kill one of the servers and start it again.
    KillServer,
}

const DURABLE: EngineKind = EngineKind::Redis(&["--appendonly", "yes", "--appendfsync", "always"]);

/// Redis with its default settings: snapshots and no append-only file.
const DEFAULT: EngineKind = EngineKind::Redis(&["--save", "3600 1 300 100 60 10000"]);

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "Redis (appendfsync always) killed",
        engine: DURABLE,
        fault: Fault::Kill,
        loses_writes: false,
    },
    Scenario {
        name: "Redis (appendfsync always) paused",
        engine: DURABLE,
        fault: Fault::Pause,
        loses_writes: false,
    },
    Scenario {
        name: "PostgreSQL killed",
        engine: EngineKind::Postgres,
        fault: Fault::Kill,
        loses_writes: false,
    },
    Scenario {
        name: "PostgreSQL paused",
        engine: EngineKind::Postgres,
        fault: Fault::Pause,
        loses_writes: false,
    },
    Scenario {
        name: "one of two servers on Redis killed",
        engine: DURABLE,
        fault: Fault::KillServer,
        loses_writes: false,
    },
    Scenario {
        name: "one of two servers on PostgreSQL killed",
        engine: EngineKind::Postgres,
        fault: Fault::KillServer,
        loses_writes: false,
    },
    Scenario {
        name: "control: Redis (default settings) killed",
        engine: DEFAULT,
        fault: Fault::KillAfterSnapshot,
        loses_writes: true,
    },
];

impl Scenario {
    /// Whether the fault kills a server, so that requests may get no answer.
    pub(crate) fn kills_a_server(&self) -> bool {
        self.fault == Fault::KillServer
    }
}

/// Two servers on one engine.
pub(crate) struct Deployment {
    engine: Arc<RunningEngine>,
    servers: Arc<[Server]>,
}

enum RunningEngine {
    Redis(Redis),
    Postgres(Postgres),
}

impl Deployment {
    pub(crate) fn start(scenario: &Scenario, which: &Which) -> Outcome<Self> {
        let (engine, option, url) = match scenario.engine {
            EngineKind::Redis(settings) => {
                let redis = Redis::start_with(settings)?;
                let url = redis.url();
                (RunningEngine::Redis(redis), "--redis", url)
            }
            EngineKind::Postgres => {
                let postgres = Postgres::start()?;
                let url = postgres.url();
                (RunningEngine::Postgres(postgres), "--postgres", url)
            }
        };
        // The limits of production, which a fault must not refill.
        let servers = (0..2).map(|_| which.start(&["--strict-limits", option, &url]));
        Ok(Self { engine: Arc::new(engine), servers: servers.collect::<Outcome<Vec<_>>>()?.into() })
    }

    pub(crate) fn bases(&self) -> Arc<[String]> {
        self.servers.iter().map(|server| server.base().to_owned()).collect()
    }

    /// Injects a fault. Returns once everything is running again.
    pub(crate) async fn inject(&self, fault: Fault, down: Duration) -> Outcome<()> {
        let (engine, servers) = (Arc::clone(&self.engine), Arc::clone(&self.servers));
        match fault {
            Fault::Kill => {
                engine.kill()?;
                sleep(down).await;
                spawn_blocking(move || engine.start_again()).await?
            }
            Fault::KillAfterSnapshot => {
                if let RunningEngine::Redis(redis) = &*engine {
                    redis.ask("SAVE")?;
                }
                // Writes from here on are in no snapshot.
                sleep(down).await;
                engine.kill()?;
                spawn_blocking(move || engine.start_again()).await?
            }
            Fault::Pause => {
                engine.as_engine().pause()?;
                sleep(down).await;
                Ok(engine.as_engine().resume()?)
            }
            Fault::KillServer => {
                servers[1].kill()?;
                sleep(down).await;
                spawn_blocking(move || servers[1].start_again()).await?
            }
        }
    }
}

impl RunningEngine {
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
