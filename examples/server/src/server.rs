//! Starts and runs the server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum_server::{Handle, Server};
use countersign::store::StoreError;
use countersign::{MemoryStore, Verifier};
use countersign_postgres::PostgresStore;
use countersign_redis::RedisStore;
use hyper_util::rt::TokioTimer;
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::accounts::Accounts;
use crate::app::{App, Dev, limits};
use crate::cause;
use crate::clock::Clock;
use crate::config::{ConfigError, Options};
use crate::credentials::Credentials;
use crate::documents::{DocumentEngine, Documents, MemoryDocuments, PostgresDocuments, RedisDocuments};
use crate::engine::Engine;
use crate::events;
use crate::fraud::{Overrides, Passcodes, Settings};
use crate::health::Health;
use crate::metrics::Metrics;
use crate::outbox::Outbox;
use crate::policies::Policies;
use crate::routes::routes;
use crate::sealing::Sealing;
use crate::secrets::Secrets;
use crate::sending::Sender;
use crate::sessions::Sessions;
use crate::signing::Signer;
use crate::users::Users;
use crate::webhook::{self, Webhook};

/// The time limit for a client to send a request's headers, or to read an answer.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(10);

/// The time limit for requests and messages in progress at shutdown.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(15);

/// The interval at which expired rows are deleted from PostgreSQL.
const SWEEP: Duration = Duration::from_secs(600);

/// An error that keeps the server from starting.
pub type StartError = Box<dyn std::error::Error + Send + Sync>;

/// Runs the server until `stop` completes, and then finishes requests and messages in progress.
/// Calls `started` with the server's address.
///
/// # Errors
///
/// If an option is invalid, the address is in use, or the engine can't be reached.
pub async fn run(
    options: Options,
    started: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), StartError> {
    options.check()?;
    let (mut app, webhook) = app(&options).await?;
    let listener = listen(options.listen).await?;
    let address = listener.local_addr()?;
    app.public_url = options.public_url(address)?;
    let app = Arc::new(app);
    let handle = Handle::new();
    // Only HTTP/1: no timeout applies while the version of a connection is being detected, so
    // silent clients would stay connected for ever.
    let mut server = Server::<SocketAddr>::from_listener(listener).handle(handle.clone()).http1_only();
    server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(CLIENT_TIMEOUT);
    let serving = tokio::spawn(server.serve(routes(&app).into_make_service()));
    started(address);
    tokio::spawn(async move {
        stop.await;
        info!("stopping after requests in progress");
        handle.graceful_shutdown(Some(SHUTDOWN_TIMEOUT));
    });
    serving.await??;
    app.tasks.close();
    if let Some(webhook) = webhook {
        let given_up = webhook.close(SHUTDOWN_TIMEOUT).await;
        if given_up > 0 {
            warn!(given_up, "messages were not delivered in time");
        }
    }
    if tokio::time::timeout(SHUTDOWN_TIMEOUT, app.tasks.wait()).await.is_err() {
        warn!("some requests did not finish in time");
    }
    Ok(())
}

async fn listen(address: SocketAddr) -> Result<TcpListener, ConfigError> {
    let listener = TcpListener::bind(address).await.map_err(|error| {
        ConfigError(format!("--listen {address}: {error} (if the port is in use, port 0 picks a free one)"))
    })?;
    // Inherited by accepted connections: closes those whose clients don't read, which would
    // otherwise stay open for ever.
    #[cfg(target_os = "linux")]
    if let Err(error) = socket2::SockRef::from(&listener).set_tcp_user_timeout(Some(CLIENT_TIMEOUT)) {
        warn!(%error, "can't set a timeout for clients that don't read their answers");
    }
    Ok(listener)
}

async fn app(options: &Options) -> Result<(App, Option<Webhook>), StartError> {
    let (given, settings) = (options.secret()?, Settings::read(options)?);
    let secrets = Secrets::new(&given.secret)?;
    let (engine, documents) = engines(options).await?;
    let documents = Documents::new(documents, &given.project_id);
    let signer = Signer::shared(&documents, &given.project_id, secrets.sealing()).await?;
    let outbox = Outbox::new(documents.clone(), secrets.clone());
    let (sender, webhook): (Arc<dyn Sender>, _) = match &options.webhook {
        Some(url) => {
            let secret = given.webhook_secret.as_deref();
            let secret = secret.ok_or(ConfigError("WEBHOOK_SECRET is not set in the environment".into()))?;
            let webhook = Webhook::new(url.parse()?, secret.parse()?, webhook::Options::default())?;
            (Arc::new(webhook.clone()), Some(webhook))
        }
        None => (Arc::new(outbox.clone()), None),
    };
    let generous = options.dev && !options.strict_limits;
    let metrics = Arc::new(webhook.as_ref().map_or_else(Metrics::default, Metrics::with));
    let Settings { guard, vouched_header } = settings;
    let verifier = Verifier::new(secrets.codes()?, engine.clone())
        .with_tenant(&given.project_id)
        .with_limits(limits(generous)?)
        .with_events(events::hook(Arc::clone(&metrics)));
    let accounts = Accounts::new(verifier.clone());
    let shows_codes = options.dev || options.show_recovery_codes;
    let sealing = || Sealing::new(secrets.sealing(), "recovery-codes", &given.project_id);
    let recovery_codes = shows_codes.then(sealing).transpose()?;
    let passcodes = match guard {
        Some(guard) => Passcodes::guarded(verifier, guard, Overrides::new(documents.clone())),
        None => Passcodes::unguarded(verifier),
    };
    let app = App {
        accounts,
        recovery_codes,
        passcodes,
        vouched_header,
        clock: if options.dev { Clock::for_development(documents.clone()) } else { Clock::system() },
        users: Users::new(documents.clone(), secrets.clone()),
        policies: Policies::new(documents.clone()),
        sessions: Sessions::new(documents.clone(), secrets.clone(), signer, &given.project_id),
        sender,
        wording: options.wording()?,
        project: Credentials::new(&given.project_id, &given.secret, secrets.clone()),
        workspace: Credentials::new(&given.mgmt_key_id, &given.mgmt_key_secret, secrets.clone()),
        dev: options.dev.then(|| Dev { outbox, secret: given.secret.clone() }),
        metrics,
        tasks: TaskTracker::new(),
        health: Health::new(engine, documents),
        public_url: options.public_url(options.listen)?,
    };
    Ok((app, webhook))
}

/// Connects to the engine, and logs a warning for each way in which it could lose data.
async fn engines(options: &Options) -> Result<(Engine, DocumentEngine), StartError> {
    let wait = Duration::from_secs(options.engine_wait);
    if let Some(url) = &options.redis {
        return redis(url, wait).await.map_err(|error| cause::of("--redis: Redis", &error).into());
    }
    if let Some(url) = &options.postgres {
        return postgres(url, wait).await.map_err(|error| cause::of("--postgres: PostgreSQL", &error).into());
    }
    Ok((Engine::Memory(Arc::new(MemoryStore::new())), DocumentEngine::Memory(MemoryDocuments::default())))
}

async fn redis(url: &str, wait: Duration) -> Result<(Engine, DocumentEngine), StoreError> {
    let timeouts = countersign_redis::Timeouts::new(wait, wait);
    let store = RedisStore::connect(url, timeouts).await?;
    for warning in store.durability().await?.warnings() {
        warn!("{warning}");
    }
    let documents = RedisDocuments::on(store.connection().clone(), timeouts);
    Ok((Engine::Redis(Arc::new(store)), DocumentEngine::Redis(documents)))
}

async fn postgres(url: &str, wait: Duration) -> Result<(Engine, DocumentEngine), StoreError> {
    let timeouts = countersign_postgres::Timeouts::new(wait, wait);
    let store = PostgresStore::connect(url, timeouts).await?;
    store.migrate().await?;
    for warning in store.durability().await?.warnings() {
        warn!("{warning}");
    }
    let documents = PostgresDocuments::on(store.pool().clone(), timeouts);
    documents.migrate().await?;
    tokio::spawn(store.clone().sweep_every(SWEEP));
    tokio::spawn(documents.clone().sweep_every(SWEEP));
    Ok((Engine::Postgres(store), DocumentEngine::Postgres(documents)))
}
