//! `{{#progress}}`: all exercises, as a list that stands without a script. Where the dashboard
//! serves the book, progress.js adds to each what is known of it.

use super::escape::escape;
use super::exercise_links::{PROGRESS, id};
use super::page::Page;
use super::{scan, summary};
use std::collections::BTreeMap;
use std::path::Path;
use workshop::exercise::{Exercise, Spec};
use workshop::title::{heading, title};
use workshop::workspace::{Stage, Workspace};

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
    let workspace = page.workspace()?;
    // No line is blank: a blank line would end the HTML block, and Markdown would read the rest.
    let mut html = format!("{MARK}\n");
    for stage in &workspace.stages {
        html += &stage_list(stage, workspace);
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
fn sections(book: &Path) -> BTreeMap<String, BTreeMap<String, String>> {
    let root = book.parent().unwrap_or(book);
    let mut sections = BTreeMap::new();
    for (_, page) in summary::named_pages(root).unwrap_or_default() {
        let text = std::fs::read_to_string(book.join("src").join(&page)).unwrap_or_default();
        let headings = scan::outline(&text).prose.into_iter().filter_map(|(_, line)| {
            let (_, heading) = heading(line)?;
            let (title, id) = heading.trim().strip_suffix('}')?.rsplit_once(" {#")?;
            let link = format!("{}#{id}", page.with_extension("html").display());
            Some((title.replace('`', ""), link.replace('\\', "/")))
        });
        let mut headings = headings.peekable();
        if let Some((title, _)) = headings.peek().cloned() {
            sections.insert(title, headings.collect());
        }
    }
    sections
}

fn stage_list(stage: &Stage, workspace: &Workspace) -> String {
    let stage_name = escape(&stage.name);
    let (number, name) = stage_name.split_once('-').unwrap_or(("", &stage_name));
    let mut html = format!(
        "<details class=\"stage\" data-stage=\"{stage_name}\" open>\n<summary>\
         <b role=\"heading\" aria-level=\"2\" id=\"stage-{stage_name}\">Stage {number}: {name}</b>\
         </summary>\n<ol>\n"
    );
    for exercise in &stage.exercises {
        html += &row(exercise, workspace);
    }
    html += "</ol>\n</details>\n";
    html
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
        html += &format!(
            "<p>About {} minutes, {kind}.{}</p>\n",
            spec.minutes,
            reading(spec, &workspace.root)
        );
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

/// A link to the page to read first, if there is such a page.
fn reading(spec: &Spec, workspace: &Path) -> String {
    match title(workspace, &spec.page) {
        Some(title) => format!(
            " Read <a class=\"reading\" href=\"{}\">{}</a>.",
            escape(&spec.page),
            escape(&title)
        ),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::build;
    use crate::fixture::Workspace;
    use crate::listings::Listings;
    use crate::page::workspace_of;

    /// The list that the page `path` would hold.
    fn list_in(fixture: &Workspace, path: &str) -> Result<String, String> {
        let book = fixture.path().join("book");
        let (path, workspace) = (Path::new(path), workspace_of(&book));
        list(&Page { book: &book, path, workspace: &workspace, listings: &Listings::default() })
    }

    #[test]
    fn an_exercise_says_what_it_is_and_where_and_has_its_hints_one_by_one() {
        let fixture = Workspace::with_exercises();
        let hints = "1. Is `a < b`?\n2. `b`\n";
        fixture.write("01-demo/exercises/01_demo/hints.md", hints);
        let html = list_in(&fixture, "progress.md").unwrap();
        let rows: Vec<_> = html.split("<li ").skip(1).collect();
        for words in [
            "id=\"01-demo\" data-exercise=\"01-demo/demo\" data-name=\"01/demo\"",
            "<strong>A &lt;demo&gt; &amp; &quot;more&quot;</strong> <code>demo</code>",
            "About 7 minutes, core. Read <a class=\"reading\" href=\"waker/page.md\">Waker</a>.",
            "<code class=\"file\">01-demo/exercises/01_demo/exercise.rs</code>",
            "<code>cargo workshop check 01/demo</code>",
            "<summary>Hint 1</summary><p>Is <code>a &lt; b</code>?</p>",
            "<summary>Hint 2</summary><p><code>b</code></p>",
        ] {
            assert!(rows[0].contains(words), "{words}\nis missing from\n{}", rows[0]);
        }
        // Its exercise.toml is damaged.
        let row = rows[1];
        assert!(row.contains("id=\"02-demo\"") && row.contains("<strong>demo</strong>"), "{row}");
        assert!(!row.contains("minutes"), "{row}");
    }

    #[test]
    fn sections_are_found_by_the_titles_that_a_diagnosis_says() {
        let fixture = Workspace::with_exercises();
        fixture.write("book/src/waker/page.md", "# A `waker` {#w}\n\n## One {#one}\n");
        let sections = sections(&fixture.path().join("book"));
        assert_eq!(sections["A waker"]["One"], "waker/page.html#one");
        assert_eq!(sections["A waker"]["A waker"], "waker/page.html#w");
    }

    #[test]
    fn the_list_stands_where_links_lead() {
        let error = list_in(&Workspace::with_exercises(), "waker/progress.md").unwrap_err();
        assert!(error.contains("book/src/progress.md"), "{error}");
    }

    #[test]
    fn links_lead_to_rows_and_pages_in_the_built_book() {
        let fixture = Workspace::with_exercises();
        let page = "# Waker {#waker}\n\n| a | b |\n|---|---|\n| {{#exercise 01/demo}} | x |\n\n- {{#exercise 02/demo}}: y\n\n{{#exercises}}\n";
        fixture.write("book/src/waker/page.md", page);
        let html = build(fixture.path(), &fixture.path().join("out")).unwrap();
        let read = |page: &str| std::fs::read_to_string(html.join(page)).unwrap();
        let (waker, progress) = (read("waker/page.html"), read("progress.html"));
        let cell = "<td><a href=\"../progress.html#01-demo\"><code>01/demo</code></a></td>";
        assert!(waker.contains(cell), "{waker}");
        assert!(waker.contains("<a href=\"../progress.html#02-demo\"><code>02/demo</code></a>: y"));
        assert!(progress.contains(MARK) && !waker.contains(MARK));
        assert!(progress.contains("href=\"waker/page.html\"") && progress.contains("<p>End.</p>"));
        let print = read("print.html");
        assert!(print.contains("<a href=\"#01-demo\">") && print.contains("id=\"01-demo\""));
        assert!(print.contains("<a class=\"reading\" href=\"#waker\">"));
    }
}
