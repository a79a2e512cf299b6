//! A progress bar on a terminal; nothing elsewhere.
#![allow(clippy::std_instead_of_alloc, reason = "a terminal needs std anyway")]

use std::borrow::Cow;
use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shows a progress bar on standard error if that is a terminal.
#[must_use]
pub fn bar(length: u64, what: impl Into<Cow<'static, str>>) -> ProgressBar {
    let target =
        if io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let style = ProgressStyle::with_template("{msg} {bar:40} {percent:>3}% ({eta} left)");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(Some(length), target).with_style(style).with_message(what)
}
