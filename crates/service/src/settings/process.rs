use std::time::Duration;

use clap::{Args, ValueEnum};

use super::{Seconds, Secret, parse};

/// How the process speaks and how it ends.
#[derive(Debug, Clone, Args)]
pub struct Process {
    /// How log lines are written, to standard error.
    #[arg(long, env = "ORDERLINE_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// What is logged: a level (error, warn, info, debug, trace), or levels by module
    /// (`info,pipeline=debug`).
    #[arg(
        long,
        env = "ORDERLINE_LOG",
        value_name = "FILTER",
        default_value = "info,librdkafka=off",
        value_parser = parse::log_filter
    )]
    pub log: String,
    /// Where traces are sent to, http://HOST:PORT, by OTLP over HTTP with protobuf; OpenTelemetry's
    /// other variables are heeded too, such as OTEL_TRACES_SAMPLER. Default: none are sent.
    #[arg(
        long,
        env = "OTEL_EXPORTER_OTLP_ENDPOINT",
        hide_env_values = true,
        value_name = "URL",
        value_parser = parse::otlp
    )]
    pub otlp_endpoint: Option<Secret>,
    /// Seconds, 1 to 3600, that what runs may take to finish once the process is told to stop; past
    /// them it is ended by force.
    #[arg(long, env = "ORDERLINE_SHUTDOWN_SECONDS", value_name = "SECONDS", default_value = "30")]
    pub shutdown_seconds: Seconds<3_600>,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Process {
    /// From the signal to the end by force.
    pub fn deadline(&self) -> Duration {
        self.shutdown_seconds.duration()
    }
}
