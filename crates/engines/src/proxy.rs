//! Something between a store and its server that loses replies.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use countersign::testing::Engine;

/// A server behind a proxy that can lose its replies.
pub struct Proxied<E> {
    engine: E,
    port: u16,
    lose: Arc<AtomicBool>,
}

impl<E> Proxied<E> {
    /// In front of a server that listens at this port.
    ///
    /// # Errors
    ///
    /// If there is no free port.
    pub fn new(engine: E, server: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let lose = Arc::new(AtomicBool::new(false));
        let losing = Arc::clone(&lose);
        // Until the test ends.
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A server that is down is a connection that ends.
                let _ = serve(client, server, &losing);
            }
        });
        Ok(Self { engine, port, lose })
    }

    /// Where the proxy listens.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The server behind it.
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
        self.lose.store(true, Ordering::SeqCst);
        Ok(true)
    }
}

fn serve(client: TcpStream, server: u16, lose: &Arc<AtomicBool>) -> io::Result<()> {
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, server))?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (requests_from, requests_to) = (client.try_clone()?, server.try_clone()?);
    let lose = Arc::clone(lose);
    thread::spawn(move || copy(requests_from, requests_to, || false));
    thread::spawn(move || copy(server, client, || lose.swap(false, Ordering::SeqCst)));
    Ok(())
}

/// Until one side ends, or what came is to be lost: then both do.
fn copy(mut from: TcpStream, mut to: TcpStream, lose: impl Fn() -> bool) {
    let mut bytes = [0; 16 << 10];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        if lose() || to.write_all(&bytes[..length]).is_err() {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
