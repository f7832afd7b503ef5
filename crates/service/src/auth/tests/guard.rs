//! The guard: each `x-access` lets in whom it says, and what does not say it is not served.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use pipeline::Clock;
use shop_testkit::tokens::Issuer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::{Access, Caller, ClientAddress, Tokens, guarded};
use super::{NOW, app, file_of, get, send};
use crate::settings::Callers;

const USER: &str = "0190b6ac-0000-7000-8000-000000000001";

macro_rules! route {
    ($name:ident, $path:literal, $access:literal) => {
        #[utoipa::path(get, path = $path, extensions(("x-access" = json!($access))))]
        async fn $name() {}
    };
}
route!(anyone, "/anyone", "anyone");
route!(signed_in, "/signed-in", "signed-in");
route!(own, "/own", "own");
route!(own_only, "/own-only", "own-only");
route!(staff, "/staff", "staff");
route!(admin, "/admin", "admin");

#[utoipa::path(get, path = "/maybe", extensions(("x-access" = json!("anyone"))))]
async fn maybe(caller: Option<Caller>) -> String {
    format!("\"{}\"", caller.map_or("nobody", |caller| caller.role.name()))
}

#[utoipa::path(get, path = "/address", extensions(("x-access" = json!("anyone"))))]
async fn address(ClientAddress(address): ClientAddress) -> String {
    format!("\"{address}\"")
}

#[utoipa::path(put, path = "/own", extensions(("x-access" = json!("own"))))]
async fn write() {}

#[utoipa::path(get, path = "/forgotten")]
async fn forgotten() {}

#[utoipa::path(get, path = "/misspelt", extensions(("x-access" = json!("everyone"))))]
async fn misspelt() {}

fn tokens(issuer: &Issuer) -> Arc<Tokens> {
    Arc::new(Tokens::new(&Callers::by(file_of(issuer)), Clock::manual(NOW)).unwrap())
}

fn shop(issuer: &Issuer) -> Router {
    guarded(routes(), tokens(issuer)).unwrap()
}

fn routes() -> OpenApiRouter {
    OpenApiRouter::default()
        .routes(routes!(anyone))
        .routes(routes!(signed_in))
        .routes(routes!(own, write))
        .routes(routes!(own_only))
        .routes(routes!(staff))
        .routes(routes!(admin))
        .routes(routes!(maybe))
        .routes(routes!(address))
}

#[tokio::test]
async fn each_access_lets_in_whom_it_says() {
    let issuer = Issuer::new().unwrap();
    let app = shop(&issuer);
    let of = |role| Some(issuer.token(USER, role));
    let who = [None, of("customer"), of("staff"), of("admin")];
    for (access, statuses) in [
        ("anyone", [200, 200, 200, 200]),
        ("signed-in", [401, 200, 200, 200]),
        ("own", [401, 200, 200, 200]),
        ("own-only", [401, 200, 200, 200]),
        ("staff", [401, 403, 200, 200]),
        ("admin", [401, 403, 403, 200]),
    ] {
        assert_eq!(Access::named(access).unwrap().word(), access);
        for (token, status) in who.iter().zip(statuses) {
            let answer = get(&app, &format!("/{access}"), token.as_deref()).await;
            assert_eq!(answer.status.as_u16(), status, "{access}: {token:?}");
            if status == 401 {
                assert_eq!(answer.headers["www-authenticate"], "Bearer");
                assert_eq!(answer.kind(), "not-signed-in");
            }
            if status == 403 {
                assert_eq!(answer.kind(), "not-allowed");
            }
        }
    }
}

#[tokio::test]
async fn a_route_that_is_open_to_anyone_may_ask_who_it_is() {
    let issuer = Issuer::new().unwrap();
    let app = shop(&issuer);
    assert_eq!(get(&app, "/maybe", None).await.body, "nobody");
    let staff = issuer.token(USER, "staff");
    assert_eq!(get(&app, "/maybe", Some(&staff)).await.body, "staff");
    assert_eq!(get(&app, "/maybe", Some("garbage")).await.status, 401);
    assert_eq!(get(&app, "/anyone", Some("garbage")).await.status, 200, "it does not ask");
}

#[tokio::test]
async fn a_route_that_does_not_say_who_may_call_it_is_an_error_at_the_start() {
    let issuer = Issuer::new().unwrap();
    let routes = OpenApiRouter::default().routes(routes!(forgotten));
    let error = guarded(routes, tokens(&issuer)).err().unwrap().to_string();
    assert!(error.contains("GET /forgotten") && error.contains("x-access"), "{error}");
    let routes = OpenApiRouter::default().routes(routes!(misspelt));
    let error = guarded(routes, tokens(&issuer)).err().unwrap().to_string();
    assert!(error.contains("everyone") && error.contains("signed-in"), "{error}");
}

#[tokio::test]
async fn what_the_document_does_not_have_is_not_served() {
    let issuer = Issuer::new().unwrap();
    let secret = || axum::routing::any(async || "secret");
    let nested = Router::new().route("/deep", secret());
    let routes = OpenApiRouter::default()
        .routes(routes!(anyone))
        .route("/hidden", secret())
        .nest_service("/nested", nested)
        .fallback(async || "secret");
    let app = guarded(routes, tokens(&issuer)).unwrap();
    let admin = issuer.token(USER, "admin");
    for path in ["/hidden", "/nested/deep", "/nested", "/nothing"] {
        assert_eq!(get(&app, path, Some(&admin)).await.status, 404, "{path}");
    }
    let request = |method: &str| {
        Request::builder().method(method).uri("/anyone").body(Body::empty()).unwrap()
    };
    assert_eq!(send(&app, request("HEAD")).await.status, 200);
    assert_eq!(send(&app, request("DELETE")).await.status, 405);
}

#[tokio::test]
async fn the_description_says_who_may_call_what() {
    let issuer = Issuer::new().unwrap();
    let api = get(&shop(&issuer), "/openapi.json", None).await.body;
    assert_eq!(api["paths"]["/own"]["get"]["x-access"], "own");
    assert!(api["paths"]["/own"]["get"]["security"][0]["access_token"].is_array());
    assert!(api["paths"]["/anyone"]["get"]["security"].is_null());
    assert_eq!(api["components"]["securitySchemes"]["access_token"]["scheme"], "bearer");
}

#[tokio::test]
async fn head_is_held_to_what_get_says() {
    let issuer = Issuer::new().unwrap();
    let app = app(file_of(&issuer), &Clock::manual(NOW));
    let head = Request::builder().method("HEAD").uri("/me").body(Body::empty()).unwrap();
    assert_eq!(send(&app, head).await.status, 401);
}

#[tokio::test]
async fn what_changes_something_has_a_rate_by_account_and_what_reads_has_none() {
    let issuer = Issuer::new().unwrap();
    let mut callers = Callers::by(file_of(&issuer));
    callers.writes_per_account = "3/h".parse().unwrap();
    let tokens = Arc::new(Tokens::new(&callers, Clock::manual(NOW)).unwrap());
    let app = guarded(routes(), tokens).unwrap();
    let ask = async |method: &str, token: &str| {
        let request = Request::builder().method(method).uri("/own");
        let request = request.header("authorization", format!("Bearer {token}"));
        send(&app, request.body(Body::empty()).unwrap()).await
    };
    let (own, anothers) =
        (issuer.token(USER, "customer"), issuer.token(uuid::Uuid::max(), "staff"));
    for _ in 0..3 {
        assert_eq!(ask("PUT", &own).await.status, 200);
    }
    // Of the account, whatever token it comes with.
    let refused = ask("PUT", &issuer.token(USER, "staff")).await;
    assert_eq!((refused.status.as_u16(), refused.kind()), (429, "too-often"));
    assert_eq!(refused.headers["retry-after"], "1200");
    assert_eq!(ask("GET", &own).await.status, 200);
    assert_eq!(ask("HEAD", &own).await.status, 200);
    assert_eq!(ask("PUT", &anothers).await.status, 200);
}

#[tokio::test]
async fn a_forwarded_address_counts_from_a_trusted_proxy_alone() {
    use axum::extract::ConnectInfo;
    let issuer = Issuer::new().unwrap();
    let mut callers = Callers::by(file_of(&issuer));
    for (trusted, expected) in [(vec![], "127.0.0.1"), (vec!["127.0.0.1"], "198.51.100.7")] {
        callers.trusted_proxies = trusted.iter().map(|t: &&str| t.parse().unwrap()).collect();
        let tokens = Arc::new(Tokens::new(&callers, Clock::manual(NOW)).unwrap());
        let app = guarded(OpenApiRouter::default().routes(routes!(address)), tokens).unwrap();
        let peer: std::net::SocketAddr = "127.0.0.1:4711".parse().unwrap();
        let request = Request::get("/address")
            .header("x-forwarded-for", "198.51.100.7")
            .extension(ConnectInfo(peer))
            .body(Body::empty())
            .unwrap();
        assert_eq!(send(&app, request).await.body, expected);
    }
}
