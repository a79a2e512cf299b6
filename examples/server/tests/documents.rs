//! What every engine promises of documents, asked of all three: the two real ones are killed and paused.

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
use countersign_engines::{TIMEOUT, Postgres, Proxied, Redis};
use countersign_postgres::PostgresStore;
use countersign_redis::RedisStore;
use countersign_server::documents::{
    Document, Documents, DocumentEngine, Key, MemoryDocuments, PostgresDocuments, RedisDocuments, Revision, Written,
};
use tokio::time::sleep;

/// For calls to an engine in trouble: the bound of a call is three times this, and the default's is 3 seconds.
const ANSWER: Duration = Duration::from_millis(700);
const LONGEST: Duration = Duration::from_millis(2_100);
/// From the end of a document's time until an engine must know of it.
const AFTERWARDS: Duration = Duration::from_millis(200);
/// What the calls themselves may take.
const SLACK: Duration = Duration::from_secs(2);

fn of(keeper: DocumentEngine) -> Documents {
    Documents::new(keeper, "project")
}

#[tokio::test]
async fn projects_on_one_engine_are_apart() {
    let keeper = DocumentEngine::Memory(MemoryDocuments::default());
    let (one, two) = (Documents::new(keeper.clone(), "one"), Documents::new(keeper, "two"));
    let key = Key::new("user", "1");
    assert_eq!(one.write(&key, Revision::ABSENT, &"ours", None).await.unwrap(), Written::Applied);
    assert!(two.read::<String>(&key).await.unwrap().is_none());
    assert_eq!(two.write(&key, Revision::ABSENT, &"theirs", None).await.unwrap(), Written::Applied);
    assert_eq!(one.read::<String>(&key).await.unwrap().unwrap().value, "ours");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_the_process() {
    laws(&of(DocumentEngine::Memory(MemoryDocuments::default()))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_redis() {
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
    laws(&documents).await;
    faults(&documents, &impatient, &proxied).await;

    // One key a document; it expires by the server's clock, and it holds 8 bytes of revision before the JSON.
    let (redis, key) = (proxied.engine(), Key::new("one", "key"));
    let (begun, keep) = (Instant::now(), Duration::from_secs(100));
    let _ = written(&documents, &key, "x", Some(keep)).await;
    assert_eq!(redis.ask("STRLEN countersign-server:project:one:key").unwrap(), ":11\r\n");
    let ttl = redis.ask("PTTL countersign-server:project:one:key").unwrap();
    let ttl = Duration::from_millis(ttl.trim_matches([':', '\r', '\n']).parse().unwrap());
    assert!(ttl <= keep && ttl + begun.elapsed() + Duration::from_millis(1) >= keep, "{ttl:?}");
    // A server that forgot the script is told it anew.
    redis.ask("SCRIPT FLUSH").unwrap();
    let _ = replaced(&documents, &key, "y").await;
    assert_eq!(redis.ask("TTL countersign-server:project:one:key").unwrap(), ":-1\r\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_postgres() {
    let postgres = Postgres::start().unwrap();
    let (port, url) = (postgres.port(), postgres.url());
    let proxied = Proxied::new(postgres, port).unwrap();
    let url = url.replace(&format!(":{port}/"), &format!(":{}/", proxied.port()));
    let timeouts = countersign_postgres::Timeouts::new(TIMEOUT, TIMEOUT);
    // One pool for the records and the documents.
    let store = PostgresStore::connect(&url, timeouts).await.unwrap();
    let here = PostgresDocuments::on(store.pool().clone(), timeouts);
    // Several servers start at once.
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
    laws(&documents).await;
    let timeouts = countersign_postgres::Timeouts::new(ANSWER, ANSWER);
    let impatient = connected(async || PostgresStore::connect(&url, timeouts).await).await;
    let impatient = of(DocumentEngine::Postgres(PostgresDocuments::on(impatient.pool().clone(), timeouts)));
    faults(&documents, &impatient, &proxied).await;

    // Rows that are over are swept in batches, and no others.
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
    assert!(read(&documents, &Key::new("sweep", "kept")).await.is_some(), "its time is not over");
    client.batch_execute(rows).await.unwrap();
    let sweeper = tokio::spawn(here.sweep_every(Duration::from_secs(3600)));
    let begun = Instant::now();
    while count().await > before {
        assert!(begun.elapsed() < TIMEOUT, "it sweeps all there is");
        sleep(Duration::from_millis(20)).await;
    }
    assert!(!sweeper.is_finished(), "it goes on for ever");
    sweeper.abort();
}

/// An engine that is not there, and one that does not speak: an error in bounded time, from the first call on.
#[tokio::test]
async fn an_engine_that_can_not_be_reached() {
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

/// What an engine promises while all is well.
async fn laws(documents: &Documents) {
    absent_until_written(documents).await;
    a_stale_write_writes_nothing(documents).await;
    no_revision_comes_again(documents).await;
    what_is_over_is_gone(documents).await;
    large_and_odd_documents(documents).await;
    what_is_no_such_document_is_an_error(documents).await;
    one_winner_of_two(documents).await;
}

async fn absent_until_written(documents: &Documents) {
    let key = Key::new("law", "absent");
    assert!(read(documents, &key).await.is_none());
    let remove = documents.remove(&key, Revision::ABSENT).await.unwrap();
    assert_eq!(remove, Written::Applied, "there is none, as expected");
    let unread = documents.write(&key, Revision(7), &"x", None).await.unwrap();
    assert_eq!(unread, Written::Conflict, "there is none that could be replaced");
    assert!(read(documents, &key).await.is_none());

    let written = written(documents, &key, "x", None).await;
    assert_eq!((&*written.value, written.revision != Revision::ABSENT), ("x", true));
    let other = Key::new("law", "absent2");
    assert!(read(documents, &other).await.is_none(), "of another key");
    let again = documents.write(&key, Revision::ABSENT, &"y", None).await.unwrap();
    assert_eq!(again, Written::Conflict);
    assert_eq!(read(documents, &key).await.unwrap().value, "x");
}

async fn a_stale_write_writes_nothing(documents: &Documents) {
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

/// Also not after a document was removed, or expired, and was made anew.
async fn no_revision_comes_again(documents: &Documents) {
    let key = Key::new("law", "anew");
    let mut seen = HashSet::new();
    for round in 0..100 {
        let made = written(documents, &key, "same", None).await;
        assert!(seen.insert(made.revision.0), "a revision came again in round {round}");
        let replaced = replaced(documents, &key, "same").await;
        assert!(seen.insert(replaced.revision.0), "a revision came again in round {round}");
        assert_eq!(documents.remove(&key, replaced.revision).await.unwrap(), Written::Applied);
        assert!(read(documents, &key).await.is_none());
        let stale = documents.write(&key, replaced.revision, &"stale", None).await.unwrap();
        assert_eq!(stale, Written::Conflict);
    }
    for round in 0..5 {
        let (made, keep) = short_lived(documents, &key, "same").await;
        assert!(seen.insert(made.revision.0), "a revision came again after it expired, in round {round}");
        sleep(keep + AFTERWARDS).await;
    }
}

async fn what_is_over_is_gone(documents: &Documents) {
    let key = Key::new("law", "over");
    let (first, keep) = short_lived(documents, &key, "first").await;
    sleep(keep + AFTERWARDS).await;
    assert!(read(documents, &key).await.is_none());
    assert_eq!(documents.write(&key, first.revision, &"stale", None).await.unwrap(), Written::Conflict);
    assert_eq!(documents.remove(&key, first.revision).await.unwrap(), Written::Conflict);

    // Each write says anew for how long, or for ever.
    let keep = loop {
        let begun = Instant::now();
        let (second, keep) = short_lived(documents, &key, "second").await;
        match documents.write(&key, second.revision, &"third", None).await.unwrap() {
            Written::Applied => break keep,
            // Too late, on a machine with other work.
            Written::Conflict => assert!(keep <= begun.elapsed(), "it was there"),
        }
    };
    let other = Key::new("law", "over2");
    let kept = written(documents, &other, "kept", None).await;
    assert_eq!(documents.write(&other, kept.revision, &"short", Some(keep)).await.unwrap(), Written::Applied);
    sleep(keep + AFTERWARDS).await;
    assert_eq!(read(documents, &key).await.unwrap().value, "third");
    assert!(read(documents, &other).await.is_none());

    // No time at all is no error.
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

async fn what_is_no_such_document_is_an_error(documents: &Documents) {
    let key = Key::new("law", "number");
    assert_eq!(documents.write(&key, Revision::ABSENT, &5, None).await.unwrap(), Written::Applied);
    assert!(documents.read::<String>(&key).await.is_err());
    assert_eq!(documents.read::<u8>(&key).await.unwrap().unwrap().value, 5);
}

/// Two writers who read the same state, a thousand times: one writes, and the other learns that it did not.
async fn one_winner_of_two(documents: &Documents) {
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

/// What an engine promises when its server is in trouble.
async fn faults(documents: &Documents, impatient: &Documents, engine: &dyn Engine) {
    let key = Key::new("fault", "kept");
    let kept = written(documents, &key, "kept", None).await;

    // Paused: an error in time, for reads and for writes, and for many at once.
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
    println!("back {:?} after it was resumed", begun.elapsed());
    // Whether a write that got no answer was written is not known.
    assert!(["kept", "late"].contains(&&*left.value), "{}", left.value);

    // A reply that is lost is an error, and whether the document is written is not known.
    let held = settled(documents, &key, "before").await;
    assert!(engine.lose_next_reply().unwrap());
    assert!(documents.write(&key, held.revision, &"lost", None).await.is_err());
    let left = recovered(documents, &key).await;
    assert_eq!(left.value == "lost", left.revision != held.revision);

    // Killed, and started again at the same address.
    let left = replaced(documents, &key, "before").await;
    engine.restart().unwrap();
    let begun = Instant::now();
    let found = recovered(documents, &key).await;
    println!("back {:?} after it was started again", begun.elapsed());
    assert_eq!((&*found.value, found.revision), ("before", left.revision), "what was acknowledged is kept");
    assert_eq!(replaced(documents, &key, "after").await.value, "after");
}

/// A document in place of the one that is there, although a write that got no answer may still arrive.
async fn settled(documents: &Documents, key: &Key, value: &str) -> Document<String> {
    loop {
        let held = recovered(documents, key).await;
        if documents.write(key, held.revision, &value, None).await.unwrap() == Written::Applied {
            return recovered(documents, key).await;
        }
    }
}

/// What a read finds when the engine is back, which may take a few seconds.
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

/// A document that was not there, and how soon it is over: later on a machine that is too slow to see it.
async fn short_lived(documents: &Documents, key: &Key, value: &str) -> (Document<String>, Duration) {
    let mut keep = Duration::from_millis(300);
    loop {
        let made = documents.write(key, Revision::ABSENT, &value, Some(keep)).await.unwrap();
        assert_eq!(made, Written::Applied);
        if let Some(made) = read(documents, key).await {
            return (made, keep);
        }
        keep *= 4;
        assert!(keep < TIMEOUT, "it is not there after it was written");
    }
}

/// Connects, however short the timeouts are.
async fn connected<T>(connect: impl AsyncFn() -> Result<T, StoreError>) -> T {
    let begun = Instant::now();
    loop {
        match connect().await {
            Ok(store) => return store,
            Err(error) => assert!(begun.elapsed() < TIMEOUT, "{error:?}"),
        }
    }
}

/// A document that was not there.
async fn written(documents: &Documents, key: &Key, value: &str, keep: Option<Duration>) -> Document<String> {
    assert_eq!(documents.write(key, Revision::ABSENT, &value, keep).await.unwrap(), Written::Applied);
    read(documents, key).await.unwrap()
}

/// A document that was there, and is now this one, for ever.
async fn replaced(documents: &Documents, key: &Key, value: &str) -> Document<String> {
    let held = documents.read::<String>(key).await.unwrap().unwrap();
    assert_eq!(documents.write(key, held.revision, &value, None).await.unwrap(), Written::Applied);
    read(documents, key).await.unwrap()
}
