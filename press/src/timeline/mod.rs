//! Figures from recorded runs: a recording in book/traces becomes lanes and steps, with a sentence
//! and a source line each, which the player in the page plays.

// The file: read, and freed of what differs from run to run.
mod recording;

// What the book says of each event.
mod words;

// Who is drawn: clients, connections, threads.
mod lanes;

// From events to steps.
mod steps;

// From steps to what stands in the page.
pub(super) mod figure;

// From a command to a recording, and whether the one we have still is what the code does.
pub(super) mod record;
