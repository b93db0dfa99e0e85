//! A run that tells its own story: each `tracing` event of a stage is a line on standard output, with
//! the thread that it happened on.

use std::fmt::{Debug, Write as _};
use std::io::Write as _;
use std::path::PathBuf;
use std::thread;

use anyhow::Context as _;
use lexopt::prelude::*;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry;
use tracing_subscriber::util::SubscriberInitExt;

use crate::recording::Recorder;

/// What a narrated program says of itself in `--help`.
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

/// Prints each event: its thread, the future that it is about, its message, its other fields.
struct Narrator;

impl<S: Subscriber> Layer<S> for Narrator {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line::default();
        event.record(&mut line);
        let thread = thread::current();
        let name = thread.name().unwrap_or("a thread");
        let Line { future, message, rest } = line;
        // Whoever reads may have left: that is no reason to panic.
        let _ = writeln!(std::io::stdout().lock(), "{name:<16}{future}{message}{rest}");
    }
}

#[derive(Default)]
struct Line {
    future: String,
    message: String,
    rest: String,
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "future" => self.future = format!("{value} "),
            name => {
                let _ = write!(self.rest, ", {name} {value}");
            }
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            name => {
                let _ = write!(self.rest, ", {name} {value:?}");
            }
        }
    }
}
