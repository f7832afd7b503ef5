use shop_events::UserRole;
pub(crate) use shop_service::auth::Role;

/// As the records have it.
pub(super) fn published(role: Role) -> UserRole {
    match role {
        Role::Customer => UserRole::Customer,
        Role::Staff => UserRole::Staff,
        Role::Admin => UserRole::Admin,
    }
}
