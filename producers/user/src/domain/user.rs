use shop_events::{UserProfileChanged, UserRegistered, UserRoleChanged};
use uuid::Uuid;

use super::role::published;
use super::{Role, Subscription};

/// A user, as far as others may know: the password is the store's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) user_id: Uuid,
    pub(crate) email: String,
    pub(crate) name: Option<String>,
    pub(crate) role: Role,
    /// BCP 47.
    pub(crate) locale: String,
    pub(crate) email_enabled: bool,
    pub(crate) push_enabled: bool,
    pub(crate) push: Vec<Subscription>,
    /// Counts the states that were published, from 1.
    pub(crate) version: i64,
    pub(crate) registered_at: i64,
    pub(crate) updated_at: i64,
}

// Each record on the topic carries the user's whole state.
macro_rules! whole_state {
    ($event:ident, $user:expr $(, $field:ident : $value:expr)*) => {
        $event {
            user_id: $user.user_id,
            email: $user.email.clone(),
            name: $user.name.clone(),
            role: published($user.role),
            locale: $user.locale.clone(),
            email_enabled: $user.email_enabled,
            push_enabled: $user.push_enabled,
            push_tokens: $user.push.iter().map(Subscription::token).collect(),
            version: $user.version,
            registered_at: $user.registered_at,
            updated_at: $user.updated_at,
            $($field: $value),*
        }
    };
}

impl User {
    /// One that has just come.
    pub(crate) fn new(user_id: Uuid, email: String, role: Role, now: i64) -> Self {
        User {
            user_id,
            email,
            name: None,
            role,
            locale: "en".into(),
            email_enabled: true,
            push_enabled: false,
            push: Vec::new(),
            version: 1,
            registered_at: now,
            updated_at: now,
        }
    }

    pub(crate) fn registered(&self) -> UserRegistered {
        whole_state!(UserRegistered, self)
    }

    pub(crate) fn profile_changed(&self) -> UserProfileChanged {
        whole_state!(UserProfileChanged, self)
    }

    /// `by` nobody: by a setting.
    pub(crate) fn role_changed(&self, from: Role, by: Option<Uuid>) -> UserRoleChanged {
        whole_state!(UserRoleChanged, self, previous_role: published(from), changed_by: by)
    }
}

/// What makes two addresses the same: however they are written, they are one account.
pub(crate) fn email_key(email: &str) -> String {
    email.to_ascii_lowercase()
}

/// What is wrong with a language tag: its form is looked at, not whether anybody speaks it.
pub(crate) fn wrong_locale(tag: &str) -> Option<&'static str> {
    let mut parts = tag.split('-');
    let language = parts.next().unwrap_or_default();
    let is_tag = tag.len() <= 35
        && (2..=8).contains(&language.len())
        && language.bytes().all(|b| b.is_ascii_alphabetic())
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        });
    (!is_tag).then_some("must be a language tag (BCP 47), as in en or de-AT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_is_a_language_tag() {
        for good in ["en", "de-AT", "zh-Hant-TW", "sr-Latn-RS", "es-419"] {
            assert_eq!(wrong_locale(good), None, "{good}");
        }
        let long = format!("en{}", "-abcdefgh".repeat(4));
        for bad in ["", "e", "de_AT", "de-", "de--AT", "de\r\n", "de-AT\0", "é", "1a", &long] {
            assert!(wrong_locale(bad).is_some(), "{bad:?}");
        }
    }

    #[test]
    fn an_address_is_the_same_however_it_is_written() {
        assert_eq!(email_key("Ada@Example.COM"), email_key("ada@example.com"));
    }
}
