//! A span and a count for each request.

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::{self, Next};
use axum::response::Response;
use pipeline::meta::header;
use pipeline::{TraceContext, Tracer};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use tokio::time::Instant;
use tracing::Instrument;
use tracing::field::Empty;

use super::cause::came_with;
use crate::telemetry::Join;

/// Routes are told by their templates: what is in a path would make a label without a bound.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: &'static str,
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: u16,
}

/// Where a path is none of the service's.
const NO_ROUTE: &str = "none";

/// Counts requests, and makes a server span of each.
#[derive(Clone)]
pub(crate) struct Requests {
    answered: Family<Answered, Counter>,
    seconds: Family<Route, Histogram>,
}

impl Requests {
    pub(crate) fn new(registry: &mut Registry) -> Self {
        // 1 ms to 16 s, and the limit is 15 s.
        let buckets = || Histogram::new(exponential_buckets(0.001, 2.0, 15));
        let requests = Requests {
            answered: Family::default(),
            seconds: Family::new_with_constructor(buckets),
        };
        let registry = registry.sub_registry_with_prefix("http");
        let help = "Requests answered, by route";
        registry.register("requests", help, requests.answered.clone());
        let help = "Time until the answer began";
        let seconds = requests.seconds.clone();
        registry.register_with_unit("request_duration", help, Unit::Seconds, seconds);
        requests
    }

    /// Around all these routes.
    pub(crate) fn around(self, routes: Router) -> Router {
        routes.layer(middleware::from_fn(move |request, next| {
            let requests = self.clone();
            async move { requests.observe(request, next).await }
        }))
    }

    /// The request's headers then name its own span, so that [`super::cause`] is that span.
    async fn observe(&self, mut request: Request, next: Next) -> Response {
        let method = method(request.method());
        let route = request.extensions().get::<MatchedPath>();
        let route = route.map_or(NO_ROUTE, |path| path.as_str()).to_owned();
        let span = tracing::info_span!(
            target: "shop_service::http",
            parent: None,
            "request",
            otel.name = format!("{method} {route}"),
            otel.kind = "server",
            otel.status_code = Empty,
            http.request.method = method,
            http.route = route,
            http.response.status_code = Empty,
        );
        let came = came_with(request.headers());
        say(request.headers_mut(), Join.join(&span, came.as_ref()).as_ref());
        let started = Instant::now();
        let response = next.run(request).instrument(span.clone()).await;
        let status = response.status();
        span.record("http.response.status_code", status.as_u16());
        if status.is_server_error() {
            span.record("otel.status_code", "ERROR");
        }
        let of = Route { method, route: route.clone() };
        self.seconds.get_or_create(&of).observe(started.elapsed().as_secs_f64());
        self.answered.get_or_create(&Answered { method, route, status: status.as_u16() }).inc();
        response
    }
}

fn say(headers: &mut HeaderMap, context: Option<&TraceContext>) {
    headers.remove(header::TRACEPARENT);
    headers.remove(header::TRACESTATE);
    let Some(context) = context else { return };
    if let Ok(value) = HeaderValue::from_str(context.traceparent()) {
        headers.insert(header::TRACEPARENT, value);
    }
    if let Some(value) = context.tracestate().and_then(|s| HeaderValue::from_str(s).ok()) {
        headers.insert(header::TRACESTATE, value);
    }
}

/// Anyone may send any word as a method; the label has a bound all the same.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::{Body, to_bytes};
    use axum::extract::Path;
    use axum::routing::get;
    use tower::ServiceExt;

    async fn ask(app: &Router, method: &str, path: &str, traceparent: &str) -> String {
        let request = Request::builder().method(method).uri(path);
        let request = request.header("traceparent", traceparent).body(Body::empty()).unwrap();
        let answer = app.clone().oneshot(request).await.unwrap();
        String::from_utf8(to_bytes(answer.into_body(), 1_000).await.unwrap().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn labels_have_a_bound_and_every_request_has_a_trace() {
        let mut registry = Registry::default();
        let trace = async |headers: HeaderMap, Path(_): Path<String>| {
            super::super::cause(&headers).trace.map(|t| t.traceparent().to_owned()).unwrap()
        };
        let routes = Router::new().route("/orders/{order_id}", get(trace));
        let app = Requests::new(&mut registry).around(crate::http::limited(routes));
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(ask(&app, "GET", "/orders/1", good).await, good);
        let long = "x".repeat(10_000);
        for malformed in ["00-xyz", &*long, &good.to_uppercase()] {
            assert_eq!(ask(&app, "GET", "/orders/2", malformed).await.len(), good.len());
        }
        for i in 0..9 {
            ask(&app, &format!("BREW{i}"), &format!("/nothing/{i}"), good).await;
        }
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        let counts: Vec<_> =
            text.lines().filter(|l| l.starts_with("http_requests_total")).collect();
        assert_eq!(counts.len(), 2, "{text}");
        let own = r#"http_requests_total{method="GET",route="/orders/{order_id}",status="200"} 4"#;
        let none = r#"http_requests_total{method="other",route="none",status="404"} 9"#;
        assert!(counts.contains(&own) && counts.contains(&none), "{text}");
    }
}
