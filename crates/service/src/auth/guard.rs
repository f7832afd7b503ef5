//! Around a service's routes: nobody reaches a handler who may not call it.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, MatchedPath, Request};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;

use super::access::{self, Access, Table, Unguarded};
use super::address::{ClientAddress, client};
use super::token::{Tokens, presented};
use crate::http::{Problem, limited};

const OPENAPI: &str = "/openapi.json";

/// A service's routes, each behind the `x-access` of its operation and within the limits of
/// [`limited`], and their description at `/openapi.json`. Who is signed in has a rate of requests that
/// change something, whatever they change.
///
/// Only what the document has is served. An operation that does not say who may call it is an error
/// here, and a route that the document does not have answers 404 and an error in the log.
pub fn guarded(routes: OpenApiRouter, tokens: Arc<Tokens>) -> Result<Router, Unguarded> {
    let (routes, mut api) = routes.split_for_parts();
    let table = Table::of(&api)?;
    access::say_what_wants_a_token(&mut api);
    let guard = Arc::new(Guard { table, tokens });
    let routes = routes.layer(middleware::from_fn(move |request, next| {
        let guard = guard.clone();
        async move { guard.around(request, next).await }
    }));
    Ok(limited(routes.route(OPENAPI, get(async move || axum::Json(api)))))
}

struct Guard {
    table: Table,
    tokens: Arc<Tokens>,
}

impl Guard {
    async fn around(&self, mut request: Request, next: Next) -> Response {
        match self.admit(&mut request).await {
            Ok(()) => next.run(request).await,
            Err(refused) => refused.into_response(),
        }
    }

    async fn admit(&self, request: &mut Request) -> Result<(), Problem> {
        let access = self.access(request)?;
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        let address = client(peer, request.headers(), &self.tokens.trusted_proxies);
        request.extensions_mut().insert(ClientAddress(address));
        if access == Access::Anyone {
            // For the handler that wants to know all the same.
            request.extensions_mut().insert(self.tokens.clone());
            return Ok(());
        }
        let token = presented(request.headers())?.to_owned();
        let caller = self.tokens.verify(&token).await?;
        if !access.lets(caller.role) {
            let word = access.word();
            return Err(Problem::forbidden(format!("This is for {word} alone.")));
        }
        if !request.method().is_safe() {
            self.tokens.writes.check(&caller.user_id.to_string())?;
        }
        request.extensions_mut().insert(caller);
        Ok(())
    }

    /// Who may call what this request asks for.
    fn access(&self, request: &Request) -> Result<Access, Problem> {
        let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
        let Some(methods) = path.and_then(|path| self.table.methods(path)) else {
            tracing::error!(
                http.route = path,
                "a route that the OpenAPI document does not have is not served: register it with routes!(…)"
            );
            return Err(Problem::not_found("There is nothing at this path; see /openapi.json."));
        };
        let of = |method: &Method| methods.iter().find(|(m, _)| m == method).map(|(_, a)| *a);
        let method = request.method();
        // Where there is no HEAD of its own, GET answers it.
        let access = of(method).or_else(|| of(&Method::GET).filter(|_| method == Method::HEAD));
        access.ok_or_else(|| {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "The path is right and the method is not; see /openapi.json.",
            )
        })
    }
}
