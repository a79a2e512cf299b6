//! How far a command has read.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar on standard error when that is a terminal; with the share that is done when the input is a file.
pub(crate) fn of_input() -> ProgressBar {
    let length = length_of_input();
    let target =
        if io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let template = match length {
        Some(_) => "{bar:40} {percent:>3}% {msg} ({bytes_per_sec}, {eta} left)",
        None => "{spinner} {msg} ({bytes_per_sec})",
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(length, target).with_style(style)
}

/// The length of standard input, when it is a file.
#[cfg(unix)]
fn length_of_input() -> Option<u64> {
    use std::os::fd::AsFd;

    let input = io::stdin().as_fd().try_clone_to_owned().ok()?;
    let about = std::fs::File::from(input).metadata().ok()?;
    about.is_file().then_some(about.len())
}

/// Elsewhere the bar does without it.
#[cfg(not(unix))]
fn length_of_input() -> Option<u64> {
    None
}
