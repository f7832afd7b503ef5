use std::path::Path;

use super::SecretNames;
use crate::lifecycle::WrongOption;

/// A text that does not print.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for the one who needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The secret in the file that an option names, or in a variable of the environment; none where
    /// neither is given. On the command line it would be seen by every user of the machine.
    pub fn of_file_or_env(
        option: &'static str,
        file: Option<&Path>,
        variable: &'static str,
    ) -> Result<Option<Self>, WrongOption> {
        let given = std::env::var(variable).ok().filter(|text| !text.is_empty());
        let names = SecretNames { what: "secret", file: option, env: variable };
        names.one_of(given.map(Secret), file).map_err(WrongOption)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Secret(text.to_owned())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}
