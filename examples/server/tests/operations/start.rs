//! A failed start reports its cause, and never the password.

use countersign_engines::Postgres;

use countersign_server_tests::Server;

const PASSWORD: &str = "hunter2-of-the-database";

fn fails(address: &str) -> String {
    let said = Server::fails(&["--dev", "--listen", "127.0.0.1:0", "--postgres", address]);
    assert!(!said.contains(PASSWORD) && !said.contains("hunter2"), "{said}");
    said
}

#[tokio::test]
async fn failed_postgres_start_reports_the_cause_without_the_password() {
    let said = fails(&format!("postgresql://otp:{PASSWORD}@127.0.0.1:1/otp"));
    assert!(said.contains("PostgreSQL") && said.contains("Connection refused"), "{said}");
    let said = fails(&format!("postgresql://otp:{PASSWORD}@no-such-host.invalid/otp"));
    assert!(said.contains("failed to lookup address"), "{said}");

    let postgres = Postgres::start().unwrap();
    let url = postgres.url().replace("countersign@", &format!("countersign:{PASSWORD}@"));
    let said = fails(&url.replace("/postgres", "/nowhere"));
    assert!(said.contains("database \"nowhere\" does not exist"), "{said}");
    let said = fails(&url.replace("countersign:", "stranger:"));
    assert!(said.contains("role \"stranger\" does not exist"), "{said}");

    let said = fails(&format!("{url}?sslmode=require"));
    assert!(said.contains("server does not support TLS"), "{said}");

    let postgres = Postgres::start_with(&["default_transaction_read_only=on"]).unwrap();
    let said = fails(&postgres.url());
    assert!(said.contains("cannot execute") && said.contains("read-only transaction"), "{said}");
}

#[test]
fn failed_redis_start_reports_the_cause_without_the_password() {
    let address = format!("redis://otp:{PASSWORD}@127.0.0.1:1/");
    let said = Server::fails(&["--dev", "--listen", "127.0.0.1:0", "--redis", &address]);
    assert!(said.contains("--redis: Redis can't be used") && said.contains("Connection refused"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

/// The rest of a password that contains a delimiter must not appear in the error as the name of an
/// option.
#[test]
fn malformed_postgres_address_is_not_repeated() {
    for address in [
        format!("postgresql://otp:a?{PASSWORD}@localhost/otp"),
        format!("postgresql://otp:a/{PASSWORD}@localhost/otp"),
        format!("postgresql://otp:{PASSWORD}@localhost:port/otp"),
        format!("user=otp password={PASSWORD} {PASSWORD}=1"),
        format!("{PASSWORD}://otp@localhost/otp"),
    ] {
        let said = fails(&address);
        assert!(said.contains("--postgres"), "{said}");
    }
}
