//! The log: `tracing` events as lines on standard error, filtered by `RUST_LOG`.

use std::env::VarError;

use anyhow::{Context, bail};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::time::uptime;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts the log of this process.
///
/// `RUST_LOG` says what is printed: a level (`debug`), or a level for each crate
/// (`warn,blocking=trace`). Unset, it is `info`. A line begins with the seconds since this
/// call.
///
/// # Errors
/// `RUST_LOG` cannot be understood, or this process has a log already.
pub fn init() -> anyhow::Result<()> {
    let filter = match std::env::var("RUST_LOG") {
        Ok(filter) if !filter.is_empty() => filter,
        Err(VarError::NotUnicode(_)) => bail!("RUST_LOG is not text"),
        _ => "info".to_owned(),
    };
    let targets: Targets = filter.parse().with_context(|| {
        format!("RUST_LOG={filter}: say a level, like debug, or one for each crate, like warn,blocking=trace")
    })?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_timer(uptime());
    tracing_subscriber::registry().with(lines).with(targets).try_init().context("starting the log")
}
