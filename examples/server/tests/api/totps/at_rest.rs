//! What the engine contains.

use countersign::totp::TotpSecret;
use countersign_engines::Postgres;
use countersign_server_tests::Server;

use super::{create, enrol, person};

/// Returns all rows of all tables: texts as they are, bytes in hexadecimal.
fn dump(postgres: &Postgres) -> String {
    let tables = postgres.ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").unwrap();
    let rows = |table: &str| postgres.ask(&format!("SELECT t::text FROM {table} t")).unwrap();
    tables.lines().map(rows).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Neither secrets nor recovery codes are readable, even if the codes are shown again.
#[tokio::test]
async fn engine_contains_no_secret_or_recovery_code() {
    let postgres = Postgres::start().unwrap();
    let server = Server::dev(&["--postgres", &postgres.url(), "--engine-wait", "15"]);
    let user_id = person(&server, "+12025550101").await;
    let mut hidden = Vec::new();
    let mut conceal = |created: &serde_json::Value| {
        let secret = created["secret"].as_str().unwrap();
        hidden.push(secret.to_owned());
        hidden.push(hex(secret.parse::<TotpSecret>().unwrap().as_bytes()));
        for code in created["recovery_codes"].as_array().unwrap() {
            let code = code.as_str().unwrap();
            hidden.extend([code.to_owned(), code.replace('-', ""), hex(code.as_bytes())]);
            hidden.push(hex(code.replace('-', "").as_bytes()));
        }
    };
    conceal(&create(&server, &user_id).await.0);
    conceal(&enrol(&server, &user_id).await.0);
    let dump = dump(&postgres);
    // What is not secret is found, in both forms.
    let user_id = user_id.as_str().unwrap();
    assert!(dump.contains(user_id) && dump.contains(&hex(user_id.as_bytes())), "{dump}");
    for text in hidden {
        assert!(!dump.contains(&text), "{text}");
    }
}
