use std::path::PathBuf;

use clap::Args;

use super::Secret;

/// Where a service keeps what is its own.
#[derive(Debug, Clone, Args)]
pub struct Storage {
    /// The folder of the services' SQLite files; made when absent.
    #[arg(long, env = "ORDERLINE_DATA", value_name = "FOLDER", default_value = ".orderline/data")]
    pub data: PathBuf,
    /// The database, `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`. Default: the file
    /// `<service>.db` in the data folder.
    #[arg(long, env = "ORDERLINE_DATABASE", hide_env_values = true, value_name = "URL")]
    pub database: Option<Secret>,
}

impl Storage {
    /// The database of this service.
    pub fn url(&self, service: &str) -> Secret {
        self.database.clone().unwrap_or_else(|| {
            Secret::from(format!("sqlite:{}/{service}.db", self.data.display()).as_str())
        })
    }
}
