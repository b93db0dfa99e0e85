//! The title of a page.

use std::path::Path;

/// The first heading of WORKSPACE/book/src/`page`, without its id and the marks of code; none if there
/// is no such page.
pub fn title(workspace: &Path, page: &str) -> Option<String> {
    let text = std::fs::read_to_string(workspace.join("book/src").join(page)).ok()?;
    let (_, heading) = text.lines().find_map(heading)?;
    let title = heading.split(" {#").next()?.trim();
    Some(title.replace('`', ""))
}

/// Level and text of `## Text`. `#word` is a paragraph.
pub fn heading(line: &str) -> Option<(usize, &str)> {
    let (marks, title) = line.split_once(' ')?;
    let is_heading = (1..=6).contains(&marks.len()) && marks.chars().all(|mark| mark == '#');
    is_heading.then_some((marks.len(), title))
}
