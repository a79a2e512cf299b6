//! The contract of documents, checked on all three engines; the two real ones are killed and
//! paused.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign::store::StoreError;
use countersign::testing::{Engine, Stopwatch};
use countersign_engines::{Postgres, Proxied, Redis, TIMEOUT};
use countersign_postgres::PostgresStore;
use countersign_redis::RedisStore;
use countersign_server::documents::{
    Document, DocumentEngine, Documents, Key, MemoryDocuments, PostgresDocuments, RedisDocuments, Revision,
    Written,
};
use tokio::time::sleep;

/// For calls to a failing engine: a call is bounded by three times this. The default's bound is 3
/// seconds.
const ANSWER: Duration = Duration::from_millis(700);
const LONGEST: Duration = Duration::from_millis(2_100);
/// The tolerance after a document's expiry, within which an engine must notice it.
const EXPIRY_TOLERANCE: Duration = Duration::from_millis(200);
/// The time that the calls themselves may take.
const SLACK: Duration = Duration::from_secs(2);

fn of(engine: DocumentEngine) -> Documents {
    Documents::new(engine, "project")
}

#[tokio::test]
async fn projects_on_one_engine_are_separate() {
    let engine = DocumentEngine::Memory(MemoryDocuments::default());
    let (one, two) = (Documents::new(engine.clone(), "one"), Documents::new(engine, "two"));
    let key = Key::new("user", "1");
    assert_eq!(one.write(&key, Revision::ABSENT, &"ours", None).await.unwrap(), Written::Applied);
    assert!(two.read::<String>(&key).await.unwrap().is_none());
    assert_eq!(two.write(&key, Revision::ABSENT, &"theirs", None).await.unwrap(), Written::Applied);
    assert_eq!(one.read::<String>(&key).await.unwrap().unwrap().value, "ours");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_keeps_the_contract() {
    contract(&of(DocumentEngine::Memory(MemoryDocuments::default()))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_keeps_the_contract() {
    let redis = Redis::start().unwrap();
    let port = redis.port();
    let proxied = Proxied::new(redis, port).unwrap();
    let url = format!("redis://127.0.0.1:{}/", proxied.port());
    let [documents, impatient] = [TIMEOUT, ANSWER].map(async |wait| {
        let timeouts = countersign_redis::Timeouts::new(wait, wait);
        // One connection for the records and the documents.
        let store = connected(async || RedisStore::connect(&*url, timeouts).await).await;
        of(DocumentEngine::Redis(RedisDocuments::on(store.connection().clone(), timeouts)))
    });
    let (documents, impatient) = (documents.await, impatient.await);
    contract(&documents).await;
    faults(&documents, &impatient, &proxied).await;

    // One key per document. It expires by the server's clock, and holds 8 bytes of revision before
    // the JSON.
    let (redis, key) = (proxied.engine(), Key::new("one", "key"));
    let (begun, keep) = (Instant::now(), Duration::from_secs(100));
    let _ = written(&documents, &key, "x", Some(keep)).await;
    assert_eq!(redis.ask("STRLEN countersign-server:project:one:key").unwrap(), ":11\r\n");
    let ttl = redis.ask("PTTL countersign-server:project:one:key").unwrap();
    let ttl = Duration::from_millis(ttl.trim_matches([':', '\r', '\n']).parse().unwrap());
    assert!(ttl <= keep && ttl + begun.elapsed() + Duration::from_millis(1) >= keep, "{ttl:?}");
    // The script is sent again to a server that no longer has it cached.
    redis.ask("SCRIPT FLUSH").unwrap();
    let _ = replaced(&documents, &key, "y").await;
    assert_eq!(redis.ask("TTL countersign-server:project:one:key").unwrap(), ":-1\r\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_keeps_the_contract() {
    let postgres = Postgres::start().unwrap();
    let (port, url) = (postgres.port(), postgres.url());
    let proxied = Proxied::new(postgres, port).unwrap();
    let url = url.replace(&format!(":{port}/"), &format!(":{}/", proxied.port()));
    let timeouts = countersign_postgres::Timeouts::new(TIMEOUT, TIMEOUT);
    // One pool for the records and the documents.
    let store = PostgresStore::connect(&url, timeouts).await.unwrap();
    let here = PostgresDocuments::on(store.pool().clone(), timeouts);
    // Several servers may migrate at once.
    let starting: Vec<_> = (0..8)
        .map(|_| {
            let server = here.clone();
            tokio::spawn(async move { server.migrate().await })
        })
        .collect();
    for server in starting {
        server.await.unwrap().unwrap();
    }
    store.migrate().await.unwrap();
    let documents = of(DocumentEngine::Postgres(here.clone()));
    contract(&documents).await;
    let timeouts = countersign_postgres::Timeouts::new(ANSWER, ANSWER);
    let impatient = connected(async || PostgresStore::connect(&url, timeouts).await).await;
    let impatient = of(DocumentEngine::Postgres(PostgresDocuments::on(impatient.pool().clone(), timeouts)));
    faults(&documents, &impatient, &proxied).await;

    // Only expired rows are swept, in batches.
    let _ = written(&documents, &Key::new("sweep", "kept"), "kept", Some(Duration::from_secs(100))).await;
    let rows = "INSERT INTO countersign_documents SELECT 'project:over:' || n, n, '1', now() FROM generate_series(1, 2500) AS n";
    while here.sweep().await.unwrap() > 0 {}
    let client = store.pool().get().await.unwrap();
    let count = async || {
        let row = client.query_one("SELECT count(*) FROM countersign_documents", &[]).await.unwrap();
        row.get::<_, i64>(0)
    };
    let before = count().await;
    client.batch_execute(rows).await.unwrap();
    for swept in [1000, 1000, 500, 0] {
        assert_eq!(here.sweep().await.unwrap(), swept);
    }
    assert_eq!(count().await, before);
    assert!(read(&documents, &Key::new("sweep", "kept")).await.is_some(), "it has not expired");
    client.batch_execute(rows).await.unwrap();
    let sweeper = tokio::spawn(here.sweep_every(Duration::from_secs(3600)));
    let begun = Instant::now();
    while count().await > before {
        assert!(begun.elapsed() < TIMEOUT, "not all expired rows were swept");
        sleep(Duration::from_millis(20)).await;
    }
    assert!(!sweeper.is_finished(), "the sweeper has stopped");
    sweeper.abort();
}

/// Unreachable and unresponsive engines give an error within the timeout, from the first call on.
#[tokio::test]
async fn unreachable_engine_is_an_error_within_the_timeout() {
    let (redis, postgres) = (Redis::start().unwrap(), Postgres::start().unwrap());
    redis.pause().unwrap();
    postgres.pause().unwrap();
    let stopwatch = Stopwatch::start();
    assert!(RedisDocuments::connect(&redis.url()).await.is_err());
    assert!(PostgresDocuments::connect(&postgres.url()).await.is_err());
    assert!(stopwatch.elapsed() < 2 * (Duration::from_secs(3) + SLACK), "{:?}", stopwatch.elapsed());
    assert!(RedisDocuments::connect("no address").await.is_err());
    assert!(PostgresDocuments::connect("no address").await.is_err());
}

/// The contract of a working engine.
async fn contract(documents: &Documents) {
    absent_until_written(documents).await;
    stale_write_writes_nothing(documents).await;
    revisions_never_recur(documents).await;
    expired_documents_are_absent(documents).await;
    large_and_odd_documents(documents).await;
    other_types_are_an_error(documents).await;
    concurrent_writes_have_one_winner(documents).await;
}

async fn absent_until_written(documents: &Documents) {
    let key = Key::new("law", "absent");
    assert!(read(documents, &key).await.is_none());
    let remove = documents.remove(&key, Revision::ABSENT).await.unwrap();
    assert_eq!(remove, Written::Applied, "it is absent, as expected");
    let unread = documents.write(&key, Revision(7), &"x", None).await.unwrap();
    assert_eq!(unread, Written::Conflict, "there is nothing to replace");
    assert!(read(documents, &key).await.is_none());

    let written = written(documents, &key, "x", None).await;
    assert_eq!((&*written.value, written.revision != Revision::ABSENT), ("x", true));
    let other = Key::new("law", "absent2");
    assert!(read(documents, &other).await.is_none(), "another key is absent");
    let again = documents.write(&key, Revision::ABSENT, &"y", None).await.unwrap();
    assert_eq!(again, Written::Conflict);
    assert_eq!(read(documents, &key).await.unwrap().value, "x");
}

async fn stale_write_writes_nothing(documents: &Documents) {
    let key = Key::new("law", "stale");
    let first = written(documents, &key, "first", None).await;
    let second = replaced(documents, &key, "second").await;
    assert_ne!(first.revision, second.revision);
    assert_eq!(documents.write(&key, first.revision, &"stale", None).await.unwrap(), Written::Conflict);
    assert_eq!(documents.remove(&key, first.revision).await.unwrap(), Written::Conflict);
    assert_eq!(documents.remove(&key, Revision::ABSENT).await.unwrap(), Written::Conflict);
    let left = read(documents, &key).await.unwrap();
    assert_eq!((&*left.value, left.revision), ("second", second.revision));
}

/// Not even after a document was deleted, or expired, and was created again.
async fn revisions_never_recur(documents: &Documents) {
    let key = Key::new("law", "anew");
    let mut seen = HashSet::new();
    for round in 0..100 {
        let made = written(documents, &key, "same", None).await;
        assert!(seen.insert(made.revision.0), "a revision recurred in round {round}");
        let replaced = replaced(documents, &key, "same").await;
        assert!(seen.insert(replaced.revision.0), "a revision recurred in round {round}");
        assert_eq!(documents.remove(&key, replaced.revision).await.unwrap(), Written::Applied);
        assert!(read(documents, &key).await.is_none());
        let stale = documents.write(&key, replaced.revision, &"stale", None).await.unwrap();
        assert_eq!(stale, Written::Conflict);
    }
    for round in 0..5 {
        let (made, keep) = short_lived(documents, &key, "same").await;
        assert!(seen.insert(made.revision.0), "a revision recurred after expiry in round {round}");
        sleep(keep + EXPIRY_TOLERANCE).await;
    }
}

async fn expired_documents_are_absent(documents: &Documents) {
    let key = Key::new("law", "over");
    let (first, keep) = short_lived(documents, &key, "first").await;
    sleep(keep + EXPIRY_TOLERANCE).await;
    assert!(read(documents, &key).await.is_none());
    assert_eq!(documents.write(&key, first.revision, &"stale", None).await.unwrap(), Written::Conflict);
    assert_eq!(documents.remove(&key, first.revision).await.unwrap(), Written::Conflict);

    // Each write sets the lifetime anew.
    let keep = loop {
        let begun = Instant::now();
        let (second, keep) = short_lived(documents, &key, "second").await;
        match documents.write(&key, second.revision, &"third", None).await.unwrap() {
            Written::Applied => break keep,
            // Too late, on a busy machine.
            Written::Conflict => assert!(keep <= begun.elapsed(), "the document had not expired"),
        }
    };
    let other = Key::new("law", "over2");
    let kept = written(documents, &other, "kept", None).await;
    assert_eq!(documents.write(&other, kept.revision, &"short", Some(keep)).await.unwrap(), Written::Applied);
    sleep(keep + EXPIRY_TOLERANCE).await;
    assert_eq!(read(documents, &key).await.unwrap().value, "third");
    assert!(read(documents, &other).await.is_none());

    // A lifetime of zero is not an error.
    let at_once = Key::new("law", "over3");
    let kept = documents.write(&at_once, Revision::ABSENT, &"x", Some(Duration::ZERO)).await.unwrap();
    assert_eq!(kept, Written::Applied);
    sleep(Duration::from_millis(50)).await;
    assert!(read(documents, &at_once).await.is_none());
}

async fn large_and_odd_documents(documents: &Documents) {
    let key = Key::new("law", "large");
    for text in ["x".repeat(100 << 10), "\0\r\n'\"\\ \u{1F600} $1 %s".to_owned(), String::new()] {
        let expected = read(documents, &key).await.map_or(Revision::ABSENT, |held| held.revision);
        assert_eq!(documents.write(&key, expected, &text, None).await.unwrap(), Written::Applied);
        assert!(read(documents, &key).await.unwrap().value == text);
    }
    let odd = Key::new("law", "a b\r\nDEL '\" {c}");
    assert_eq!(written(documents, &odd, "x", None).await.value, "x");
}

async fn other_types_are_an_error(documents: &Documents) {
    let key = Key::new("law", "number");
    assert_eq!(documents.write(&key, Revision::ABSENT, &5, None).await.unwrap(), Written::Applied);
    assert!(documents.read::<String>(&key).await.is_err());
    assert_eq!(documents.read::<u8>(&key).await.unwrap().unwrap().value, 5);
}

/// Two writers who read the same revision, a thousand times: one write applies, and the other is a
/// conflict.
async fn concurrent_writes_have_one_winner(documents: &Documents) {
    let key = Key::new("law", "race");
    let mut expected = Revision::ABSENT;
    for round in 0..1_000 {
        let [first, second] = ["first", "second"].map(|writer| {
            let (documents, key) = (documents.clone(), key.clone());
            tokio::spawn(async move { documents.write(&key, expected, &writer, None).await })
        });
        let (first, second) = (first.await.unwrap().unwrap(), second.await.unwrap().unwrap());
        let left = read(documents, &key).await.unwrap();
        let winner = match (first, second) {
            (Written::Applied, Written::Conflict) => "first",
            (Written::Conflict, Written::Applied) => "second",
            both => panic!("{both:?} in round {round}"),
        };
        assert_eq!(left.value, winner, "in round {round}");
        expected = left.revision;
    }
}

/// The contract of a failing engine.
async fn faults(documents: &Documents, impatient: &Documents, engine: &dyn Engine) {
    let key = Key::new("fault", "kept");
    let kept = written(documents, &key, "kept", None).await;

    // Paused: reads and writes fail within the timeout, even many at once.
    engine.pause().unwrap();
    let stopwatch = Arc::new(Stopwatch::start());
    let waiting: Vec<_> = (0..40)
        .map(|writer| {
            let (documents, key) = (impatient.clone(), key.clone());
            let stopwatch = Arc::clone(&stopwatch);
            tokio::spawn(async move {
                let begun = stopwatch.elapsed();
                let failed = match writer % 3 {
                    0 => documents.read::<String>(&key).await.is_err(),
                    1 => documents.write(&key, kept.revision, &"late", None).await.is_err(),
                    _ => documents.remove(&Key::new("fault", writer), kept.revision).await.is_err(),
                };
                (failed, stopwatch.elapsed() - begun)
            })
        })
        .collect();
    for call in waiting {
        let (failed, took) = call.await.unwrap();
        assert!(failed && took < LONGEST + SLACK, "{failed} after {took:?}");
    }
    println!("a paused server: 40 calls failed within {:?}", stopwatch.elapsed());
    engine.resume().unwrap();
    let begun = Instant::now();
    recovered(impatient, &key).await;
    let left = recovered(documents, &key).await;
    println!("recovered {:?} after resuming", begun.elapsed());
    // A write without an answer may or may not have been applied.
    assert!(["kept", "late"].contains(&&*left.value), "{}", left.value);

    // A lost reply is an error; the document may have been written.
    let held = settled(documents, &key, "before").await;
    assert!(engine.lose_next_reply().unwrap());
    assert!(documents.write(&key, held.revision, &"lost", None).await.is_err());
    let left = recovered(documents, &key).await;
    assert_eq!(left.value == "lost", left.revision != held.revision);

    // Killed and started again at the same address.
    let left = replaced(documents, &key, "before").await;
    engine.restart().unwrap();
    let begun = Instant::now();
    let found = recovered(documents, &key).await;
    println!("recovered {:?} after the restart", begun.elapsed());
    assert_eq!((&*found.value, found.revision), ("before", left.revision), "acknowledged writes are kept");
    assert_eq!(replaced(documents, &key, "after").await.value, "after");
}

/// Replaces a document, although an earlier write without an answer may still arrive.
async fn settled(documents: &Documents, key: &Key, value: &str) -> Document<String> {
    loop {
        let held = recovered(documents, key).await;
        if documents.write(key, held.revision, &value, None).await.unwrap() == Written::Applied {
            return recovered(documents, key).await;
        }
    }
}

/// Reads a document once the engine has recovered, which may take a few seconds.
async fn recovered(documents: &Documents, key: &Key) -> Document<String> {
    let begun = Instant::now();
    loop {
        match documents.read(key).await {
            Ok(found) => return found.unwrap(),
            Err(error) => assert!(begun.elapsed() < TIMEOUT, "{error:?}"),
        }
        sleep(Duration::from_millis(20)).await;
    }
}

async fn read(documents: &Documents, key: &Key) -> Option<Document<String>> {
    documents.read(key).await.unwrap()
}

/// Writes a new, short-lived document. Returns it with its lifetime, which is extended on a machine
/// that is too slow to read it in time.
async fn short_lived(documents: &Documents, key: &Key, value: &str) -> (Document<String>, Duration) {
    let mut keep = Duration::from_millis(300);
    loop {
        let made = documents.write(key, Revision::ABSENT, &value, Some(keep)).await.unwrap();
        assert_eq!(made, Written::Applied);
        if let Some(made) = read(documents, key).await {
            return (made, keep);
        }
        keep *= 4;
        assert!(keep < TIMEOUT, "a written document is absent");
    }
}

/// Connects, retrying if the timeouts are too short for a busy machine.
async fn connected<T>(connect: impl AsyncFn() -> Result<T, StoreError>) -> T {
    let begun = Instant::now();
    loop {
        match connect().await {
            Ok(store) => return store,
            Err(error) => assert!(begun.elapsed() < TIMEOUT, "{error:?}"),
        }
    }
}

/// Writes a new document.
async fn written(documents: &Documents, key: &Key, value: &str, keep: Option<Duration>) -> Document<String> {
    assert_eq!(documents.write(key, Revision::ABSENT, &value, keep).await.unwrap(), Written::Applied);
    read(documents, key).await.unwrap()
}

/// Replaces an existing document, to be kept for ever.
async fn replaced(documents: &Documents, key: &Key, value: &str) -> Document<String> {
    let held = documents.read::<String>(key).await.unwrap().unwrap();
    assert_eq!(documents.write(key, held.revision, &value, None).await.unwrap(), Written::Applied);
    read(documents, key).await.unwrap()
}
