//! Non-blocking writers for standard output and standard error.
//!
//! Either stream may be closed, on a full disk, or a pipe that nobody reads. This must not block a
//! request, start-up or shutdown, so a thread of its own writes queued lines. Lines that can't be
//! written are lost.

use std::io::Write;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};

/// The queue's capacity in lines: a few megabytes of log.
const LINES: usize = 16 * 1024;

/// How long shutdown waits for queued lines to be written.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);

/// A queue of lines for a stream.
#[derive(Debug)]
pub struct Output {
    lines: NonBlocking,
    guard: WorkerGuard,
}

impl Output {
    /// Starts the thread that writes to `stream`.
    pub fn new(stream: impl Write + Send + 'static) -> Self {
        let builder = NonBlockingBuilder::default().lossy(true).buffered_lines_limit(LINES);
        let (lines, guard) = builder.finish(stream);
        Self { lines, guard }
    }

    /// Returns a writer for the log. It neither blocks nor fails.
    #[must_use]
    pub fn lines(&self) -> NonBlocking {
        self.lines.clone()
    }

    /// Writes a text as it is.
    pub fn say(&self, text: &str) {
        // The only possible error is a full queue, which drops the text.
        let _ = self.lines().write_all(text.as_bytes());
    }

    /// Waits until the queued lines are written, for at most two seconds.
    pub fn close(outputs: impl IntoIterator<Item = Self>) {
        let closing: Vec<_> = outputs.into_iter().map(Self::closing).collect();
        for closed in closing {
            // Whether closed or timed out, there is nothing left to do.
            let _ = closed.recv_timeout(SHUTDOWN_TIMEOUT);
        }
    }

    /// Drops the guard on a thread that nobody joins: dropping it waits for the stream and reports
    /// a timeout on standard output, and either can block for ever.
    fn closing(self) -> mpsc::Receiver<()> {
        let (done, closed) = mpsc::channel();
        // If no thread can be started, the guard is dropped here.
        let _ = thread::Builder::new().spawn(move || {
            drop(self.guard);
            let _ = done.send(());
        });
        closed
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};
    use std::time::Instant;

    use super::*;

    /// A stream that takes a while for each line.
    #[derive(Clone, Default)]
    struct Slow(Arc<Mutex<Vec<u8>>>);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            thread::sleep(Duration::from_millis(1));
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn close_waits_for_queued_lines() {
        let written = Slow::default();
        let output = Output::new(written.clone());
        (0..100).for_each(|line| output.say(&format!("{line}\n")));
        Output::close([output]);
        let expected: String = (0..100).map(|line| format!("{line}\n")).collect();
        assert_eq!(String::from_utf8(written.0.lock().unwrap().clone()).unwrap(), expected);
    }

    /// A stream whose writes never return.
    struct Stuck;

    impl Write for Stuck {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            loop {
                thread::park();
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn stuck_stream_blocks_neither_writers_nor_shutdown() {
        let began = Instant::now();
        let outputs = [Output::new(Stuck), Output::new(Stuck)];
        for output in &outputs {
            (0..2 * LINES).for_each(|_| output.say("a line\n"));
        }
        Output::close(outputs);
        // Two timeouts, plus time for a busy machine.
        assert!(began.elapsed() < 2 * SHUTDOWN_TIMEOUT + Duration::from_secs(10), "{:?}", began.elapsed());
    }
}
