//! A log that can't be written never stops a request, nor the end of the process.

use std::fs::OpenOptions;
use std::io::{PipeReader, PipeWriter, Write, pipe};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::json;

use countersign_server_tests::{Server, program};

/// How long the process may take to end: it waits two seconds at most for its log.
const END: Duration = Duration::from_secs(15);

/// Where nothing can be written: every write fails with `ENOSPC`, fails with `EPIPE`, or blocks. The reader keeps the last one so.
fn unwritable() -> [(&'static str, Option<PipeReader>, Stdio); 3] {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let (reader, closed) = pipe().unwrap();
    drop(reader);
    let (reader, unread) = filled_pipe();
    [
        ("/dev/full", None, full.into()),
        ("a closed pipe", None, closed.into()),
        ("a pipe that nobody reads", Some(reader), unread.into()),
    ]
}

/// A pipe with no room for another byte. The thread that filled it ends with the reader.
fn filled_pipe() -> (PipeReader, PipeWriter) {
    let (reader, writer) = pipe().unwrap();
    let mut filler = writer.try_clone().unwrap();
    let written = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&written);
    thread::spawn(move || {
        while filler.write_all(b".").is_ok() {
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    let mut before = u64::MAX;
    while before != written.load(Ordering::Relaxed) || before == 0 {
        before = written.load(Ordering::Relaxed);
        thread::sleep(Duration::from_millis(500));
    }
    (reader, writer)
}

#[tokio::test]
async fn an_unwritable_log_stops_no_request_and_no_sigterm() {
    for (name, reader, stderr) in unwritable() {
        let mut server = Server::logging_to(stderr);
        // More than a pipe or a thread could hold back unnoticed, refusals among them.
        for round in 0..5 {
            let number = format!("+1202555010{round}");
            let sent = server.login(&number).await;
            let code = server.code(&number).await;
            let (status, _) = server.authenticate(&sent["phone_id"], &code).await;
            assert_eq!(status, StatusCode::OK, "{name}");
            let (status, _) = server.authenticate(&sent["phone_id"], &code).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{name}");
        }
        let others = (0..50).map(|_| server.get("/healthz"));
        for (status, _) in futures_util::future::join_all(others).await {
            assert_eq!(status, StatusCode::OK, "{name}");
        }
        server.terminate();
        assert!(server.exited_within(END), "{name}: SIGTERM did not end it");
        drop(reader);
    }
}

/// Nor does it matter that its first words can't be written.
#[tokio::test]
async fn an_unwritable_standard_output_stops_no_start_and_no_end() {
    for ((name, reader, stdout), (_, other, stderr)) in unwritable().into_iter().zip(unwritable()) {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let mut program = program(&["--dev", "--listen", &address]);
        let mut child = program.stdout(stdout).stderr(stderr).spawn().unwrap();
        let began = Instant::now();
        while TcpStream::connect(&address).is_err() {
            assert!(began.elapsed() < Duration::from_secs(30), "{name}: it does not listen");
            thread::sleep(Duration::from_millis(50));
        }
        let body = json!({ "phone_number": "+12025550101" });
        let login = reqwest::Client::new().post(format!("http://{address}/v1/otps/sms/login_or_create"));
        let login = login
            .basic_auth(countersign_server_tests::PROJECT, Some(countersign_server_tests::SECRET))
            .json(&body);
        assert_eq!(login.send().await.unwrap().status(), StatusCode::OK, "{name}");
        Command::new("kill").arg(child.id().to_string()).status().unwrap();
        assert!(ends(&mut child), "{name}: SIGTERM did not end it");
        drop((reader, other));
    }
}

/// And a start that fails ends, though nobody can be told why.
#[test]
fn a_failed_start_ends_when_nobody_can_be_told() {
    for (name, reader, stderr) in unwritable() {
        let mut program = program(&["--dev", "--redis", "redis://127.0.0.1:1/"]);
        let mut child = program.stdout(Stdio::null()).stderr(stderr).spawn().unwrap();
        assert!(!ends(&mut child), "{name}: it started");
        drop(reader);
    }
}

/// Whether it ended well. It is killed if it does not end.
fn ends(child: &mut Child) -> bool {
    let began = Instant::now();
    while began.elapsed() < END {
        if let Some(status) = child.try_wait().unwrap() {
            return status.success();
        }
        thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    panic!("it did not end within {END:?}");
}
