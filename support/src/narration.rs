//! A narrated run: each `tracing` event of a stage is a line on standard output, with
//! the thread that it happened on.

use std::fmt::{Debug, Write as _};
use std::io::Write as _;
use std::path::PathBuf;
use std::thread;

use anyhow::Context as _;
use lexopt::prelude::*;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use crate::recording::Recorder;

/// A narrated program's `--help`.
pub struct Narrated {
    /// How it is run, like `cargo run -p waker`.
    pub command: &'static str,
    /// One sentence.
    pub about: &'static str,
    /// The words of which one may follow on the command line.
    pub words: &'static [&'static str],
}

impl Narrated {
    /// Begins to tell what happens from now on, and to record it if `--trace FILE` is on the command
    /// line. Returns the word that stands there, if one does. Prints the help and exits with 0 when it is asked for; says what is wrong and exits with
    /// 2 when the command line cannot be understood.
    ///
    /// # Errors
    /// The recording cannot be created, or something else listens to `tracing` already.
    pub fn begin(&self) -> anyhow::Result<Option<&'static str>> {
        let (word, trace) = self.flags();
        let recorder = trace.as_deref().map(Recorder::create).transpose()?;
        registry().with(Narrator).with(recorder).try_init().context("starting the narration")?;
        Ok(word)
    }

    fn flags(&self) -> (Option<&'static str>, Option<PathBuf>) {
        let words = self.words.join("|");
        let usage = format!(
            "{}\n\nUsage: {} [-- [{words}] [--trace FILE]]\n\n  --trace FILE  record the run; the Perfetto UI opens the file\n",
            self.about, self.command
        )
        .replace("[] ", "");
        let parse = || -> Result<_, lexopt::Error> {
            let (mut word, mut trace) = (None, None);
            let mut parser = lexopt::Parser::from_env();
            while let Some(arg) = parser.next()? {
                match arg {
                    Short('h') | Long("help") => {
                        print!("{usage}");
                        std::process::exit(0)
                    }
                    Long("trace") => trace = Some(parser.value()?.into()),
                    Value(value) => match self.words.iter().find(|known| value == **known) {
                        Some(known) => word = Some(*known),
                        None => return Err(Value(value).unexpected()),
                    },
                    other => return Err(other.unexpected()),
                }
            }
            Ok((word, trace))
        };
        parse().unwrap_or_else(|error| {
            eprintln!("{error}\n\n{usage}");
            std::process::exit(2)
        })
    }
}

/// Prints each event: its thread, the future or the task that it is about, its message, its other
/// fields.
struct Narrator;

/// The name of the task that a span is.
struct TaskName(String);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Narrator {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut line = Line::default();
        attributes.record(&mut line);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(TaskName(line.about));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut line = Line::default();
        event.record(&mut line);
        if line.about.is_empty()
            && let Some(span) = context.event_span(event)
            && let Some(TaskName(name)) = span.extensions().get()
        {
            line.about.clone_from(name);
        }
        let thread = thread::current();
        let name = thread.name().unwrap_or("a thread");
        let Line { about, message, rest } = line;
        // The reader may have gone: that is no reason to panic.
        let _ = writeln!(std::io::stdout().lock(), "{name:<16}{about}{message}{rest}");
    }
}

#[derive(Default)]
struct Line {
    /// A future or a task, and a space.
    about: String,
    message: String,
    rest: String,
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "future" | "task.name" => self.about = format!("{value} "),
            "op" => self.message = "is woken".to_owned(),
            name => {
                let _ = write!(self.rest, ", {name} {value}");
            }
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            "task.id" => {}
            name => {
                let _ = write!(self.rest, ", {name} {value:?}");
            }
        }
    }
}
