//! What the OpenAPI document says of each operation: who may call it.

use std::collections::HashMap;

use axum::http::Method;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, OpenApi, PathItem};

use super::caller::Role;

/// Who may call an operation: its extension `x-access`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// `anyone`: a token is not asked for.
    Anyone,
    /// `signed-in`: whoever has an account.
    SignedIn,
    /// `own`: a customer on what is theirs, staff and admin on all. The handler looks whose it is.
    Own,
    /// `own-only`: whose it is, and nobody else, staff neither. The handler looks whose it is.
    OwnOnly,
    /// `staff`: staff and admin.
    Staff,
    /// `admin`: admin alone.
    Admin,
}

const WORDS: [(&str, Access); 6] = [
    ("anyone", Access::Anyone),
    ("signed-in", Access::SignedIn),
    ("own", Access::Own),
    ("own-only", Access::OwnOnly),
    ("staff", Access::Staff),
    ("admin", Access::Admin),
];

/// The extension's name.
const X_ACCESS: &str = "x-access";
/// The security scheme's name in the document.
const SCHEME: &str = "access_token";

/// An operation of which nobody said who may call it. A service does not start with one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{method} {path} {wrong}: give its #[utoipa::path] extensions((\"x-access\" = json!(\"…\"))), one of anyone, signed-in, own, own-only, staff, admin"
)]
pub struct Unguarded {
    method: Method,
    path: String,
    wrong: String,
}

impl Access {
    /// As `x-access` has it.
    pub fn word(self) -> &'static str {
        WORDS.iter().find(|(_, access)| *access == self).map_or("", |(word, _)| word)
    }

    /// The access of this word.
    pub fn named(word: &str) -> Option<Self> {
        WORDS.iter().find(|(known, _)| *known == word).map(|(_, access)| *access)
    }

    /// Whether somebody of this role may call it at all.
    pub(super) fn lets(self, role: Role) -> bool {
        match self {
            Access::Anyone | Access::SignedIn | Access::Own | Access::OwnOnly => true,
            Access::Staff => role >= Role::Staff,
            Access::Admin => role == Role::Admin,
        }
    }
}

/// Every operation there is, by path and method.
#[derive(Debug, Default)]
pub(super) struct Table(HashMap<String, Vec<(Method, Access)>>);

impl Table {
    /// What the document says; an error where it does not say it of each operation.
    pub(super) fn of(api: &OpenApi) -> Result<Self, Unguarded> {
        let mut table = Table::default();
        for (path, item) in &api.paths.paths {
            for (method, operation) in operations(item) {
                let access = access(operation).map_err(|wrong| Unguarded {
                    method: method.clone(),
                    path: path.clone(),
                    wrong,
                })?;
                table.0.entry(path.clone()).or_default().push((method, access));
            }
        }
        Ok(table)
    }

    /// The methods of a path, where there is such a path.
    pub(super) fn methods(&self, path: &str) -> Option<&[(Method, Access)]> {
        self.0.get(path).map(Vec::as_slice)
    }
}

fn access(operation: &Operation) -> Result<Access, String> {
    let said = operation.extensions.as_ref().and_then(|all| all.get(X_ACCESS));
    let said = said.ok_or("does not say who may call it")?;
    let word = said.as_str().unwrap_or_default();
    Access::named(word).ok_or_else(|| format!("has the x-access {said}, which is none"))
}

fn operations(item: &PathItem) -> impl Iterator<Item = (Method, &Operation)> {
    let query = Method::from_bytes(b"QUERY").unwrap_or_default();
    let standard = [
        (Method::GET, &item.get),
        (Method::PUT, &item.put),
        (Method::POST, &item.post),
        (Method::DELETE, &item.delete),
        (Method::OPTIONS, &item.options),
        (Method::HEAD, &item.head),
        (Method::PATCH, &item.patch),
        (Method::TRACE, &item.trace),
        (query, &item.query),
    ];
    let standard = standard.into_iter().filter_map(|(method, o)| Some((method, o.as_ref()?)));
    let others = item.additional_operations.iter();
    let others = others.filter_map(|(m, o)| Some((Method::from_bytes(m.as_bytes()).ok()?, o)));
    standard.chain(others)
}

/// Says in OpenAPI's own words which operations want a token.
pub(super) fn say_what_wants_a_token(api: &mut OpenApi) {
    for item in api.paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.delete,
            &mut item.options,
            &mut item.head,
            &mut item.patch,
            &mut item.trace,
        ];
        for operation in operations.into_iter().flatten() {
            if access(operation).is_ok_and(|access| access != Access::Anyone) {
                let none: [&str; 0] = [];
                operation.security = Some(vec![SecurityRequirement::new(SCHEME, none)]);
            }
        }
    }
    let mut bearer = Http::new(HttpAuthScheme::Bearer);
    bearer.bearer_format = Some("JWT".into());
    let components = api.components.get_or_insert_with(Components::new);
    components.add_security_scheme(SCHEME, SecurityScheme::Http(bearer));
}
