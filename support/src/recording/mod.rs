//! A recording: the spans and events of `tracing` as a file that a timeline can be drawn from.
//!
//! The file is in the Chrome trace event format, its JSON array form, which the Perfetto UI opens
//! ("Trace Event Format", the document that <https://perfetto.dev/docs/getting-started/other-formats>
//! names). A span becomes a slice on the lane of the thread that entered it; an event becomes an
//! instant. Both have the fields that they begin with, and the source line they come from. Two things
//! are added that no code emits: a slice `asleep` inside a span whose thread waits in the kernel, and
//! an instant `thread ended`.
//!
//! Slices nest, so spans must be left in the reverse order in which they were entered, as
//! [`Span::in_scope`](tracing::Span::in_scope) does.

mod thread;

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
use thread::Thread;

/// The layer that writes a recording. It writes each event at once, so that a process may be
/// killed at any moment: what has happened is in the file.
pub struct Recorder {
    file: Arc<TraceFile>,
    sleepers: Sleepers,
}

impl Recorder {
    /// Starts a recording, in a new file.
    ///
    /// # Errors
    /// The file exists or cannot be created, or there is no thread to watch who sleeps.
    pub fn create(path: &Path) -> anyhow::Result<Self> {
        let file = Arc::new(TraceFile::create(path)?);
        Ok(Self { sleepers: Sleepers::watch(file.clone())?, file })
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().replace(fields.with_line_of(attributes.metadata()));
        }
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let extensions = span.extensions();
        let arguments = extensions.get::<Fields>().map(|fields| &fields.0);
        let thread = Thread::current();
        let _visit = thread.visit();
        self.sleepers.awake(&thread);
        self.file.write(Phase::Begin, span.name(), arguments);
        self.sleepers.enter(&thread, arguments);
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let thread = Thread::current();
        let _visit = thread.visit();
        self.sleepers.awake(&thread);
        self.sleepers.exit(&thread);
        self.file.write(Phase::End, span.name(), None);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        if let Some(span) = context.event_span(event)
            && let Some(about) = span.extensions().get::<Fields>()
            && let Some(task) = about.0.get("task.name")
        {
            fields.0.insert("task".into(), task.clone());
        }
        // The message is what the event is called; the other fields are its arguments.
        let name = match fields.0.remove("message") {
            Some(Value::String(message)) => message,
            // A wake has no message, by tokio-console's conventions.
            _ if fields.0.contains_key("op") => "is woken".to_owned(),
            _ => event.metadata().name().to_owned(),
        };
        let thread = Thread::current();
        let _visit = thread.visit();
        self.sleepers.awake(&thread);
        let arguments = fields.with_line_of(event.metadata()).0;
        self.file.write(Phase::Instant, &name, Some(&arguments));
    }
}

/// The fields of a span or an event.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    /// With the source line, as `file` and `line`.
    fn with_line_of(mut self, metadata: &Metadata<'_>) -> Self {
        if let (Some(file), Some(line)) = (metadata.file(), metadata.line()) {
            self.0.insert("file".into(), file.replace('\\', "/").into());
            self.0.insert("line".into(), line.into());
        }
        self
    }
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
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
