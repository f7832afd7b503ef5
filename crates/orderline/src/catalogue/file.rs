//! The lines of a catalogue.

use std::collections::HashMap;

use crate::money;
use crate::sheet::{Refused, Row, label};

pub(crate) const COLUMNS: [&str; 5] = ["product_id", "name", "price", "currency", "stock"];

/// A product as the catalogue has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Product {
    pub(crate) line: usize,
    pub(crate) product_id: String,
    pub(crate) name: String,
    /// Minor units.
    pub(crate) price: i64,
    pub(crate) currency: String,
    /// All that ever arrived.
    pub(crate) stock: i64,
}

/// The products, and the lines that are none.
pub(crate) fn parse(rows: Vec<Row>) -> (Vec<Product>, Vec<Refused>) {
    let (mut products, mut refused) = (Vec::new(), Vec::new());
    let mut seen: HashMap<String, usize> = HashMap::new();
    for row in rows {
        let line = row.line;
        let product =
            product(row).and_then(|product| match seen.insert(product.product_id.clone(), line) {
                Some(first) => Err(format!("{} is on line {first} already", product.product_id)),
                None => Ok(product),
            });
        match product {
            Ok(product) => products.push(product),
            Err(reason) => refused.push(Refused { line, reason }),
        }
    }
    (products, refused)
}

fn product(row: Row) -> Result<Product, String> {
    if let Some(wrong) = row.wrong {
        return Err(wrong);
    }
    let [product_id, name, price, currency, stock] = &row.cells[..] else {
        return Err(format!("has not the columns {}", COLUMNS.join(",")));
    };
    let stock = stock.parse().ok().filter(|stock: &i64| *stock >= 0);
    Ok(Product {
        line: row.line,
        product_id: label("product_id", product_id)?.to_owned(),
        name: label("name", name)?.to_owned(),
        price: money::minor(price, currency).map_err(|why| format!("price: {why}"))?,
        currency: currency.clone(),
        stock: stock.ok_or("stock is no whole number from 0")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet;

    #[test]
    fn bad_lines_are_named_and_the_others_go_on() {
        let text = "product_id,name,price,currency,stock\nA,Tea,4.90,EUR,3\nB,,1,EUR,1\n\
                    C,Cup,1,EUR,-1\nD,Cup,1.999,EUR,1\nA,Tea,4.90,EUR,3\nE,Lamp,20,EUR,0\n";
        let (products, refused) = parse(sheet::csv(text.as_bytes(), &COLUMNS).unwrap());
        let ids: Vec<_> = products.iter().map(|p| (p.product_id.as_str(), p.price)).collect();
        assert_eq!(ids, [("A", 490), ("E", 2000)]);
        let lines: Vec<_> = refused.iter().map(|r| r.line).collect();
        assert_eq!(lines, [3, 4, 5, 6]);
    }

    #[test]
    fn the_demos_catalogue_is_whole() {
        let rows = sheet::csv(include_bytes!("../../demo/catalogue.csv"), &COLUMNS).unwrap();
        let (products, refused) = parse(rows);
        assert!(products.len() > 5 && refused.is_empty(), "{refused:?}");
    }
}
