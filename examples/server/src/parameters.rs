//! Path and query parameters.

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::failure::{Failure, Kind};

/// The parameters of a path. A path that is not UTF-8 matches no route.
#[derive(Debug)]
pub struct InPath<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for InPath<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let path = Path::from_request_parts(parts, state).await;
        path.map(|Path(all)| Self(all)).map_err(|_| Failure::of(Kind::RouteNotFound))
    }
}

/// The parameters of a query.
#[derive(Debug)]
pub struct InQuery<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for InQuery<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let query = Query::from_request_parts(parts, state).await;
        let failure =
            || Failure::new(Kind::BadRequest, "a query parameter is repeated or has the wrong type");
        query.map(|Query(all)| Self(all)).map_err(|_| failure())
    }
}
