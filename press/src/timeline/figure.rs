//! `{{#trace FILE}}`: a figure that the player plays, and without a script a list of what happened.

use std::collections::HashSet;
use std::fmt::Write;
use std::path::Path;

use super::read_toml;
use super::record::{Recording, named};
use super::recording::parse;
use super::steps::follow;
use crate::escape::escape;

/// The figure for FILE, which is relative to book/traces; `root` is the folder of book.toml.
///
/// `link` says where a listing shows a line of a file: that is where the step's source leads.
///
/// # Errors
/// A sentence: there is no such recording, or words.toml lacks a sentence for it.
pub(crate) fn figure(
    file: &str,
    root: &Path,
    link: impl Fn(&str, u64) -> Option<String>,
) -> Result<String, String> {
    let Recording { title, command, .. } = named(file, root)?;
    let text = std::fs::read_to_string(root.join("traces").join(file));
    let events = text.map_err(anyhow::Error::from).and_then(|text| Ok(parse(&text)?));
    let events = events.map_err(|error| {
        format!("book/traces/{file}: {error}: record it with `cargo workshop trace`.")
    })?;
    let timeline = follow(&events, &read_toml("words.toml", root)?)?;

    let mut html = format!(
        "<figure class=\"timeline\">\n<figcaption>{}</figcaption>\n<ol class=\"timeline-steps\">\n",
        escape(&title)
    );
    let mut ids = HashSet::new();
    for step in &timeline.steps {
        let id = id(file, &step.sentence);
        let id = match ids.insert(id.clone()) {
            true => format!(" id=\"{id}\""),
            false => String::new(),
        };
        let _ = write!(html, "<li{id}><span>{}</span>", escape(&step.sentence));
        if let Some((file, line)) = &step.source {
            html += &source(file, *line, link(file, *line));
        }
        html += "</li>\n";
    }
    // What the player needs beside the list of sentences.
    let json = serde_json::to_string(&timeline).expect("lanes and steps are plain data");
    // In JSON `<` stands in strings only, where \u003c means the same: no string ends the script.
    let json = json.replace('<', "\\u003c");
    let _ = write!(
        html,
        "</ol>\n<script type=\"application/json\">{json}</script>\n\
         <p class=\"timeline-made\">Recorded by <code>{}</code></p>\n</figure>",
        escape(&command)
    );
    Ok(html)
}

/// What a link in the text leads to: the name of the recording and the sentence up to its first mark,
/// `three-clients-poll-client-2-says-hello`. Of several steps the first has it.
fn id(file: &str, sentence: &str) -> String {
    let name = Path::new(file).file_stem().unwrap_or_default().to_string_lossy();
    let beginning = sentence.split([',', '.', ':']).next().unwrap_or_default();
    let is_letter = |c: char| c.is_ascii_alphanumeric();
    let words = beginning.split(|c| !is_letter(c)).filter(|word| !word.is_empty());
    let words: Vec<_> = words.map(str::to_lowercase).collect();
    format!("{name}-{}", words.join("-"))
}

/// Where a step comes from: `echo.rs:24`, with a link to the listing where there is one.
fn source(file: &str, line: u64, link: Option<String>) -> String {
    let name = file.rsplit('/').next().unwrap_or(file);
    let shown = format!("{}:{line}", escape(name));
    let title = format!("title=\"{}, line {line}\"", escape(file));
    match link {
        Some(link) => {
            format!(" <a class=\"timeline-source\" href=\"{}\" {title}>{shown}</a>", escape(&link))
        }
        None => format!(" <span class=\"timeline-source\" {title}>{shown}</span>"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    #[test]
    fn a_figure_is_a_list_of_sentences_with_their_source_lines_and_data_for_the_player() {
        let workspace = Workspace::empty();
        workspace.write(
            "book/traces/recordings.toml",
            "[[recording]]\nfile = \"01/a.json\"\ntitle = \"A & B\"\ncommand = \"cargo run -p a\"\n",
        );
        workspace.write(
            "book/traces/words.toml",
            "[call]\n[event.leaves]\nsays = \"client {client} leaves </script>\"\nstate = \"gone\"\n",
        );
        workspace.write(
            "book/traces/01/a.json",
            "[{\"name\":\"leaves\",\"ph\":\"i\",\"tid\":1,\"args\":{\"client\":1,\"file\":\"a/b.rs\",\"line\":7}}]",
        );
        let root = workspace.path().join("book");
        let link = |file: &str, line: u64| Some(format!("page.md#{file}-{line}"));
        let html = figure("01/a.json", &root, link).unwrap();
        assert!(html.contains("<figcaption>A &amp; B</figcaption>"), "{html}");
        let step = "<li id=\"a-client-1-leaves-script\"><span>Client 1 leaves &lt;/script&gt;</span> <a class=\"timeline-source\" \
                    href=\"page.md#a/b.rs-7\" title=\"a/b.rs, line 7\">b.rs:7</a></li>";
        assert!(html.contains(step), "{html}");
        let data = r#"{"lanes":["client 1"],"steps":[{"lane":0,"state":"gone"}]}"#;
        assert!(html.contains(data), "{html}");
        assert!(!html.contains("\n\n"), "a blank line would end the HTML: {html}");
        let html = figure("01/a.json", &root, |_, _| None).unwrap();
        assert!(
            html.contains("<span class=\"timeline-source\" title=\"a/b.rs, line 7\">b.rs:7</span>")
        );
        let error = figure("01/b.json", &root, link).unwrap_err();
        assert!(error.contains("no recording `01/b.json`: add it there"), "{error}");
    }
}
