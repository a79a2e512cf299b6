//! The progress bar.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A progress bar on standard error, if that is a terminal. It shows a percentage if the input is a
/// file.
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
