//! A proxy between a store and its server that drops replies and counts round trips.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use countersign::store::TallyKey;
use countersign::testing::Engine;

/// A server behind a proxy that can drop replies and counts round trips.
pub struct Proxied<E> {
    engine: E,
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    lose: AtomicBool,
    round_trips: AtomicU64,
}

impl<E> Proxied<E> {
    /// Starts a proxy in mode of a server on this port.
    ///
    /// # Errors
    ///
    /// If no port is free.
    pub fn new(engine: E, server: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared::default());
        let of_all = Arc::clone(&shared);
        // The thread runs until the test ends.
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // If the server is down, the connection is closed.
                let _ = serve(client, server, &of_all);
            }
        });
        Ok(Self { engine, port, shared })
    }

    /// Returns the proxy's port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Returns the number of round trips: how often a client sent a request on a new connection or
    /// after a reply. Requests sent without waiting for a reply count as one.
    pub fn round_trips(&self) -> u64 {
        self.shared.round_trips.load(Ordering::SeqCst)
    }

    /// Returns the server behind the proxy.
    pub const fn engine(&self) -> &E {
        &self.engine
    }
}

impl<E: Engine> Engine for Proxied<E> {
    fn restart(&self) -> io::Result<()> {
        self.engine.restart()
    }

    fn pause(&self) -> io::Result<()> {
        self.engine.pause()
    }

    fn resume(&self) -> io::Result<()> {
        self.engine.resume()
    }

    fn lose_next_reply(&self) -> io::Result<bool> {
        self.shared.lose.store(true, Ordering::SeqCst);
        Ok(true)
    }

    fn ways_to_damage(&self) -> usize {
        self.engine.ways_to_damage()
    }

    fn damage_tally(&self, key: &TallyKey, way: usize) -> io::Result<()> {
        self.engine.damage_tally(key, way)
    }
}

fn serve(client: TcpStream, server: u16, shared: &Arc<Shared>) -> io::Result<()> {
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, server))?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (requests_from, requests_to) = (client.try_clone()?, server.try_clone()?);
    let (of_requests, of_replies) = (Arc::clone(shared), Arc::clone(shared));
    let is_waiting = Arc::new(AtomicBool::new(false));
    let waits = Arc::clone(&is_waiting);
    let count = move || {
        if !waits.swap(true, Ordering::SeqCst) {
            of_requests.round_trips.fetch_add(1, Ordering::SeqCst);
        }
        true
    };
    let unless_lost = move || {
        is_waiting.store(false, Ordering::SeqCst);
        !of_replies.lose.swap(false, Ordering::SeqCst)
    };
    thread::spawn(move || copy(requests_from, requests_to, count));
    thread::spawn(move || copy(server, client, unless_lost));
    Ok(())
}

/// Copies bytes until one side closes or `passes` returns false, and then closes both.
fn copy(mut from: TcpStream, mut to: TcpStream, passes: impl Fn() -> bool) {
    let mut bytes = [0; 16 << 10];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        if !passes() || to.write_all(&bytes[..length]).is_err() {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
