//! The way of spans to an OTLP endpoint, over HTTP. One that is away costs its spans, and a line
//! of log now and then.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry_otlp::{ExporterBuildError, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::settings::Secret;

/// A trouble that lasts is told again so often.
const AGAIN: Duration = Duration::from_secs(60);

/// None without an endpoint. Sampler, limits, batches, headers and timeouts are the SDK's, by its
/// variables (`OTEL_TRACES_SAMPLER`, `OTEL_BSP_…`, `OTEL_EXPORTER_OTLP_HEADERS`, …).
pub(super) fn provider(
    endpoint: Option<&Secret>,
    service: &str,
) -> Result<Option<SdkTracerProvider>, ExporterBuildError> {
    let variable = |name| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
    let off = variable("OTEL_SDK_DISABLED").is_some_and(|v| v.eq_ignore_ascii_case("true"));
    let of_traces = variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
    let url = match endpoint.map(Secret::reveal).filter(|url| !url.is_empty()) {
        Some(base) => Some(format!("{}/v1/traces", base.trim_end_matches('/'))),
        None => of_traces,
    };
    let (Some(url), false) = (url, off) else { return Ok(None) };
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_http_client(reqwest::Client::new())
        .with_endpoint(url)
        .build()?;
    let exporter = Patient {
        exporter: Arc::new(exporter),
        runtime: Handle::current(),
        trouble: Mutex::default(),
    };
    let resource = Resource::builder()
        .with_service_name(service.to_owned())
        .with_attribute(opentelemetry::KeyValue::new("service.namespace", "orderline"))
        .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    let provider = SdkTracerProvider::builder().with_resource(resource);
    Ok(Some(provider.with_batch_exporter(exporter).build()))
}

/// Sends on the runtime (the SDK's own thread has none, and the client needs one), and says what
/// goes wrong once a minute instead of each time.
#[derive(Debug)]
struct Patient {
    exporter: Arc<opentelemetry_otlp::SpanExporter>,
    runtime: Handle,
    trouble: Mutex<Trouble>,
}

#[derive(Debug, Default)]
struct Trouble {
    told: Option<Instant>,
    lost: usize,
}

impl SpanExporter for Patient {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let (exporter, count) = (self.exporter.clone(), batch.len());
        let sent = self.runtime.spawn(async move { exporter.export(batch).await }).await;
        let sent = sent.unwrap_or(Err(OTelSdkError::AlreadyShutdown));
        self.tell(&sent, count);
        sent
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        if let Some(exporter) = Arc::get_mut(&mut self.exporter) {
            exporter.set_resource(resource);
        }
    }
}

impl Patient {
    fn tell(&self, sent: &OTelSdkResult, count: usize) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        match sent {
            Ok(()) => {
                if trouble.told.take().is_some() {
                    let lost = std::mem::take(&mut trouble.lost);
                    tracing::info!(spans.lost = lost, "traces are sent again");
                }
            }
            Err(error) => {
                trouble.lost += count;
                if trouble.told.is_none_or(|told| told.elapsed() >= AGAIN) {
                    trouble.told = Some(Instant::now());
                    tracing::warn!(spans.lost = trouble.lost, failure.reason = %reason(error),
                        "traces cannot be sent to --otlp-endpoint and are given up; everything else goes on");
                }
            }
        }
    }
}

/// In words without a URL, which may hold a password.
fn reason(error: &OTelSdkError) -> String {
    let text = error.to_string();
    text.split_whitespace().filter(|word| !word.contains("://")).collect::<Vec<_>>().join(" ")
}
