//! The whole way: an order over HTTP, one from another program, and what customers are told.

use journeys::shop::Shop;
use journeys::{PATIENCE, audit, seed};

#[tokio::test(flavor = "multi_thread")]
async fn an_order_goes_from_http_to_mail() -> anyhow::Result<()> {
    // Of the second product there is too little for all.
    let shop = Shop::open(&[1_000, 10]).await?;
    let customers = shop.customers().choosing_from(2).cancelling_one_in(8);
    let orders = customers.order(0..40, seed()).await?;

    // Another program's orders: three, a free one that it sends twice, and one that cannot be.
    let mut cart = shop.for_python("import")?;
    cart.extend(["--email", "partner@example.org", "--sku", "SKU-0"].map(String::from));
    let sent = async |more: &[&str]| {
        let args = [cart.clone(), more.iter().map(|text| (*text).to_owned()).collect()].concat();
        audit::python("publish_cart.py", &args).await
    };
    sent(&["--line-total", "250", "--quantity", "2", "--count", "3"]).await?;
    let checkout = "8b4f7c4e-8d5c-4d43-9a55-0a1f1a3a6a10";
    sent(&["--line-total", "0", "--checkout-id", checkout, "--count", "2"]).await?;
    sent(&["--line-total", "-1"]).await?;

    customers.until_ended(&orders).await?;
    shop.at_rest().await?;
    let books = shop.audit(&orders, 1).await?;
    assert_eq!(books.number(&["by channel", "web", "orders"]), 40);
    let python = |what: &str| books.number(&["by channel", "python", what]);
    assert_eq!((python("orders"), python("OrderCompleted")), (4, 4));
    assert_eq!(python("OrderCompleted money"), 750);
    assert!(books.number(&["by channel", "web", "OrderRejected"]) > 0, "nothing ran out");

    let mails = shop.mail.wait_for(44, PATIENCE).await?;
    let told = |part: &str| mails.iter().filter(|mail| mail.text().contains(part)).count();
    assert_eq!(told("To: partner@example.org"), 4);
    Ok(())
}
