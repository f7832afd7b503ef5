use std::path::PathBuf;

use clap::{ArgMatches, Args, FromArgMatches};
use pipeline::{RegistryLogin, RegistryNames, RegistrySettings};
use url::Url;

use super::login::{Login, LoginNames, ca_file, login, not_an_argument, wrong};
use super::{Secret, is_loopback, parse};

/// Where the schema registry is, and who we are to it.
#[derive(Debug, Clone)]
pub struct SchemaRegistry {
    /// URLs, tried in turn.
    pub urls: Vec<String>,
    ca: Option<PathBuf>,
    login: Option<Login>,
}

#[derive(Debug, Clone, Args)]
#[group(skip)]
struct Options {
    /// Schema registries that speak the Confluent API, URLs separated by commas, tried in turn.
    #[arg(
        long,
        env = "ORDERLINE_SCHEMA_REGISTRY",
        value_name = "URL,…",
        default_value = "http://127.0.0.1:8081",
        value_delimiter = ',',
        value_parser = parse::registry_url
    )]
    schema_registry: Vec<String>,
    /// The certificate authority of an https registry, a file in PEM. Default: those that the
    /// system trusts.
    #[arg(long, env = "ORDERLINE_SCHEMA_REGISTRY_CA", value_name = "FILE")]
    schema_registry_ca: Option<PathBuf>,
    /// The user of a registry that wants one (HTTP basic authentication). The password is in
    /// ORDERLINE_SCHEMA_REGISTRY_PASSWORD or in the file that --schema-registry-password-file names.
    #[arg(long, env = "ORDERLINE_SCHEMA_REGISTRY_USER", value_name = "NAME")]
    schema_registry_user: Option<String>,
    /// The file that holds that user's password.
    #[arg(long, env = "ORDERLINE_SCHEMA_REGISTRY_PASSWORD_FILE", value_name = "FILE")]
    schema_registry_password_file: Option<PathBuf>,
    /// The environment alone may give it.
    #[arg(long, env = "ORDERLINE_SCHEMA_REGISTRY_PASSWORD", hide = true, hide_env_values = true)]
    schema_registry_password: Option<Secret>,
}

const LOGIN: LoginNames = LoginNames {
    user: "--schema-registry-user",
    password_file: "--schema-registry-password-file",
    password_env: "ORDERLINE_SCHEMA_REGISTRY_PASSWORD",
};
const NAMES: RegistryNames = RegistryNames {
    urls: "--schema-registry",
    ca: "--schema-registry-ca",
    user: "--schema-registry-user",
    password: "--schema-registry-password-file or ORDERLINE_SCHEMA_REGISTRY_PASSWORD",
};

impl SchemaRegistry {
    fn of(options: Options) -> Result<Self, String> {
        let (urls, ca) = (options.schema_registry, options.schema_registry_ca);
        if let Some(ca) = &ca {
            ca_file("--schema-registry-ca", ca)?;
            if let Some(plain) = urls.iter().find(|url| !url.starts_with("https://")) {
                return Err(format!(
                    "--schema-registry-ca is for https, and --schema-registry names {plain}: change one of them"
                ));
            }
        }
        let (user, file) = (options.schema_registry_user, options.schema_registry_password_file);
        let login = login(user, options.schema_registry_password, file, &LOGIN)?;
        if login.is_some()
            && let Some(plain) = urls.iter().find(|url| tells_all(url))
        {
            return Err(format!(
                "--schema-registry {plain} would carry the password of --schema-registry-user through the network for all to read: write https://, or leave the user out"
            ));
        }
        Ok(SchemaRegistry { urls, ca, login })
    }

    /// What the engine needs to know.
    pub fn settings(&self) -> RegistrySettings {
        let login = self.login.as_ref().map(|login| RegistryLogin {
            user: login.user.clone(),
            password: login.password.reveal().to_owned(),
        });
        RegistrySettings {
            ca: self.ca.clone(),
            login,
            names: NAMES,
            ..RegistrySettings::new(self.urls.clone())
        }
    }

    fn read(matches: &ArgMatches) -> Result<Self, clap::Error> {
        not_an_argument(matches, "schema_registry_password", &LOGIN.password()).map_err(wrong)?;
        SchemaRegistry::of(Options::from_arg_matches(matches)?).map_err(wrong)
    }
}

/// Whether what is sent there can be read on the way.
fn tells_all(url: &str) -> bool {
    !url.starts_with("https://") && !Url::parse(url).is_ok_and(|url| is_loopback(&url))
}

crate::read_from!(SchemaRegistry, Options);
