//! `{{#progress}}`: all exercises, as a list that stands without a script. Where the dashboard
//! serves the book, progress.js adds to each what is known of it.

use super::book::Book;
use super::escape::escape;
use super::exercises::id;
use super::scan;
use std::collections::BTreeMap;
use workshop::exercise::Exercise;
use workshop::title::title;
use workshop::workspace::Workspace;

/// How the list begins, in a page as mdBook has written it. Text has no `<`, so no other page holds this.
pub(super) const MARK: &str = "<div class=\"progress\" data-progress=\"list\">";

/// An HTML list of all exercises, stage by stage. progress.js folds those of other stages than the
/// learner's.
pub(super) fn list(book: &Book) -> String {
    let workspace = &book.workspace;
    // No line is blank: a blank line would end the HTML block, and Markdown would read the rest.
    let mut html = format!("{MARK}\n");
    for stage in &workspace.stages {
        let (number, name) = stage.name.split_once('-').unwrap_or(("", &stage.name));
        html += &format!(
            "<details class=\"stage\" data-stage=\"{number}-{name}\" open>\n<summary>\
             <b role=\"heading\" aria-level=\"2\">Stage {number}: {name}</b></summary>\n<ol>\n"
        );
        html.extend(stage.exercises.iter().map(|exercise| row(exercise, workspace)));
        html += "</ol>\n</details>\n";
    }
    let sections = serde_json::to_string(&sections(book)).expect("names are plain data");
    // As in a figure of steps: no name ends the script.
    let sections = sections.replace('<', "\\u003c");
    html += &format!(
        "<script type=\"application/json\" class=\"sections\">{sections}</script>\n</div>\n"
    );
    html
}

/// The sections of all pages by the titles of both, and the links to them: a diagnosis says `Book: A
/// pool, "A queue in front".`
fn sections(book: &Book) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut sections = BTreeMap::new();
    for (page, text) in &book.pages {
        let headings = scan::outline(text).headings.into_iter().filter_map(|heading| {
            let title = heading.text.trim_start_matches('#').trim().replace('`', "");
            let link = format!("{}#{}", page.with_extension("html").display(), heading.id?);
            Some((title, link.replace('\\', "/")))
        });
        let mut headings = headings.peekable();
        if let Some((title, _)) = headings.peek().cloned() {
            sections.insert(title, headings.collect());
        }
    }
    sections
}

/// One line, and the rest on demand. An exercise whose exercise.toml cannot be read has a row as well: the
/// dashboard says there what is wrong.
fn row(exercise: &Exercise, workspace: &Workspace) -> String {
    let (id, name, spoken) = (id(exercise), &exercise.name, workspace.spoken(exercise));
    let mut html = format!(
        "<li id=\"{id}\" data-exercise=\"{}\" data-name=\"{spoken}\"><details>\n\
         <summary><strong>{}</strong> <code>{name}</code></summary>\n",
        exercise.id(),
        escape(exercise.title()),
    );
    if let Ok(spec) = exercise.spec() {
        let kind = if spec.core { "core" } else { "extra" };
        html += &format!("<p>About {} minutes, {kind}.", spec.minutes);
        // Should the exercise name a page that is not there, the checks say so.
        if let Some(title) = title(&workspace.root, &spec.page) {
            let (page, title) = (&spec.page, escape(&title));
            html += &format!(" Read <a class=\"reading\" href=\"{page}\">{title}</a>.");
        }
        html += "</p>\n";
    }
    html += &format!(
        "<p class=\"edit\">Edit <code class=\"file\">{}</code>, then <code>cargo workshop check {spoken}</code>.</p>\n",
        workspace.shown(&exercise.answer()),
    );
    let hints = std::fs::read_to_string(exercise.folder.join("hints.md")).unwrap_or_default();
    for (number, hint) in hints.lines().filter_map(|line| line.split_once(". ")) {
        let hint = with_code(hint);
        html += &format!(
            "<details class=\"hint\"><summary>Hint {number}</summary><p>{hint}</p></details>\n"
        );
    }
    html += "</details></li>\n";
    html
}

/// A line of Markdown whose only marks are those of code.
fn with_code(text: &str) -> String {
    let parts = text.split('`').map(escape).enumerate();
    parts
        .map(|(at, part)| if at % 2 == 1 { format!("<code>{part}</code>") } else { part })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    #[test]
    fn an_exercise_says_what_it_is_and_where() {
        let workspace = Workspace::with_book();
        let html = list(&Book::read(workspace.path()).unwrap());
        let rows: Vec<_> = html.split("<li ").collect();
        for words in [
            "id=\"01-echo\" data-exercise=\"01-demo/echo\" data-name=\"01/echo\"",
            "<strong>A &lt;demo&gt; &amp; &quot;more&quot;</strong> <code>echo</code>",
            "About 7 minutes, core. Read <a class=\"reading\" href=\"waker/page.md\">Waker</a>.",
            "<code class=\"file\">01-demo/exercises/01_echo/exercise.rs</code>",
            "<code>cargo workshop check 01/echo</code>",
            "<summary>Hint 1</summary><p>Is <code>a &lt; b</code>?</p>",
            "<summary>Hint 2</summary><p><code>b</code></p>",
        ] {
            assert!(rows[1].contains(words), "{words}\nis missing from\n{}", rows[1]);
        }
        // The second has a toml that is damaged.
        for words in ["id=\"02-echo\"", "<strong>echo</strong>"] {
            assert!(rows[2].contains(words), "{words}\nis missing from\n{}", rows[2]);
        }
        assert!(!rows[2].contains("minutes"), "{}", rows[2]);
    }

    #[test]
    fn sections_are_found_by_the_titles_that_a_diagnosis_says() {
        let workspace = Workspace::with_book();
        workspace.write("book/src/waker/page.md", "# A `waker` {#w}\n\n## One {#one}\n");
        let sections = sections(&Book::read(workspace.path()).unwrap());
        assert_eq!(sections["A waker"]["One"], "waker/page.html#one");
        assert_eq!(sections["A waker"]["A waker"], "waker/page.html#w");
    }
}
