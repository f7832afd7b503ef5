//! Logs: to standard error, as text or as JSON.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

use crate::settings::{LogFormat, Process};

/// Starts logging; where a subscriber is installed already, that one stays.
pub(crate) fn init(settings: &Process) {
    let format = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(&settings.log))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let _ = match settings.log_format {
        LogFormat::Text => format.finish().try_init(),
        LogFormat::Json => format.json().flatten_event(true).finish().try_init(),
    };
}
