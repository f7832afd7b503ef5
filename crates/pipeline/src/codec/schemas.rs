//! Which id a type is written under, and which schema an id stands for.

use std::collections::HashMap;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use schema_registry_converter::async_impl::schema_registry::{
    SrSettings, get_schema_by_id, post_schema,
};
use schema_registry_converter::error::SRCError;
use schema_registry_converter::schema_registry_common::{SchemaType, SuppliedSchema};

use super::registry_access::{self, RegistryNames};
use super::{DecodeError, EncodeError};
use crate::event::Event;

/// Where the schema registry is.
#[derive(Debug, Clone)]
pub struct RegistrySettings {
    /// Base URLs, tried in turn.
    pub urls: Vec<String>,
    /// How long one call may take.
    pub timeout: Duration,
    /// The file of the certificate authority that signed the registry's certificate, for a registry
    /// by https; the system's own authorities where none is given.
    pub ca: Option<PathBuf>,
    /// User and password, where the registry wants them.
    pub login: Option<RegistryLogin>,
    /// How errors name the settings.
    pub names: RegistryNames,
}

impl RegistrySettings {
    /// A registry at these URLs that wants nothing special.
    pub fn new(urls: Vec<String>) -> Self {
        RegistrySettings {
            urls,
            timeout: Duration::from_secs(5),
            ca: None,
            login: None,
            names: RegistryNames::default(),
        }
    }
}

/// Who we are to a registry. Does not print.
#[derive(Clone)]
pub struct RegistryLogin {
    /// The user.
    pub user: String,
    /// The password.
    pub password: String,
}

impl std::fmt::Debug for RegistryLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (password …)", self.user)
    }
}

/// A schema somebody wrote records with.
pub struct WriterSchema {
    /// The record's full name, which decides who handles it.
    pub name: String,
    /// The parsed schema.
    pub schema: serde_avro_fast::Schema,
}

/// A failed call to the registry.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// Settings that cannot work.
    #[error("schema registry settings: {0}")]
    Settings(String),
    /// The registry refused a schema, or could not be asked.
    #[error("schema registry, subject {subject}: {reason}")]
    Refused {
        /// The subject.
        subject: String,
        /// The registry's or the network's words.
        reason: String,
    },
    /// A schema of our own that is no schema.
    #[error("the schema of {0} cannot be parsed: {1}")]
    Schema(&'static str, String),
}

type Writer = Arc<(u32, serde_avro_fast::Schema)>;

/// The program's view of the registry: ids looked up once and kept, errors never kept.
#[derive(Clone)]
pub struct Schemas(Arc<Inner>);

struct Inner {
    registry: Source,
    names: RegistryNames,
    by_id: RwLock<HashMap<u32, Arc<WriterSchema>>>,
    by_type: RwLock<HashMap<&'static str, Writer>>,
}

enum Source {
    Http(SrSettings),
    Memory,
}

impl Schemas {
    /// Talks to a Confluent-compatible registry.
    pub fn connect(settings: &RegistrySettings) -> Result<Self, RegistryError> {
        let mut urls = settings.urls.iter();
        let first = urls.next().ok_or_else(|| RegistryError::Settings("no URL is given".into()))?;
        let mut builder = SrSettings::new_builder(first.trim_end_matches('/').to_owned());
        for url in urls {
            builder.add_url(url.trim_end_matches('/').to_owned());
        }
        builder.no_proxy().set_timeout(settings.timeout);
        if let Some(RegistryLogin { user, password }) = &settings.login {
            builder.set_basic_authorization(user, Some(password));
        }
        let client = registry_access::client(settings.ca.as_deref(), settings.names)
            .map_err(RegistryError::Settings)?;
        let http =
            builder.build_with(client).map_err(|e| RegistryError::Settings(e.to_string()))?;
        Ok(Self::with(Source::Http(http), settings.names))
    }

    /// A registry in this process, for unit tests: ids count up from 1.
    pub fn in_memory() -> Self {
        Self::with(Source::Memory, RegistryNames::default())
    }

    fn with(registry: Source, names: RegistryNames) -> Self {
        let (by_id, by_type) = (RwLock::default(), RwLock::default());
        Schemas(Arc::new(Inner { registry, names, by_id, by_type }))
    }

    /// Registers the type's schema under its full name and keeps the id. Called at start for each
    /// type a program publishes, so that publishing needs no registry afterwards.
    pub async fn register<E: Event>(&self) -> Result<u32, RegistryError> {
        let schema = parse(E::TYPE, E::SCHEMA)?;
        let id = match &self.0.registry {
            Source::Memory => self.next_id(E::TYPE)?,
            Source::Http(settings) => {
                let supplied =
                    SuppliedSchema::new(Some(E::TYPE.into()), SchemaType::Avro, E::SCHEMA.into());
                post_schema(settings, E::TYPE.into(), supplied)
                    .await
                    .map_err(|e| RegistryError::Refused {
                        subject: E::TYPE.into(),
                        reason: self.explain(&e),
                    })?
                    .id
            }
        };
        let known = WriterSchema { name: E::TYPE.into(), schema: parse(E::TYPE, E::SCHEMA)? };
        write(&self.0.by_id).insert(id, Arc::new(known));
        write(&self.0.by_type).insert(E::TYPE, Arc::new((id, schema)));
        Ok(id)
    }

    fn next_id(&self, name: &str) -> Result<u32, RegistryError> {
        let known = read(&self.0.by_id);
        let same = known.iter().find(|(_, s)| s.name == name).map(|(id, _)| *id);
        Ok(same.unwrap_or(u32::try_from(known.len()).unwrap_or(u32::MAX - 1) + 1))
    }

    /// Frames and encodes an event whose type has been registered.
    pub fn encode<E: Event>(&self, event: &E) -> Result<Vec<u8>, EncodeError> {
        let writer = read(&self.0.by_type).get(E::TYPE).cloned();
        let writer = writer.ok_or(EncodeError::NotRegistered(E::TYPE))?;
        super::encode(event, writer.0, &writer.1)
    }

    /// The schema behind an id, if it is known here already.
    pub fn cached(&self, id: u32) -> Option<Arc<WriterSchema>> {
        read(&self.0.by_id).get(&id).cloned()
    }

    /// The schema behind an id, asking the registry the first time.
    pub async fn writer(&self, id: u32) -> Result<Arc<WriterSchema>, DecodeError> {
        if let Some(known) = self.cached(id) {
            return Ok(known);
        }
        let Source::Http(settings) = &self.0.registry else {
            return Err(DecodeError::Undecodable(format!("schema id {id} is unknown")));
        };
        let found = get_schema_by_id(id, settings).await.map_err(|e| {
            if e.error.contains("status 404") {
                DecodeError::Undecodable(format!("schema id {id} is unknown to the registry"))
            } else {
                DecodeError::Registry(self.explain(&e))
            }
        })?;
        if !matches!(found.schema_type, SchemaType::Avro) {
            return Err(DecodeError::Undecodable(format!("schema id {id} is not an Avro schema")));
        }
        let schema = serde_avro_fast::Schema::from_str(&found.schema).map_err(|e| {
            DecodeError::Undecodable(format!("schema id {id} cannot be parsed: {e}"))
        })?;
        let name = record_name(&found.schema)
            .ok_or_else(|| DecodeError::Undecodable(format!("schema id {id} is not a record")))?;
        let writer = Arc::new(WriterSchema { name, schema });
        write(&self.0.by_id).insert(id, writer.clone());
        Ok(writer)
    }

    /// Whether the registry answers now.
    pub async fn ping(&self) -> Result<(), String> {
        let Source::Http(settings) = &self.0.registry else { return Ok(()) };
        // An id that is never given out: a registry that is there answers "not found".
        match get_schema_by_id(u32::MAX >> 1, settings).await {
            Ok(_) => Ok(()),
            Err(e) if e.error.contains("status 404") => Ok(()),
            Err(e) => Err(self.explain(&e)),
        }
    }

    fn explain(&self, error: &SRCError) -> String {
        registry_access::explain(error, self.0.names)
    }
}

fn parse(name: &'static str, text: &str) -> Result<serde_avro_fast::Schema, RegistryError> {
    serde_avro_fast::Schema::from_str(text).map_err(|e| RegistryError::Schema(name, e.to_string()))
}

/// The full name of a record schema: a dotted name stands alone, else the namespace is put before.
fn record_name(schema: &str) -> Option<String> {
    let json: serde_json::Value = serde_json::from_str(schema).ok()?;
    if json.get("type")?.as_str()? != "record" {
        return None;
    }
    let name = json.get("name")?.as_str()?;
    match json.get("namespace").and_then(|n| n.as_str()) {
        Some(space) if !name.contains('.') && !space.is_empty() => Some(format!("{space}.{name}")),
        _ => Some(name.to_owned()),
    }
}

fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(std::sync::PoisonError::into_inner)
}
