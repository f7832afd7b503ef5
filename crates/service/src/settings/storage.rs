use std::path::{Path, PathBuf};

use clap::{ArgMatches, Args, FromArgMatches};
use url::Url;

use super::Secret;
use super::login::{LoginNames, ca_file, not_an_argument, secret_file, wrong};

/// Where a service keeps what is its own.
#[derive(Debug, Clone)]
pub struct Storage {
    /// The folder of the services' SQLite files.
    pub data: PathBuf,
    /// The database's URL, with its password; none is a file in the folder.
    pub database: Option<Secret>,
}

#[derive(Debug, Clone, Args)]
#[group(skip)]
struct Options {
    /// The folder of the services' SQLite files; made when absent.
    #[arg(long, env = "ORDERLINE_DATA", value_name = "FOLDER", default_value = ".orderline/data")]
    data: PathBuf,
    /// The database: `sqlite:PATH`, a file of this service alone, or `postgres://USER@HOST/NAME`,
    /// which all services and their instances may share (each service has the schema of its name),
    /// with `?sslmode=verify-full` and `&sslrootcert=FILE` for TLS, as PostgreSQL's own clients know
    /// them. Default: the file `<service>.db` in the data folder.
    #[arg(long, env = "ORDERLINE_DATABASE", hide_env_values = true, value_name = "URL")]
    database: Option<Secret>,
    /// The file that holds that URL, instead of --database.
    #[arg(long, env = "ORDERLINE_DATABASE_FILE", value_name = "FILE")]
    database_file: Option<PathBuf>,
    /// The file that holds PostgreSQL's password, which may also be in ORDERLINE_DATABASE_PASSWORD
    /// or in the URL.
    #[arg(long, env = "ORDERLINE_DATABASE_PASSWORD_FILE", value_name = "FILE")]
    database_password_file: Option<PathBuf>,
    /// The environment alone may give it.
    #[arg(long, env = "ORDERLINE_DATABASE_PASSWORD", hide = true, hide_env_values = true)]
    database_password: Option<Secret>,
}

const LOGIN: LoginNames = LoginNames {
    user: "--database",
    password_file: "--database-password-file",
    password_env: "ORDERLINE_DATABASE_PASSWORD",
};
const MODES: [&str; 6] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

impl Storage {
    fn of(options: Options) -> Result<Self, String> {
        let Options { data, database, database_file, .. } = options;
        let database = match (database, database_file) {
            (Some(_), Some(file)) => {
                return Err(format!(
                    "both --database and --database-file {} name a database: leave one out",
                    file.display()
                ));
            }
            (None, Some(file)) => Some(secret_file("--database-file", &file)?),
            (database, None) => database,
        };
        if let Some(url) = &database {
            tls(url.reveal())?;
        }
        let file = options.database_password_file.as_deref();
        let password = LOGIN.password().one_of(options.database_password, file)?;
        let database = match password {
            Some(password) => Some(with_password(database.as_ref(), &password)?),
            None => database,
        };
        Ok(Storage { data, database })
    }

    /// The database of this service.
    pub fn url(&self, service: &str) -> Secret {
        self.database.clone().unwrap_or_else(|| {
            Secret::from(format!("sqlite:{}/{service}.db", self.data.display()).as_str())
        })
    }
}

/// Puts the password into PostgreSQL's URL.
fn with_password(database: Option<&Secret>, password: &Secret) -> Result<Secret, String> {
    let alone = "there is a password, and no PostgreSQL that it belongs to: give --database postgres://USER@HOST/NAME";
    let url = database.and_then(|url| Url::parse(url.reveal()).ok());
    let Some(mut url) = url.filter(|url| url.scheme().starts_with("postgres")) else {
        return Err(alone.into());
    };
    if url.password().is_some() {
        return Err(format!(
            "--database holds a password already, and {} or {} gives another: leave one out",
            LOGIN.password_file, LOGIN.password_env
        ));
    }
    if url.username().is_empty() || url.set_password(Some(password.reveal())).is_err() {
        return Err("--database has a password and no user: write postgres://USER@HOST/NAME".into());
    }
    Ok(Secret::from(url.as_str()))
}

/// Whether what the URL says about TLS fits together.
fn tls(url: &str) -> Result<(), String> {
    let Ok(url) = Url::parse(url) else { return Ok(()) };
    let of = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value);
    let mode = of("sslmode");
    if let Some(mode) = &mode
        && !MODES.contains(&mode.as_ref())
    {
        return Err(format!("--database: sslmode={mode} is none of {}", MODES.join(", ")));
    }
    let Some(root) = of("sslrootcert") else { return Ok(()) };
    ca_file("--database: sslrootcert", Path::new(root.as_ref()))?;
    match mode {
        Some(mode) if mode.starts_with("verify") => Ok(()),
        _ => Err("--database: sslrootcert is looked at with sslmode=verify-full or verify-ca alone: add one of them".into()),
    }
}

impl Storage {
    fn read(matches: &ArgMatches) -> Result<Self, clap::Error> {
        not_an_argument(matches, "database_password", &LOGIN.password()).map_err(wrong)?;
        Storage::of(Options::from_arg_matches(matches)?).map_err(wrong)
    }
}

crate::read_from!(Storage, Options);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_goes_into_the_url_as_it_is_written_there() {
        let url = Secret::from("postgres://shop@db/shop?sslmode=require");
        let with = with_password(Some(&url), &Secret::from("p@ss/w:rd")).expect("taken");
        assert_eq!(with.reveal(), "postgres://shop:p%40ss%2Fw%3Ard@db/shop?sslmode=require");
        for other in
            [None, Some("sqlite:x.db"), Some("postgres://db/shop"), Some("postgres://a:b@db")]
        {
            let url = other.map(Secret::from);
            let error = with_password(url.as_ref(), &Secret::from("hunter2")).expect_err("refused");
            assert!(error.contains("--database") && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn tls_that_would_not_be_what_it_seems_is_refused() {
        assert_eq!(tls("postgres://shop@db/shop?sslmode=verify-full"), Ok(()));
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "-----BEGIN CERTIFICATE-----").expect("writes");
        let root = file.path().display();
        assert_eq!(tls(&format!("postgres://db?sslmode=verify-ca&sslrootcert={root}")), Ok(()));
        for (wrong, word) in [
            ("sslmode=on".to_owned(), "verify-full"),
            (format!("sslmode=require&sslrootcert={root}"), "verify-full"),
            ("sslmode=verify-full&sslrootcert=/no/such/file".to_owned(), "/no/such/file"),
        ] {
            let error = tls(&format!("postgres://db/shop?{wrong}")).expect_err("refused");
            assert!(error.contains("--database") && error.contains(word), "{error}");
        }
    }
}
