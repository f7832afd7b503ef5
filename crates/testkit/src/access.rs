//! Who may call what: a table of every route and everybody who may come, held against the service.
//!
//! The routes are those of the service's own OpenAPI document, so that one without a row fails, and
//! so does a row without a route.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::tokens::Issuer;

/// Who comes to a thing of [`Who::Owner`]'s.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Without a token.
    Nobody,
    /// The customer whose it is.
    Owner,
    /// Another customer.
    Another,
    /// Staff, whose it is not.
    Staff,
    /// An admin, whose it is not.
    Admin,
}

/// A route, as in `GET /orders/{order_id}`, and the status that each of [`Who::ALL`] gets.
pub type Row = (&'static str, [u16; 5]);

impl Who {
    /// In the order of a row.
    pub const ALL: [Who; 5] = [Who::Nobody, Who::Owner, Who::Another, Who::Staff, Who::Admin];

    /// Their user id; none of nobody's.
    pub fn user_id(self) -> Option<&'static str> {
        match self {
            Who::Nobody => None,
            Who::Owner => Some("0190b6ac-0000-7000-8000-0000000000a1"),
            Who::Another => Some("0190b6ac-0000-7000-8000-0000000000a2"),
            Who::Staff => Some("0190b6ac-0000-7000-8000-0000000000a3"),
            Who::Admin => Some("0190b6ac-0000-7000-8000-0000000000a4"),
        }
    }

    /// Their token; none of nobody's.
    pub fn token(self, issuer: &Issuer) -> Option<String> {
        let role = match self {
            Who::Nobody | Who::Owner | Who::Another => "customer",
            Who::Staff => "staff",
            Who::Admin => "admin",
        };
        Some(issuer.token(self.user_id()?, role))
    }
}

/// Asks for every route as everybody. `ask` makes a fresh thing of the owner's where the route needs
/// one, sends the request as it would be right for the owner, and says the status. An error lists all
/// that is not as the table has it, or as the document's `x-access` cannot mean it.
pub async fn check(
    api: &Value,
    table: &[Row],
    ask: impl AsyncFn(&'static str, Who) -> u16,
) -> anyhow::Result<()> {
    let routes = routes(api);
    let mut faults = rows(&routes, table);
    for (route, statuses) in table {
        let Some(access) = routes.get(*route) else { continue };
        for (who, expected) in Who::ALL.into_iter().zip(*statuses) {
            if let Some(why) = cannot_be(access, route, who, expected) {
                faults.push(format!("{route} as {who:?}: the row has {expected}, but {why}"));
            }
            let status = ask(route, who).await;
            if status != expected {
                faults.push(format!("{route} as {who:?}: {status}, and the row has {expected}"));
            }
        }
    }
    anyhow::ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

/// Each route of the document with its `x-access`.
fn routes(api: &Value) -> BTreeMap<String, String> {
    const METHODS: [&str; 9] =
        ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];
    let empty = serde_json::Map::new();
    let paths = api["paths"].as_object().unwrap_or(&empty);
    let of_path = |(path, item): (&String, &Value)| {
        let operations = METHODS.iter().filter_map(|method| Some((method, item.get(method)?)));
        let route = |(method, operation): (&&str, &Value)| {
            let access = operation["x-access"].as_str().unwrap_or_default().to_owned();
            (format!("{} {path}", method.to_uppercase()), access)
        };
        operations.map(route).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

fn rows(routes: &BTreeMap<String, String>, table: &[Row]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for (route, _) in table {
        if !routes.contains_key(*route) {
            faults.push(format!("{route} has a row, and is no route of the document"));
        }
        if !seen.insert(*route) {
            faults.push(format!("{route} has two rows"));
        }
    }
    let without = routes.keys().filter(|route| !seen.contains(route.as_str()));
    faults.extend(without.map(|route| format!("{route} has no row: say what everybody gets")));
    if routes.is_empty() {
        faults.push("the document has no routes".into());
    }
    faults
}

/// What the word rules out, whatever the row says.
fn cannot_be(access: &str, route: &str, who: Who, status: u16) -> Option<&'static str> {
    let refused = matches!(status, 401 | 403 | 404);
    // A route that names no thing is about the caller's own: there another meets only their own.
    let in_vain = matches!(status, 403 | 404 | 422) || !route.contains('{');
    let (impossible, because) = match (access, who) {
        ("anyone", _) => (matches!(status, 401 | 403), "it is for anyone"),
        (_, Who::Nobody) => (status != 401, "nobody gets 401"),
        ("signed-in", _) => (status == 401, "it is for whoever is signed in"),
        ("own" | "own-only", Who::Owner) => (refused, "it is the owner's"),
        ("own" | "own-only", Who::Another) => (!in_vain, "it is another's"),
        ("own-only", _) => (!in_vain, "it is the owner's alone"),
        ("own", _) => (refused, "it is for staff and admin too"),
        ("staff", Who::Staff | Who::Admin) => (refused, "it is for staff"),
        ("staff", _) => (status != 403, "it is for staff"),
        ("admin", Who::Admin) => (refused, "it is for admins"),
        ("admin", _) => (status != 403, "it is for admins"),
        _ => (true, "the document does not say who may call it"),
    };
    impossible.then_some(because)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn api() -> Value {
        json!({ "paths": {
            "/orders": { "get": { "x-access": "staff" } },
            "/orders/{id}": { "get": { "x-access": "own" }, "parameters": [] },
        } })
    }

    async fn faults(table: &[Row], answer: impl AsyncFn(&'static str, Who) -> u16) -> String {
        check(&api(), table, answer).await.err().map(|e| e.to_string()).unwrap_or_default()
    }

    const ALL: Row = ("GET /orders", [401, 403, 403, 200, 200]);
    const ONE: Row = ("GET /orders/{id}", [401, 200, 404, 200, 200]);

    #[tokio::test]
    async fn every_route_has_a_row_and_every_row_a_route() {
        let right = async |route: &'static str, who: Who| {
            let (_, statuses) = if route == ALL.0 { ALL } else { ONE };
            statuses[who as usize]
        };
        assert_eq!(faults(&[ALL, ONE], right).await, "");
        assert!(faults(&[ALL], right).await.contains("GET /orders/{id} has no row"));
        let more = ("PUT /orders", [401; 5]);
        assert!(faults(&[ALL, ONE, more], right).await.contains("PUT /orders has a row"));
        assert!(faults(&[ALL, ONE, ONE], right).await.contains("two rows"));
    }

    #[tokio::test]
    async fn what_is_answered_otherwise_is_told_and_so_is_a_row_that_the_word_rules_out() {
        let open = async |_: &'static str, _: Who| 200;
        let told = faults(&[ALL, ONE], open).await;
        assert!(told.contains("GET /orders/{id} as Another: 200, and the row has 404"), "{told}");
        let wrong = (ONE.0, [401, 200, 200, 200, 200]);
        let told = faults(&[ALL, wrong], open).await;
        assert!(told.contains("the row has 200, but it is another's"), "{told}");
    }
}
