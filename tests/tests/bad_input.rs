//! What is wrong is refused where it comes in, and named.

use anyhow::Context;
use journeys::PATIENCE;
use journeys::shop::Shop;
use serde_json::{Value, json};
use shop_testkit::process::Service;
use shop_testkit::wait;

fn good() -> Value {
    json!({
        "email": "ada@example.org",
        "name": "Ada",
        "currency": "EUR",
        "lines": [{"sku": "SKU-0", "quantity": 1}],
    })
}

/// A good order with one thing changed.
fn but(pointer: &str, value: Value) -> Value {
    let mut body = good();
    if let Some(place) = body.pointer_mut(pointer) {
        *place = value;
    }
    body
}

/// A good order with one field more.
fn with(field: &str, value: Value) -> Value {
    let mut body = good();
    body[field] = value;
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_order_is_refused_with_its_field_and_the_shop_goes_on() -> anyhow::Result<()> {
    let shop = Shop::open(&[1_000]).await?;
    let customers = shop.customers();
    let unknown = json!([{"sku": "SKU-0", "quantity": 1}, {"sku": "NO-SUCH", "quantity": 1}]);
    let twice = json!([{"sku": "SKU-0", "quantity": 1}, {"sku": "SKU-0", "quantity": 2}]);
    let priced = json!([{"sku": "SKU-0", "quantity": 1, "unit_price": 1}]);
    // Until the products have been read, no product is known not to be there.
    let all_read = async || {
        let asked = customers.ask(&but("/lines", unknown.clone()), Some("bad")).await;
        asked.is_ok_and(|(status, ..)| status == 422)
    };
    wait::until(PATIENCE, all_read).await.context("the products are read")?;
    for (field, body) in [
        ("user_id", with("user_id", json!("0190b6ac-0000-7000-8000-000000000001"))),
        ("total", with("total", json!(1))),
        ("email", but("/email", json!("nobody"))),
        ("email", but("/email", json!("a@example.org\r\nBcc: b@example.org"))),
        ("name", but("/name", json!("x".repeat(10_000)))),
        ("currency", but("/currency", json!("euro"))),
        ("lines", but("/lines", json!([]))),
        ("lines[0].quantity", but("/lines/0/quantity", json!(0))),
        ("lines[0].quantity", but("/lines/0/quantity", json!(1_000_000))),
        ("lines[0].quantity", but("/lines/0/quantity", json!("many"))),
        ("lines[1].sku", but("/lines", unknown)),
        ("lines[1].sku", but("/lines", twice)),
        ("lines[0].unit_price", but("/lines", priced)),
    ] {
        let (status, kind, problem) = customers.ask(&body, Some("bad")).await?;
        assert!(status.is_client_error(), "{field}: {status} {problem}");
        assert_eq!(kind, "application/problem+json", "{field}");
        let named = problem["errors"].as_array().into_iter().flatten();
        let named: Vec<_> = named.map(|error| error["field"].as_str().unwrap_or("")).collect();
        assert!(named.contains(&field), "{field} is not named: {problem}");
    }
    let (status, kind, _) = customers.ask(&good(), None).await?;
    assert_eq!((status.as_u16(), &*kind), (400, "application/problem+json"), "without a key");

    // Refused requests leave their key free, and each key is one order.
    let (status, _, first) = customers.ask(&good(), Some("bad")).await?;
    assert_eq!(status, 202, "{first}");
    let (status, _, again) = customers.ask(&good(), Some("bad")).await?;
    assert_eq!((status.as_u16(), &again["order_id"]), (202, &first["order_id"]));
    let (status, ..) = customers.ask(&but("/lines/0/quantity", json!(2)), Some("bad")).await?;
    assert_eq!(status, 409);

    shop.at_rest().await?;
    let books = shop.audit(&[accepted(&first)?], 0).await?;
    assert_eq!(books.number(&["by channel", "web", "OrderCompleted"]), 1);
    Ok(())
}

fn accepted(answer: &Value) -> anyhow::Result<journeys::customers::Accepted> {
    let order_id = answer["order_id"].as_str().unwrap_or_default().parse()?;
    let total = answer["total"].as_i64().unwrap_or_default();
    Ok(journeys::customers::Accepted { order_id, total, cancelled: false })
}

#[tokio::test]
async fn a_wrong_setting_is_refused_at_the_start_by_every_program() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    for (program, variable, value, option) in [
        ("order", "ORDERLINE_BROKERS", "localhost", "--brokers"),
        ("order", "ORDERLINE_LISTEN", "8101", "--listen"),
        ("order", "ORDERLINE_JWKS", "/no/such/file", "--jwks"),
        ("order", "ORDERLINE_TRUSTED_PROXIES", "everybody", "--trusted-proxies"),
        ("order", "ORDERLINE_ORDERS_PER_ACCOUNT", "many", "--orders-per-account"),
        ("inventory", "ORDERLINE_SCHEMA_REGISTRY", "127.0.0.1:8081", "--schema-registry"),
        ("inventory", "ORDERLINE_KAFKA", "enable.auto.commit=true", "--kafka"),
        ("inventory", "ORDERLINE_KAFKA", "no.such.property=1", "--kafka no.such.property"),
        ("order", "ORDERLINE_KAFKA", "linger.ms=abc", "--kafka linger.ms=abc"),
        ("registry", "ORDERLINE_KAFKA", "linger.ms=abc", "--kafka linger.ms=abc"),
        ("notification", "ORDERLINE_SMTP_URL", "mail.example.org", "--smtp-url"),
        ("notification", "ORDERLINE_MAIL_FROM", "nobody", "--mail-from"),
        ("notification", "ORDERLINE_SHUTDOWN_SECONDS", "0", "--shutdown-seconds"),
        ("order", "ORDERLINE_DATABASE", "mysql://shop", "--database"),
        ("registry", "ORDERLINE_REGISTRY_LISTEN", "8081", "--listen"),
        ("registry", "ORDERLINE_BROKERS", "localhost", "--brokers"),
        ("registry", "ORDERLINE_REGISTRY_TOPIC", "a b", "--topic"),
    ] {
        let service = Service::new(program)
            .env("ORDERLINE_LISTEN", "127.0.0.1:0")
            .env("ORDERLINE_DATA", folder.path());
        let mut process = service.env(variable, value).start().await?;
        let ended = process.wait(PATIENCE).await;
        let log = process.log();
        let code = ended.ok().and_then(|status| status.code());
        assert_eq!(code, Some(2), "{program} with {variable}={value} said: {log}");
        assert!(log.contains(option), "{program} with {variable}={value} said: {log}");
    }
    Ok(())
}
