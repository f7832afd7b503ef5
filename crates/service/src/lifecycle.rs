//! From the first signal to the exit code.

use std::process::ExitCode;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::boot::StoppedWaiting;
use crate::settings::Process;
use crate::telemetry;

/// As clap ends when it refuses an option itself.
const WRONG_OPTION: u8 = 2;
/// Ended by force: a second signal, or the deadline.
const FORCED: i32 = 3;

/// An option whose fault shows only when it is used, in words that name it: [`main`] ends with 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct WrongOption(pub String);

/// The frame of a `main`: logs, signals and the exit code. `run` is told to stop by its token.
///
/// Exit codes: 0 stopped as told, 1 failed, 2 wrong options, 3 ended by force.
pub async fn main<F, R>(settings: &Process, run: F) -> ExitCode
where
    F: FnOnce(CancellationToken) -> R,
    R: Future<Output = anyhow::Result<()>>,
{
    let telemetry = telemetry::init(settings);
    let ended = frame(settings, run).await;
    telemetry.end(settings.deadline() / 6).await;
    ended
}

async fn frame<F, R>(settings: &Process, run: F) -> ExitCode
where
    F: FnOnce(CancellationToken) -> R,
    R: Future<Output = anyhow::Result<()>>,
{
    let stop = CancellationToken::new();
    let signals =
        signal(SignalKind::terminate()).and_then(|t| Ok((t, signal(SignalKind::interrupt())?)));
    match signals {
        Ok((terminate, interrupt)) => {
            tokio::spawn(watch(terminate, interrupt, stop.clone(), settings.deadline()));
        }
        Err(error) => {
            tracing::error!(%error, "signals cannot be listened to, so that this process could not be stopped in order");
            return ExitCode::FAILURE;
        }
    }
    match run(stop).await {
        Ok(()) => {
            tracing::info!("stopped");
            ExitCode::SUCCESS
        }
        Err(error) if error.is::<StoppedWaiting>() => {
            tracing::info!("{error}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!("{error:#}");
            let wrong = error.is::<WrongOption>();
            if wrong { ExitCode::from(WRONG_OPTION) } else { ExitCode::FAILURE }
        }
    }
}

/// The force is `exit`, not a drop: a client library may wait without a bound when it is dropped.
async fn watch(
    mut terminate: Signal,
    mut interrupt: Signal,
    stop: CancellationToken,
    deadline: Duration,
) {
    either(&mut terminate, &mut interrupt).await;
    tracing::info!(
        "stopping: what runs may finish for {deadline:?}; a second signal ends it at once"
    );
    stop.cancel();
    tokio::select! {
        () = either(&mut terminate, &mut interrupt) => {
            tracing::warn!("ended by a second signal; what was not finished comes again at the next start");
        }
        () = tokio::time::sleep(deadline) => {
            tracing::error!("not finished after {deadline:?}, ended by force; what was not finished comes again at the next start");
        }
    }
    std::process::exit(FORCED);
}

async fn either(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
