//! The guard of a server that has one.

use super::verifier::Guarding;
use crate::app::App;
use crate::failure::{Failure, Kind};

/// Returns the guard.
///
/// # Errors
///
/// [`Kind::RouteNotFound`] if the server has none.
pub(super) fn guarding(app: &App) -> Result<&Guarding, Failure> {
    let message = "this server has no guard: see --guard";
    app.passcodes.guarding().ok_or(Failure::new(Kind::RouteNotFound, message))
}
