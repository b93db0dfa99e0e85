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

/// Reads a file of book/traces that authors write; `root` is the folder of book.toml.
///
/// # Errors
/// A sentence that names the file.
fn read_toml<T: serde::de::DeserializeOwned>(
    name: &str,
    root: &std::path::Path,
) -> Result<T, String> {
    let text = std::fs::read_to_string(root.join("traces").join(name))
        .map_err(|error| format!("book/traces/{name} cannot be read: {error}"))?;
    toml::from_str(&text).map_err(|error| format!("book/traces/{name} is not as expected: {error}"))
}
