//! A user and a password that belong together.

use std::path::{Path, PathBuf};

use clap::ArgMatches;
use clap::error::ErrorKind;
use clap::parser::ValueSource;

use super::Secret;

/// Who a program is to a server.
#[derive(Debug, Clone)]
pub(super) struct Login {
    pub(super) user: String,
    pub(super) password: Secret,
}

/// What the options of a login are called.
pub(super) struct LoginNames {
    pub(super) user: &'static str,
    pub(super) password_file: &'static str,
    pub(super) password_env: &'static str,
}

impl LoginNames {
    pub(super) fn password(&self) -> SecretNames {
        SecretNames { what: "password", file: self.password_file, env: self.password_env }
    }
}

/// A login, or none; half a one is refused.
pub(super) fn login(
    user: Option<String>,
    password: Option<Secret>,
    file: Option<PathBuf>,
    names: &LoginNames,
) -> Result<Option<Login>, String> {
    let LoginNames { user: name, password_file, password_env } = names;
    match (user, names.password().one_of(password, file.as_deref())?) {
        (None, None) => Ok(None),
        (Some(user), Some(password)) => Ok(Some(Login { user, password })),
        (Some(user), None) => Err(format!(
            "{name} {user} has no password: put it into a file and name that by {password_file}, or into {password_env}"
        )),
        (None, Some(_)) => {
            Err(format!("there is a password, and no user that it belongs to: give {name}"))
        }
    }
}

/// The secret in a file, without the end of its last line.
pub(super) fn secret_file(option: &str, file: &Path) -> Result<Secret, String> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("{option} {} cannot be read: {error}", file.display()))?;
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(format!("{option} {} is empty: write the secret into it", file.display())),
        secret => Ok(Secret::from(secret)),
    }
}

/// How a secret without a user is given.
#[derive(Debug, Clone, Copy)]
pub struct SecretNames {
    /// A word for it: `key`.
    pub what: &'static str,
    /// The option that names a file.
    pub file: &'static str,
    /// The variable of the environment.
    pub env: &'static str,
}

impl SecretNames {
    /// The secret that is given, or the one in the file; both is refused.
    pub(super) fn one_of(
        &self,
        given: Option<Secret>,
        file: Option<&Path>,
    ) -> Result<Option<Secret>, String> {
        let SecretNames { what, file: option, env } = self;
        match (given, file) {
            (Some(_), Some(file)) => Err(format!(
                "both {env} and {option} {} give a {what}: leave one out",
                file.display()
            )),
            (None, Some(file)) => secret_file(option, file).map(Some),
            (given, None) => Ok(given),
        }
    }
}

/// A secret from the environment or from a file, for a service's own settings; `id` is clap's name
/// of the hidden option that reads the variable.
pub fn secret(
    matches: &ArgMatches,
    id: &str,
    given: Option<Secret>,
    file: Option<PathBuf>,
    names: &SecretNames,
) -> Result<Option<Secret>, clap::Error> {
    not_an_argument(matches, id, names).map_err(wrong)?;
    let given = given.filter(|secret| !secret.reveal().is_empty());
    names.one_of(given, file.as_deref()).map_err(wrong)
}

/// A file of certificates as PEM.
pub(super) fn ca_file(option: &str, file: &Path) -> Result<(), String> {
    let text = std::fs::read(file)
        .map_err(|error| format!("{option} {} cannot be read: {error}", file.display()))?;
    let begins = b"-----BEGIN CERTIFICATE-----";
    if text.windows(begins.len()).any(|part| part == begins) {
        return Ok(());
    }
    Err(format!(
        "{option} {} holds no certificate: it begins with {} where it is one in PEM",
        file.display(),
        String::from_utf8_lossy(begins)
    ))
}

/// Every user of a machine sees its processes' arguments.
pub(super) fn not_an_argument(
    matches: &ArgMatches,
    id: &str,
    names: &SecretNames,
) -> Result<(), String> {
    // An option that another struct of the command line does not have is not there to be asked for.
    let source = matches.try_contains_id(id).ok().and_then(|_| matches.value_source(id));
    if source != Some(ValueSource::CommandLine) {
        return Ok(());
    }
    let SecretNames { file, env, .. } = names;
    Err(format!(
        "a password on the command line is seen by everyone on this machine: put it into a file and name that by {file}, or into {env}"
    ))
}

/// As clap says that a value is wrong.
pub(super) fn wrong(message: String) -> clap::Error {
    clap::Error::raw(ErrorKind::ValueValidation, format!("{message}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: LoginNames =
        LoginNames { user: "--user", password_file: "--file", password_env: "PASSWORD" };

    fn of(user: Option<&str>, env: Option<&str>, file: Option<&Path>) -> Result<bool, String> {
        let login =
            login(user.map(str::to_owned), env.map(Secret::from), file.map(Into::into), &NAMES)?;
        Ok(login.is_some_and(|l| l.user == "me" && l.password.reveal() == "hunter2"))
    }

    #[test]
    fn a_login_is_a_user_and_one_password() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, empty) = (folder.path().join("password"), folder.path().join("empty"));
        std::fs::write(&file, "hunter2\n").expect("writes");
        std::fs::write(&empty, "\n").expect("writes");
        assert_eq!(of(None, None, None), Ok(false));
        assert_eq!(of(Some("me"), Some("hunter2"), None), Ok(true));
        assert_eq!(of(Some("me"), None, Some(&file)), Ok(true));
        let missing = folder.path().join("missing");
        for (wrong, words) in [
            (of(Some("me"), None, None), &["--user me", "--file", "PASSWORD"][..]),
            (of(None, Some("hunter2"), None), &["--user"]),
            (of(None, None, Some(&file)), &["--user"]),
            (
                of(Some("me"), Some("hunter2"), Some(&file)),
                &["--file", "PASSWORD", "leave one out"],
            ),
            (of(Some("me"), None, Some(&empty)), &["--file", "empty is empty"]),
            (of(Some("me"), None, Some(&missing)), &["--file", "missing", "No such file"]),
        ] {
            let error = wrong.expect_err("refused");
            assert!(words.iter().all(|word| error.contains(word)), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_file_of_an_authority_holds_a_certificate() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let error = ca_file("--ca", file.path()).expect_err("refused");
        assert!(error.contains("--ca") && error.contains("no certificate"), "{error}");
        std::fs::write(file.path(), "-----BEGIN CERTIFICATE-----\nx").expect("writes");
        assert_eq!(ca_file("--ca", file.path()), Ok(()));
    }
}
