//! The progress bar.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::lines::Batch;

/// The progress of a command that reads a list. A bar on standard error shows it, with a percentage
/// if the input is a file.
pub(crate) struct Progress {
    bar: ProgressBar,
    lines: usize,
}

/// When a command writes its answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answers {
    /// While it reads.
    ByLine,
    /// After the last line.
    AtTheEnd,
}

impl Progress {
    /// Shows a bar, unless standard error is not a terminal, or answers appear on a terminal too.
    pub(crate) fn of_input(answers: Answers) -> Self {
        let target = match is_shown(answers, io::stdout().is_terminal(), io::stderr().is_terminal()) {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let length = length_of_input();
        let template = match length {
            Some(_) => "{bar:40} {percent:>3}% {msg} ({bytes_per_sec}, {eta} left)",
            None => "{spinner} {msg} ({bytes_per_sec})",
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        Self { bar: ProgressBar::with_draw_target(length, target).with_style(style), lines: 0 }
    }

    /// Counts the lines of a batch.
    pub(crate) fn add(&mut self, batch: &Batch<'_>) {
        self.lines += batch.lines.len();
        if batch.is_last_of_read && !self.bar.is_hidden() {
            self.bar.set_position(batch.read);
            self.bar.set_message(format!("{} lines", self.lines));
        }
    }

    /// Removes the bar.
    pub(crate) fn finish(self) {
        self.bar.finish_and_clear();
    }
}

/// Returns whether there is a bar: rows on the same terminal would be glued to it.
fn is_shown(answers: Answers, stdout_is_terminal: bool, stderr_is_terminal: bool) -> bool {
    stderr_is_terminal && !(answers == Answers::ByLine && stdout_is_terminal)
}

/// The length of standard input, if it is a file.
#[cfg(unix)]
fn length_of_input() -> Option<u64> {
    use std::os::fd::AsFd;

    let input = io::stdin().as_fd().try_clone_to_owned().ok()?;
    let about = std::fs::File::from(input).metadata().ok()?;
    about.is_file().then_some(about.len())
}

/// Other systems get no percentage.
#[cfg(not(unix))]
fn length_of_input() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_hidden_where_it_would_touch_rows() {
        for (answers, stdout, stderr, shown) in [
            (Answers::ByLine, false, true, true),
            (Answers::ByLine, true, true, false),
            (Answers::AtTheEnd, true, true, true),
            (Answers::AtTheEnd, false, true, true),
            (Answers::ByLine, false, false, false),
            (Answers::ByLine, true, false, false),
            (Answers::AtTheEnd, true, false, false),
        ] {
            assert_eq!(is_shown(answers, stdout, stderr), shown, "{stdout} {stderr}");
        }
    }
}
