//! A log that can't be written blocks neither requests nor shutdown.

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

/// The time limit for the process to exit, which waits for its log for at most two seconds.
const END: Duration = Duration::from_secs(15);

/// Streams that can't be written to: writes fail with `ENOSPC`, fail with `EPIPE`, or block. The
/// reader must be kept for the last one.
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

/// Returns a full pipe. The thread that filled it ends with the reader.
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
async fn unwritable_log_blocks_neither_requests_nor_shutdown() {
    for (name, reader, stderr) in unwritable() {
        let mut server = Server::logging_to(stderr);
        // Enough requests to fill a pipe or block a thread, including refused ones.
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
        assert!(server.exited_within(END), "{name}: the server did not exit after SIGTERM");
        drop(reader);
    }
}

/// The server also starts and stops if its standard output can't be written.
#[tokio::test]
async fn unwritable_stdout_blocks_neither_start_nor_shutdown() {
    for ((name, reader, stdout), (_, other, stderr)) in unwritable().into_iter().zip(unwritable()) {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let mut program = program(&["--dev", "--listen", &address]);
        let mut child = program.stdout(stdout).stderr(stderr).spawn().unwrap();
        let began = Instant::now();
        while TcpStream::connect(&address).is_err() {
            assert!(began.elapsed() < Duration::from_secs(30), "{name}: the server does not listen");
            thread::sleep(Duration::from_millis(50));
        }
        let body = json!({ "phone_number": "+12025550101" });
        let login = reqwest::Client::new().post(format!("http://{address}/v1/otps/sms/login_or_create"));
        let login = login
            .basic_auth(countersign_server_tests::PROJECT, Some(countersign_server_tests::SECRET))
            .json(&body);
        assert_eq!(login.send().await.unwrap().status(), StatusCode::OK, "{name}");
        Command::new("kill").arg(child.id().to_string()).status().unwrap();
        assert!(ends(&mut child), "{name}: the server did not exit after SIGTERM");
        drop((reader, other));
    }
}

/// A server that fails to start exits even if it can't report the error.
#[test]
fn failed_start_exits_with_unwritable_stderr() {
    for (name, reader, stderr) in unwritable() {
        let mut program = program(&["--dev", "--redis", "redis://127.0.0.1:1/"]);
        let mut child = program.stdout(Stdio::null()).stderr(stderr).spawn().unwrap();
        assert!(!ends(&mut child), "{name}: the server started");
        drop(reader);
    }
}

/// Whether the process exited successfully. It is killed if it does not exit.
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
    panic!("the process did not exit within {END:?}");
}
