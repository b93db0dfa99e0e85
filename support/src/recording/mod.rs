//! A recording: the spans and events of `tracing` as a file that a timeline can be drawn from.
//!
//! The file is in the Chrome trace event format, its JSON array form, which the Perfetto UI opens
//! ("Trace Event Format", the document that <https://perfetto.dev/docs/getting-started/other-formats>
//! names). A span becomes a slice on the lane of the thread that entered it; an event becomes an
//! instant. Both carry the source line they come from. Two things are added that no code emits:
//! a slice `asleep` inside a call whose thread the kernel has taken off the processor, and an
//! instant `thread ended`.

mod file;
mod sleepers;

use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use file::{Phase, TraceFile};
use sleepers::Sleepers;

/// The layer that writes a recording. It writes each event at once, so that a process may be
/// killed at any moment: what has happened is in the file.
pub struct Recorder {
    file: Arc<TraceFile>,
    sleepers: Sleepers,
}

impl Recorder {
    /// Starts a recording. A file that exists is replaced.
    ///
    /// # Errors
    /// The file cannot be created, or there is no thread to watch who sleeps.
    pub fn create(path: &Path) -> anyhow::Result<Self> {
        let file = Arc::new(TraceFile::create(path)?);
        Ok(Self { sleepers: Sleepers::watch(file.clone())?, file })
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut arguments = Arguments::of(attributes.metadata());
        attributes.record(&mut arguments);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(arguments);
        }
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let extensions = span.extensions();
        let arguments = extensions.get::<Arguments>().map(|arguments| &arguments.0);
        self.file.write(Phase::Begin, span.name(), arguments);
        self.sleepers.enter(arguments);
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        self.sleepers.exit();
        self.file.write(Phase::End, span.name(), None);
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut arguments = Arguments::of(event.metadata());
        event.record(&mut arguments);
        // The message is what the event is called; the other fields are its arguments.
        let name = match arguments.0.remove("message") {
            Some(Value::String(message)) => message,
            _ => event.metadata().name().to_owned(),
        };
        self.file.write(Phase::Instant, &name, Some(&arguments.0));
    }
}

/// The fields of a span or an event, and the source line it comes from.
struct Arguments(Map<String, Value>);

impl Arguments {
    fn of(metadata: &Metadata<'_>) -> Self {
        let mut arguments = Map::new();
        if let (Some(file), Some(line)) = (metadata.file(), metadata.line()) {
            arguments.insert("file".into(), file.replace('\\', "/").into());
            arguments.insert("line".into(), line.into());
        }
        Self(arguments)
    }
}

impl Visit for Arguments {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().into(), format!("{value:?}").into());
    }
}
