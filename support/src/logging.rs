//! What becomes of `tracing` events: lines on standard error, filtered by `RUST_LOG`, and with
//! `--trace` a recording of all of them.

use std::env::VarError;
use std::path::Path;

use anyhow::{Context, bail};
use tracing_subscriber::filter::Targets;
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
    let targets: Targets = filter.parse().with_context(|| {
        format!("RUST_LOG={filter}: say a level, like debug, or one for each crate, like warn,blocking=trace")
    })?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_timer(uptime());
    let recorder = trace.map(Recorder::create).transpose()?;
    // The filter is the log's: a recording has everything.
    let layers = registry().with(lines.with_filter(targets)).with(recorder);
    layers.try_init().context("starting the log")
}
