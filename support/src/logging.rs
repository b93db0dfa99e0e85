//! What becomes of `tracing` events: lines on standard error, filtered by `RUST_LOG`, and with
//! `--trace` a recording of all of them.

use std::env::VarError;
use std::path::Path;

use anyhow::{Context, bail};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::time::uptime;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, registry};

use crate::recording::Recorder;

/// Starts the log of this process, and its recording if `trace` names a file for one.
///
/// `RUST_LOG` says what is printed: a level (`debug`), or a level for each crate
/// (`warn,blocking=trace`). Unset, it is `info`. A line begins with the seconds since this
/// call.
///
/// # Errors
/// `RUST_LOG` cannot be understood, the recording cannot be created, or this process has a log
/// already.
pub fn init(trace: Option<&Path>) -> anyhow::Result<()> {
    let filter = match std::env::var("RUST_LOG") {
        Ok(filter) if !filter.is_empty() => filter,
        Err(VarError::NotUnicode(_)) => bail!("RUST_LOG is not text"),
        _ => "info".to_owned(),
    };
    let targets = parse(&filter).with_context(|| {
        format!("RUST_LOG={filter}: say a level, like debug, or one for each crate, like warn,blocking=trace")
    })?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_timer(uptime());
    let recorder = trace.map(Recorder::create).transpose()?;
    // The filter is the log's: a recording has everything.
    let layers = registry().with(lines.with_filter(targets)).with(recorder);
    layers.try_init().context("starting the log")
}

/// Reads `RUST_LOG`. A word alone would be a crate's name: a level that was mistyped would silence
/// everything, so it is refused.
fn parse(filter: &str) -> anyhow::Result<Targets> {
    for part in filter.split(',').filter(|part| !part.contains('=')) {
        part.parse::<LevelFilter>().with_context(|| format!("`{part}` is no level"))?;
    }
    Ok(filter.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_level_is_refused_and_crates_are_named_with_theirs() {
        assert!(parse("debug").is_ok() && parse("warn,blocking=trace,mio=off").is_ok());
        assert_eq!(parse("debgu").unwrap_err().to_string(), "`debgu` is no level");
        assert!(parse("blocking=lots").is_err());
    }
}
