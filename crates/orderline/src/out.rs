//! Standard output. Whoever reads it may stop early (`| head`), and that is no failure.

use std::io::Write;

use serde::Serialize;

/// Prints a text as it is.
pub(crate) fn text(text: impl std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    // A reader that has gone wants no more; any other failure has no better place to be told.
    let _ = write!(out, "{text}").and_then(|()| out.flush());
}

/// Prints a value as JSON, for scripts.
pub(crate) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    text(format_args!("{}\n", serde_json::to_string_pretty(value)?));
    Ok(())
}
