//! Standard output and standard error, written without waiting for whoever reads them.
//!
//! Either may be closed, on a full disk, or a pipe that nobody reads. That must not stop a request, the
//! start, or the end of the process, so lines are queued for a thread of their own; lines that can't be
//! written are lost.

use std::io::Write;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};

/// Length of the queue, in lines: a few megabytes of log.
const LINES: usize = 16 * 1024;

/// How long the end of the process waits for queued lines to be written.
const AT_THE_END: Duration = Duration::from_secs(2);

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

    /// The writer for a log. It neither blocks nor fails.
    #[must_use]
    pub fn lines(&self) -> NonBlocking {
        self.lines.clone()
    }

    /// Writes a text as it is.
    pub fn say(&self, text: &str) {
        // A full queue loses the text; there is no other error.
        let _ = self.lines().write_all(text.as_bytes());
    }

    /// Waits until what was said is written, but for two seconds at most.
    pub fn close(outputs: impl IntoIterator<Item = Self>) {
        let closing: Vec<_> = outputs.into_iter().map(Self::closing).collect();
        for closed in closing {
            // Either it is done, or too late.
            let _ = closed.recv_timeout(AT_THE_END);
        }
    }

    /// Dropping the guard waits for the stream, and complains on standard output where it waits in vain:
    /// both can take for ever, so a thread does it that nobody has to join.
    fn closing(self) -> mpsc::Receiver<()> {
        let (done, closed) = mpsc::channel();
        // Without a thread to be had, the guard is dropped at once.
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

    /// What was written, by a stream that takes a while for each line.
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
    fn close_waits_for_what_was_said() {
        let written = Slow::default();
        let output = Output::new(written.clone());
        (0..100).for_each(|line| output.say(&format!("{line}\n")));
        Output::close([output]);
        let expected: String = (0..100).map(|line| format!("{line}\n")).collect();
        assert_eq!(String::from_utf8(written.0.lock().unwrap().clone()).unwrap(), expected);
    }

    /// A stream of which no write ever returns.
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
    fn a_stuck_stream_holds_up_neither_lines_nor_the_end() {
        let began = Instant::now();
        let outputs = [Output::new(Stuck), Output::new(Stuck)];
        for output in &outputs {
            (0..2 * LINES).for_each(|_| output.say("a line\n"));
        }
        Output::close(outputs);
        // Two deadlines, and a busy machine.
        assert!(began.elapsed() < 2 * AT_THE_END + Duration::from_secs(10), "{:?}", began.elapsed());
    }
}
