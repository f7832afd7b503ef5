//! What a process tells while it runs: log lines on standard error, and traces to an OTLP endpoint
//! where one is given.

mod export;
mod ids;
mod join;
mod lines;
mod pass;

use std::io::IsTerminal;
use std::time::Duration;

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::settings::{LogFormat, Process};
pub(crate) use join::Join;

/// What is to be ended with the process.
pub(crate) struct Telemetry(Option<SdkTracerProvider>);

/// Starts logs and traces; where a subscriber is installed already, that one stays.
pub(crate) fn init(settings: &Process) -> Telemetry {
    let service = service_name();
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let lines = match settings.log_format {
        LogFormat::Text => lines.event_format(lines::Text).boxed(),
        LogFormat::Json => {
            let json = lines::Json { service: service.clone() };
            lines.event_format(json).boxed()
        }
    };
    let passing = pass::Pass(EnvFilter::new(&settings.log));
    let (provider, failed) = match export::provider(settings.otlp_endpoint.as_ref(), &service) {
        Ok(provider) => (provider, None),
        Err(error) => (None, Some(error)),
    };
    let traces = provider.as_ref().map(|provider| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("orderline"))
            .with_location(false)
            .with_threads(false)
            .with_level(false)
            .with_target(false)
            .with_tracked_inactivity(false)
    });
    let _ = tracing_subscriber::registry().with(passing).with(traces).with(lines).try_init();
    if let Some(error) = failed {
        tracing::error!(%error, "traces are not sent");
    }
    Telemetry(provider)
}

impl Telemetry {
    /// Sends what is left, within that time.
    pub(crate) async fn end(self, within: Duration) {
        let Some(provider) = self.0 else { return };
        let ended = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(within));
        if let Ok(Err(error)) = ended.await {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// The program's name, unless OpenTelemetry's variable gives another.
fn service_name() -> String {
    let given = std::env::var("OTEL_SERVICE_NAME").ok().filter(|name| !name.is_empty());
    given.unwrap_or_else(|| {
        let program = std::env::args_os().next().unwrap_or_default();
        let name = std::path::Path::new(&program).file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    })
}
