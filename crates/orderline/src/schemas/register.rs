use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

/// Publish every schema to the registry, each subject with FULL_TRANSITIVE compatibility.
///
/// Can be run again: a schema that is there already keeps its id.
#[derive(Debug, Args)]
pub(super) struct Register {
    /// The registry's URL.
    #[arg(long, env = "ORDERLINE_SCHEMA_REGISTRY", default_value = "http://127.0.0.1:8081")]
    schema_registry: String,
    /// Print subjects and ids as JSON.
    #[arg(long)]
    json: bool,
}

const TIMEOUT: Duration = Duration::from_secs(10);
/// A registry that has just started is still reading what it holds.
const STARTING: Retry = Retry { tries: 100, pause: Duration::from_millis(100) };

struct Retry {
    tries: u32,
    pause: Duration,
}

pub(super) async fn run(register: &Register) -> anyhow::Result<()> {
    let base = register.schema_registry.trim_end_matches('/');
    let client = Client::builder().no_proxy().timeout(TIMEOUT).build()?;
    let mut ids = serde_json::Map::new();
    for record in shop_events::all() {
        let subject = record.name;
        let level = json!({ "compatibility": "FULL_TRANSITIVE" });
        call(&client, Method::PUT, base, &format!("/config/{subject}"), &level).await?;
        let schema = json!({ "schema": record.schema, "schemaType": "AVRO" });
        let path = format!("/subjects/{subject}/versions");
        let answer = call(&client, Method::POST, base, &path, &schema).await?;
        if !register.json {
            println!("{:>6}  {subject}", answer["id"]);
        }
        ids.insert(subject.into(), answer["id"].clone());
    }
    if register.json {
        println!("{}", serde_json::to_string_pretty(&ids)?);
    }
    Ok(())
}

async fn call(
    client: &Client,
    method: Method,
    base: &str,
    path: &str,
    body: &Value,
) -> anyhow::Result<Value> {
    let send = async || {
        let request = client.request(method.clone(), format!("{base}{path}")).json(body);
        request.send().await.with_context(|| {
            format!(
                "the schema registry at {base} cannot be reached: \
                 is it running there? give its URL with --schema-registry"
            )
        })
    };
    let mut response = send().await?;
    for _ in 1..STARTING.tries {
        if response.status() != StatusCode::SERVICE_UNAVAILABLE {
            break;
        }
        tokio::time::sleep(STARTING.pause).await;
        response = send().await?;
    }
    let status = response.status();
    let answer: Value = response.json().await.unwrap_or_default();
    let why = answer["message"].as_str().unwrap_or("it does not say why");
    match status {
        _ if status.is_success() => Ok(answer),
        StatusCode::CONFLICT => bail!(
            "{path}: the registry holds a version that this one is not compatible with: {why}\n\
             see `orderline schemas check`; another program may have registered it"
        ),
        _ => bail!("{path}: the schema registry answers {status}: {why}"),
    }
}

#[cfg(test)]
mod tests;
