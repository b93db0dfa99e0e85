//! `{{#progress}}`: all exercises, as a list that stands without a script. Where the dashboard
//! serves the book, progress.js adds to each what is known of it.

use super::book::{Book, Page};
use super::escape::escape;
use super::exercises::{PROGRESS, id};
use super::scan;
use std::collections::BTreeMap;
use std::path::Path;
use workshop::exercise::Exercise;
use workshop::title::title;
use workshop::workspace::Workspace;

/// How the list begins, in a page as mdBook has written it. Text has no `<`, so no other page holds this.
pub(super) const MARK: &str = "<div class=\"progress\" data-progress=\"list\">";

/// An HTML list of all exercises, stage by stage. progress.js folds those of other stages than the
/// learner's.
///
/// # Errors
/// A sentence: this is not the page that links lead to, or the exercises are not known.
pub(super) fn list(page: &Page<'_>) -> Result<String, String> {
    if page.path != Path::new(PROGRESS) {
        return Err(format!(
            "links to exercises lead to book/src/{PROGRESS}: write `{{{{#progress}}}}` there."
        ));
    }
    let workspace = &page.book.workspace;
    // No line is blank: a blank line would end the HTML block, and Markdown would read the rest.
    let mut html = format!("{MARK}\n");
    for stage in &workspace.stages {
        let stage_name = escape(&stage.name);
        let (number, name) = stage_name.split_once('-').unwrap_or(("", &stage_name));
        html += &format!(
            "<details class=\"stage\" data-stage=\"{stage_name}\" open>\n<summary>\
             <b role=\"heading\" aria-level=\"2\" id=\"stage-{stage_name}\">Stage {number}: {name}</b>\
             </summary>\n<ol>\n"
        );
        html.extend(stage.exercises.iter().map(|exercise| row(exercise, workspace)));
        html += "</ol>\n</details>\n";
    }
    let sections = serde_json::to_string(&sections(page.book)).expect("names are plain data");
    // As in a figure of steps: no name ends the script.
    let sections = sections.replace('<', "\\u003c");
    html += &format!(
        "<script type=\"application/json\" class=\"sections\">{sections}</script>\n</div>\n"
    );
    Ok(html)
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
    let spoken = escape(&workspace.spoken(exercise));
    let mut html = format!(
        "<li id=\"{}\" data-exercise=\"{}\" data-name=\"{spoken}\"><details>\n\
         <summary><strong>{}</strong> <code>{}</code></summary>\n",
        escape(&id(exercise)),
        escape(&exercise.id()),
        escape(exercise.title()),
        escape(&exercise.name),
    );
    if let Ok(spec) = exercise.spec() {
        let kind = if spec.core { "core" } else { "extra" };
        html += &format!("<p>About {} minutes, {kind}.", spec.minutes);
        // Should the exercise name a page that is not there, the checks say so.
        if let Some(title) = title(&workspace.root, &spec.page) {
            let (page, title) = (escape(&spec.page), escape(&title));
            html += &format!(" Read <a class=\"reading\" href=\"{page}\">{title}</a>.");
        }
        html += "</p>\n";
    }
    html += &format!(
        "<p class=\"edit\">Edit <code class=\"file\">{}</code>, then <code>cargo workshop check {spoken}</code>.</p>\n",
        escape(&workspace.shown(&exercise.answer()).to_string()),
    );
    let hints = std::fs::read_to_string(exercise.folder.join("hints.md")).unwrap_or_default();
    for (number, hint) in hints.lines().filter_map(|line| line.split_once(". ")) {
        html += &format!(
            "<details class=\"hint\"><summary>Hint {}</summary><p>{}</p></details>\n",
            escape(number),
            with_code(hint)
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

    fn listed(path: &str) -> Result<String, String> {
        let workspace = Workspace::with_exercises();
        let book = Book::read(workspace.path()).unwrap();
        list(&Page { book: &book, path: Path::new(path) })
    }

    #[test]
    fn an_exercise_says_what_it_is_and_where() {
        let html = listed("progress.md").unwrap();
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
        let workspace = Workspace::with_exercises();
        workspace.write("book/src/waker/page.md", "# A `waker` {#w}\n\n## One {#one}\n");
        let sections = sections(&Book::read(workspace.path()).unwrap());
        assert_eq!(sections["A waker"]["One"], "waker/page.html#one");
        assert_eq!(sections["A waker"]["A waker"], "waker/page.html#w");
    }

    #[test]
    fn the_list_stands_where_links_lead() {
        let error = listed("waker/progress.md").unwrap_err();
        assert!(error.contains("book/src/progress.md"), "{error}");
    }

    #[test]
    fn links_lead_to_rows_and_pages_in_the_built_book() {
        let workspace = Workspace::with_exercises();
        let page = "# Waker {#waker}\n\n| a | b |\n|---|---|\n| {{#exercise 01/echo}} | x |\n\n{{#exercises}}\n";
        workspace.write("book/src/waker/page.md", page);
        workspace.built().unwrap();
        let waker = workspace.read("out/waker/page.html");
        let link = "<td><a href=\"../progress.html#01-echo\"><code>01/echo</code></a></td>";
        assert!(waker.contains(link), "{waker}");
        let progress = workspace.read("out/progress.html");
        assert!(progress.contains(MARK) && !waker.contains(MARK));
        assert!(progress.contains("href=\"waker/page.html\"") && progress.contains("<p>End.</p>"));
        let print = workspace.read("out/print.html");
        assert!(print.contains("<a href=\"#01-echo\">") && print.contains("id=\"01-echo\""));
        assert!(print.contains("<a class=\"reading\" href=\"#waker\">"));
    }
}
