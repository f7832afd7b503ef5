//! Lines become orders: over the whole file, since an order's lines may be anywhere in it.

use std::collections::HashMap;

use shop_events::{CartCheckedOut, CartLine};
use uuid::Uuid;

use super::line::{self, Line, OrderKey};
use crate::sheet::{Refused, Row};

/// Lines of one order that the order service takes.
const LINES: usize = 1_000;

/// What a file holds.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// In the order of their first lines.
    pub(super) carts: Vec<CartCheckedOut>,
    pub(super) orders_refused: usize,
    pub(super) refused: Vec<Refused>,
    pub(super) duplicates: Vec<Refused>,
}

#[derive(Default)]
struct Draft {
    lines: Vec<(usize, Line)>,
    /// The first bad line.
    bad: Option<usize>,
}

pub(super) fn gather(rows: Vec<Row>) -> Read {
    let mut read = Read::default();
    let mut places: HashMap<OrderKey, usize> = HashMap::new();
    let mut drafts: Vec<(OrderKey, Draft)> = Vec::new();
    for row in rows {
        let parsed = line::parse(&row);
        let draft = line::order_key(&row).map(|key| {
            let place = *places.entry(key.clone()).or_insert_with(|| {
                drafts.push((key, Draft::default()));
                drafts.len() - 1
            });
            &mut drafts[place].1
        });
        let added = match (parsed, draft) {
            (Ok(line), Some(draft)) => draft.add(row.line, line, &mut read.duplicates),
            (Err(reason), Some(draft)) => {
                draft.bad.get_or_insert(row.line);
                Err(reason)
            }
            (Err(reason), None) => Err(reason),
            (Ok(_), None) => Err("names no order".into()),
        };
        if let Err(reason) = added {
            read.refused.push(Refused { line: row.line, reason });
        }
    }
    for (key, draft) in drafts {
        match draft.cart(&key) {
            Ok(cart) => read.carts.push(cart),
            Err(refused) => {
                read.orders_refused += 1;
                read.refused.extend(refused);
            }
        }
    }
    read.refused.sort_by_key(|refused| refused.line);
    read
}

impl Draft {
    fn add(
        &mut self,
        number: usize,
        line: Line,
        duplicates: &mut Vec<Refused>,
    ) -> Result<(), String> {
        if let Some((first, known)) = self.lines.first() {
            let differs = [
                ("user_ref", known.user_ref != line.user_ref),
                ("placed_at", known.placed_at != line.placed_at),
                ("currency", known.currency != line.currency),
            ];
            if let Some((what, _)) = differs.iter().find(|(_, differs)| *differs) {
                self.bad.get_or_insert(number);
                return Err(format!(
                    "{what} is not that of line {first}, which is of the same order"
                ));
            }
        }
        match self.lines.iter().find(|(_, known)| *known == line) {
            Some((first, _)) => duplicates.push(Refused {
                line: number,
                reason: format!("duplicate of line {first}, counted once"),
            }),
            None => self.lines.push((number, line)),
        }
        Ok(())
    }

    /// The cart, or the lines that are not placed with it.
    fn cart(self, (channel, order_ref): &OrderKey) -> Result<CartCheckedOut, Vec<Refused>> {
        let refuse = |why: &str| {
            let reason = format!("order {order_ref} of {channel} is not placed: {why}");
            self.lines
                .iter()
                .map(|(line, _)| Refused { line: *line, reason: reason.clone() })
                .collect()
        };
        if let Some(bad) = self.bad {
            return Err(refuse(&format!("its line {bad} is bad")));
        }
        if self.lines.len() > LINES {
            return Err(refuse(&format!("it has more than {LINES} lines")));
        }
        let total = self.lines.iter().try_fold(0_i64, |sum, (_, line)| sum.checked_add(line.total));
        let Some(total) = total else { return Err(refuse("it costs more than can be counted")) };
        let Some((_, first)) = self.lines.first() else { return Err(Vec::new()) };
        // Labels hold no control characters, so that no two pairs give the same text.
        let id = |kind: &str, reference: &str| {
            let name = format!("orderline\n{kind}\n{channel}\n{reference}");
            Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
        };
        Ok(CartCheckedOut {
            checkout_id: id("checkout", order_ref),
            user_id: id("user", &first.user_ref),
            email: None,
            name: None,
            channel: channel.clone(),
            order_ref: Some(order_ref.clone()),
            cart_id: None,
            total,
            currency: first.currency.clone(),
            payment_method: None,
            checked_out_at: first.placed_at,
            lines: self.lines.iter().map(|(_, line)| cart_line(line)).collect(),
        })
    }
}

fn cart_line(line: &Line) -> CartLine {
    CartLine {
        product_id: line.sku.clone(),
        name: None,
        quantity: line.quantity,
        unit_price: None,
        line_total: line.total,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet;

    fn read(lines: &str) -> Read {
        let text = format!("{}\n{lines}", line::COLUMNS.join(","));
        gather(sheet::csv(text.as_bytes(), &line::COLUMNS).unwrap())
    }

    fn numbers(refused: &[Refused]) -> Vec<usize> {
        refused.iter().map(|refused| refused.line).collect()
    }

    #[test]
    fn lines_of_an_order_may_be_anywhere() {
        let read = read(
            "shop,1,u,2026-01-01,A,1,1.10,EUR\nshop,2,u,2026-01-01,A,1,0,EUR\nshop,1,u,2026-01-01,B,2,2.20,EUR\n",
        );
        let seen: Vec<_> = read.carts.iter().map(|c| (c.lines.len(), c.total)).collect();
        assert_eq!(seen, [(2, 330), (1, 0)]);
        assert!(read.refused.is_empty() && read.carts[0].user_id == read.carts[1].user_id);
    }

    #[test]
    fn an_order_with_a_bad_line_is_not_placed_and_all_its_lines_are_named() {
        let read = read(
            "shop,1,u,2026-01-01,A,1,1,EUR\nshop,2,u,2026-01-01,A,1,1,EUR\nshop,1,u,2026-01-01,B,0,1,EUR\nshop,1\n",
        );
        assert_eq!((read.carts.len(), read.orders_refused), (1, 1));
        assert_eq!(numbers(&read.refused), [2, 4, 5]);
    }

    #[test]
    fn the_same_line_again_counts_once() {
        let read =
            read("shop,1,u,2026-01-01,A,1,1,EUR\nshop,1,u,2026-01-01T00:00:00Z,A,1,1.00,EUR\n");
        assert_eq!(read.carts[0].total, 100);
        assert_eq!((numbers(&read.duplicates), read.refused.len()), (vec![3], 0));
    }

    #[test]
    fn lines_that_disagree_about_their_order_refuse_it() {
        let read = read("shop,1,u,2026-01-01,A,1,1,EUR\nshop,1,v,2026-01-01,B,1,1,EUR\n");
        assert!(read.carts.is_empty());
        assert_eq!(numbers(&read.refused), [2, 3]);
    }

    #[test]
    fn the_same_order_has_the_same_checkout_in_each_run() {
        let one = || read("shop,1,u,2026-01-01,A,1,1,EUR\n").carts.remove(0);
        assert_eq!(one(), one());
    }
}
