//! `sslmode`, against a server with TLS and one without.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

use std::error::Error;
use std::path::{Path, PathBuf};

use countersign::store::{AsyncStore, RecordKey, Revision, StoreError, StoreErrorKind};
use countersign::testing::BlockOn;
use countersign_engines::{Postgres, TIMEOUT, Tokio};
use countersign_postgres::{BlockingPostgresStore, PostgresStore, Timeouts};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tempfile::TempDir;

/// For tests that are not about timeouts: only a call that hangs takes longer.
const LONG_TIMEOUTS: Timeouts = Timeouts::new(TIMEOUT, TIMEOUT);

/// A server whose certificate is for one name, and the files of two certificate authorities, one of
/// which signed it.
struct Secured {
    postgres: Postgres,
    folder: TempDir,
}

impl Secured {
    fn start(name: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let signer = authority(&folder.path().join("ours.pem"));
        drop(authority(&folder.path().join("others.pem")));
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &signer).unwrap();
        let postgres = Postgres::start_with_tls(&certificate.pem(), &key.serialize_pem()).unwrap();
        Self { postgres, folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns the server's URL with this host and these options.
    fn url(&self, host: &str, options: &str) -> String {
        let options = options
            .replace("OURS", self.file("ours.pem").to_str().unwrap())
            .replace("OTHERS", self.file("others.pem").to_str().unwrap());
        format!("{}?{options}", self.postgres.url().replace("127.0.0.1", host))
    }
}

fn authority(file: &Path) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, file.to_string_lossy().into_owned());
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    std::fs::write(file, authority.pem()).unwrap();
    authority
}

/// Returns whether the server reports the connection as encrypted. Also checks that the store
/// works.
fn is_encrypted(tokio: &Tokio, address: &str) -> Result<bool, StoreError> {
    tokio.block_on(async {
        let store = PostgresStore::connect(address, LONG_TIMEOUTS).await?;
        store.migrate().await?;
        let loaded = store.load(&RecordKey::from_bytes([1; 16])).await?;
        assert_eq!(loaded.revision(), Revision::ABSENT);
        let client = store.pool().get().await.unwrap();
        let question = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        Ok(client.query_one(question, &[]).await.unwrap().get(0))
    })
}

/// The error's message with those of its sources.
fn said(error: &StoreError) -> String {
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    let (mut said, mut cause) = (error.to_string(), error.source());
    while let Some(next) = cause {
        said.push_str(&format!(": {next}"));
        cause = next.source();
    }
    said
}

#[test]
fn sslmode_on_a_server_with_tls() {
    let (secured, tokio) = (Secured::start("localhost"), Tokio::start().unwrap());
    for (host, options, expected) in [
        ("localhost", "", Ok(true)),
        ("localhost", "sslmode=disable", Ok(false)),
        ("localhost", "sslmode=prefer", Ok(true)),
        ("127.0.0.1", "sslmode=require", Ok(true)),
        ("localhost", "sslmode=require&sslrootcert=OURS", Ok(true)),
        ("localhost", "sslmode=require&sslrootcert=OTHERS", Err("UnknownIssuer")),
        ("localhost", "sslmode=verify-ca&sslrootcert=OURS", Ok(true)),
        ("127.0.0.1", "sslmode=verify-ca&sslrootcert=OURS", Ok(true)),
        ("localhost", "sslmode=verify-ca&sslrootcert=OTHERS", Err("UnknownIssuer")),
        ("localhost", "sslmode=verify-full&sslrootcert=OURS", Ok(true)),
        (
            "127.0.0.1",
            "sslmode=verify-full&sslrootcert=OURS",
            Err("certificate not valid for name \"127.0.0.1\""),
        ),
        ("localhost", "sslmode=verify-full&sslrootcert=OTHERS", Err("UnknownIssuer")),
        ("localhost", "sslmode=verify-full&sslrootcert=/nowhere.pem", Err("sslrootcert: /nowhere.pem: ")),
        ("localhost", "sslmode=verify-ca", Err("sslmode=verify-ca needs sslrootcert")),
        ("localhost", "sslmode=allow", Err("unknown sslmode: expected one of disable, prefer, require")),
    ] {
        let address = secured.url(host, options);
        match (is_encrypted(&tokio, &address), expected) {
            (Err(error), Err(why)) => assert!(said(&error).contains(why), "{address}: {}", said(&error)),
            (Ok(encrypted), Ok(expected)) => assert_eq!(encrypted, expected, "{address}"),
            (outcome, _) => panic!("{address}: {outcome:?}"),
        }
    }
    // The certificate is not signed by a system authority, and the system may not have any.
    let error = is_encrypted(&tokio, &secured.url("localhost", "sslmode=verify-full")).unwrap_err();
    assert!(
        said(&error).contains("UnknownIssuer") || said(&error).contains("no certificate authorities"),
        "{}",
        said(&error)
    );
    let store = BlockingPostgresStore::connect(
        &secured.url("localhost", "sslmode=verify-full&sslrootcert=OURS"),
        LONG_TIMEOUTS,
    );
    store.unwrap().migrate().unwrap();
}

#[test]
fn sslmode_on_a_server_without_tls() {
    let (postgres, tokio) = (Postgres::start_with(&["fsync=off"]).unwrap(), Tokio::start().unwrap());
    for mode in ["disable", "prefer"] {
        assert!(!is_encrypted(&tokio, &format!("{}?sslmode={mode}", postgres.url())).unwrap());
    }
    for mode in ["require", "verify-full"] {
        let error = is_encrypted(&tokio, &format!("{}?sslmode={mode}", postgres.url())).unwrap_err();
        let (said, why) = (said(&error), "server does not support TLS");
        assert!(
            said.contains(why) || (mode == "verify-full" && said.contains("no certificate authorities")),
            "{said}"
        );
    }
    // A Unix socket has no TLS, and `prefer` accepts that.
    let words = format!(
        "host={} port={} user=countersign dbname=postgres",
        postgres.folder().display(),
        postgres.port()
    );
    assert!(!is_encrypted(&tokio, &words).unwrap());
    assert!(
        said(&is_encrypted(&tokio, &format!("{words} sslmode=require")).unwrap_err())
            .contains("does not support TLS")
    );
}
