use axum::http::StatusCode;
use serde_json::json;
use shop_testkit::access::Who;
use shop_testkit::database::Kind;

use super::shop::Shop;

shop_testkit::on_every_database!(
    pages_hold_every_product_once,
    a_search_finds_each_word_wherever_it_stands,
    what_is_not_on_sale_is_listed_for_staff_alone,
    how_many_can_be_ordered_is_what_inventory_last_said,
    what_is_asked_for_wrongly_is_named,
    the_api_describes_itself,
);

fn skus(page: &serde_json::Value) -> Vec<String> {
    let products = page["products"].as_array().unwrap();
    products.iter().map(|p| p["sku"].as_str().unwrap().to_owned()).collect()
}

async fn pages_hold_every_product_once(on: Kind) {
    let shop = Shop::open(on).await;
    for i in 0..7 {
        shop.list(&format!("TEA/{i}"), "Tea & more", 100).await;
        shop.list(&format!("POT/{i}"), "Pot", 100).await;
    }
    let (mut seen, mut next) = (Vec::new(), Some("/products?q=tea+%26&limit=3".to_owned()));
    while let Some(path) = next {
        let page = shop.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
        seen.extend(skus(&page.body));
        next = page.body["next"].as_str().map(str::to_owned);
    }
    assert_eq!(seen, (0..7).map(|i| format!("TEA/{i}")).collect::<Vec<_>>());
}

async fn a_search_finds_each_word_wherever_it_stands(on: Kind) {
    let shop = Shop::open(on).await;
    shop.list("TEA-01", "Grüner Tee", 100).await;
    shop.list("TEA-02", "Schwarzer Tee 100%", 100).await;
    let mug = json!({ "sku": "MUG_1", "name": "Mug", "description": "For tea,\nGREEN",
        "price": 1, "currency": "EUR" });
    assert_eq!(shop.post("/products", "-", mug).await.status, StatusCode::CREATED);
    for (q, found) in [
        ("", vec!["MUG_1", "TEA-01", "TEA-02"]),
        ("tea", vec!["MUG_1", "TEA-01", "TEA-02"]),
        ("TEE+gr%C3%9CNER", vec!["TEA-01"]),
        ("green+mug", vec!["MUG_1"]),
        ("100%25", vec!["TEA-02"]),
        ("g_1", vec!["MUG_1"]),
        ("a_0", vec![]),
        ("%25", vec!["TEA-02"]),
        ("!", vec![]),
        ("%27", vec![]),
    ] {
        let page = shop.get(&format!("/products?q={q}")).await;
        assert_eq!(page.status, StatusCode::OK, "{q}: {}", page.body);
        assert_eq!(skus(&page.body), found, "{q}");
    }
}

async fn what_is_not_on_sale_is_listed_for_staff_alone(on: Kind) {
    let shop = Shop::open(on).await;
    shop.list("POT", "Pot", 100).await;
    shop.list("TEA", "Tea", 100).await;
    assert_eq!(shop.post("/products/TEA/delist", "-", json!(null)).await.status, StatusCode::OK);
    assert_eq!(skus(&shop.get("/products").await.body), ["POT"]);
    let by = async |who: Who| {
        let asking = shop.client.get("/products?delisted=true&limit=1");
        asking.by(&shop.token(who)).send().await
    };
    assert_eq!(shop.get("/products?delisted=true").await.status, StatusCode::FORBIDDEN);
    assert_eq!(by(Who::Owner).await.status, StatusCode::FORBIDDEN);
    let page = by(Who::Staff).await.body;
    assert_eq!(page["next"], "/products?q=&delisted=true&limit=1&after=POT");
    // Whoever has its address, from an order of before, still sees what it is.
    assert_eq!(shop.get("/products/TEA").await.body["listed"], false);
}

async fn how_many_can_be_ordered_is_what_inventory_last_said(on: Kind) {
    let shop = Shop::open(on).await;
    shop.level("TEA", 5, 3).await;
    shop.list("TEA", "Tea", 100).await;
    shop.list("POT", "Pot", 100).await;
    shop.level("TEA", 9, 2).await; // late
    let page = shop.get("/products").await.body;
    assert_eq!(page["products"][0]["available"], json!(null));
    assert_eq!(page["products"][1]["available"], 5);
    shop.level("TEA", 0, 4).await;
    assert_eq!(shop.get("/products/TEA").await.body["available"], 0);
}

async fn what_is_asked_for_wrongly_is_named(on: Kind) {
    let shop = Shop::open(on).await;
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("q=a+b+c+d+e+f+g", "q"),
        ("q=%00", "q"),
        ("after=%00", "after"),
    ] {
        let answer = shop.get(&format!("/products?{query}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert_eq!(answer.field(), field, "{query}");
    }
    assert_eq!(shop.get("/products?price=1").await.status, StatusCode::BAD_REQUEST);
    let none = shop.get("/products/NONE").await;
    assert_eq!((none.status.as_u16(), none.kind()), (404, "not-found"));
    for sku in ["%00", "%ff", "%20", &"x".repeat(300)] {
        let answer = shop.get(&format!("/products/{sku}")).await;
        assert_eq!((answer.status.as_u16(), answer.kind()), (400, "bad-request"), "{sku}");
        assert_eq!(answer.field(), "sku");
    }
}

async fn the_api_describes_itself(on: Kind) {
    let shop = Shop::open(on).await;
    let api = shop.get("/openapi.json").await.body;
    assert!(api["components"]["schemas"]["ListProduct"].is_object());
    let parameters = api["paths"]["/products"]["get"]["parameters"].as_array().unwrap();
    let names: Vec<_> = parameters.iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["q", "delisted", "limit", "after"]);
}
