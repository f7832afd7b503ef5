use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use futures::FutureExt;
use pipeline::Tx;
use serde::{Deserialize, Serialize};
use shop_service::auth::Caller;
use shop_service::http::{IdempotencyKey, Path, Problem};
use utoipa::ToSchema;
use uuid::Uuid;

use super::App;
use crate::domain;
use crate::store::changes::{self, By};

/// Pieces that may arrive at once.
const MOST: i64 = 1_000_000;

/// What has arrived.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RestockProduct {
    /// How many more there are, 1 to 1,000,000.
    #[schema(minimum = 1, maximum = 1_000_000, example = 12)]
    quantity: i64,
}

/// What was added; the same answer to each repeat of the request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Restocked {
    sku: String,
    quantity: i64,
    /// All that ever arrived, with these.
    restocked_total: i64,
    version: i64,
}

/// Adds to the stock of a product what has arrived.
#[utoipa::path(
    post,
    path = "/products/{sku}/restock",
    extensions(("x-access" = json!("staff"))),
    params(
        ("sku" = String, Path),
        ("Idempotency-Key" = String, Header,
         description = "Made once for each delivery and the same in each try, so that it is added once."),
    ),
    request_body = RestockProduct,
    responses(
        (status = 200, body = Restocked),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn restock_product(
    State(app): State<App>,
    caller: Caller,
    Path(sku): Path<String>,
    key: IdempotencyKey,
    headers: HeaderMap,
    shop_service::http::Json(body): shop_service::http::Json<RestockProduct>,
) -> Result<Json<Restocked>, Problem> {
    let RestockProduct { quantity } = body;
    if !(1..=MOST).contains(&quantity) {
        let problem = format!("is {quantity}, and may be 1 to {MOST}");
        return Err(Problem::field("quantity", problem));
    }
    let request = format!("restock\n{quantity}\n{sku}");
    let hash = Uuid::new_v5(&caller.user_id, request.as_bytes()).simple().to_string();
    let by = By { user_id: caller.user_id, request: Some((key, hash)) };
    let (cause, sku, by) = (super::cause(&headers, &sku), sku.as_str(), &by);
    let restocked = app.store.write(cause, |tx| restock(tx, sku, quantity, by).boxed()).await?;
    Ok(Json(restocked))
}

async fn restock(tx: &mut Tx, sku: &str, quantity: i64, by: &By) -> Result<Restocked, Problem> {
    let product = super::find(tx, sku).await?;
    let restocked = |restocked_total, version| Restocked {
        sku: sku.to_owned(),
        quantity,
        restocked_total,
        version,
    };
    if let Some((key, hash)) = &by.request
        && let Some(done) = changes::done_by_key(tx.conn(), by.user_id, key).await?
    {
        let same = done.hash == *hash;
        return if same {
            Ok(restocked(done.restocked_total, done.version))
        } else {
            Err(key.reused())
        };
    }
    let change = domain::restock(&product.state, quantity, tx.now_micros())?;
    changes::make(tx, &change, Some(by)).await?;
    let state = change.state();
    Ok(restocked(state.restocked_total, state.version))
}
