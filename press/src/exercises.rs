//! `{{#exercise 01/echo_loop}}`: the name of an exercise, linked to its row on the page of progress;
//! `{{#exercises}}`: the exercises whose exercise.toml names this page; `{{#exercises 01}}`: those of a
//! stage.

use super::book::{Book, Page, Problem};
use super::escape::escape;
use super::scan;
use std::path::Path;
use workshop::exercise::Exercise;

/// The page of progress, from book/src.
pub(super) const PROGRESS: &str = "progress.md";

/// A link in Markdown, relative to the page it stands on: mdBook makes the right one of it in HTML,
/// on the print page too. Where two stages have an exercise of that name, it is shown with its stage.
pub(super) fn link(exercise: &Exercise, page: &Page<'_>) -> String {
    let shown = page.book.workspace.spoken(exercise);
    format!("[`{shown}`]({}{PROGRESS}#{})", page.to_root(), id(exercise))
}

/// The id of an exercise's row.
pub(super) fn id(exercise: &Exercise) -> String {
    format!("{}-{}", exercise.stage_number(), exercise.name)
}

/// A list in Markdown. An exercise whose exercise.toml cannot be read says so where it is judged, and may be
/// the one that is missing here.
///
/// # Errors
/// There is none to list.
pub(super) fn list(stage: &str, page: &Page<'_>) -> Result<String, String> {
    let (mut list, mut damaged) = (String::new(), false);
    for exercise in page.book.workspace.exercises() {
        let Ok(spec) = exercise.spec() else {
            damaged = true;
            continue;
        };
        let is_meant = match stage {
            "" => Path::new(&spec.page) == page.path,
            _ => stage == exercise.stage_number(),
        };
        if is_meant {
            let (title, minutes) = (escape(&spec.title), spec.minutes);
            let link = link(exercise, page);
            let extra = if spec.core { "" } else { ", extra" };
            list += &format!("- {title} ({link}), about {minutes} minutes{extra}\n");
        }
    }
    match list.is_empty() && !damaged {
        true => {
            Err("no exercise names this page in its exercise.toml, or is of this stage.".to_owned())
        }
        false => Ok(list),
    }
}

/// Exercises whose page does not list them: who has read a page is to find its exercises.
pub(super) fn problems(book: &Book) -> Vec<Problem> {
    let mut problems = Vec::new();
    for exercise in book.workspace.exercises() {
        let Ok(spec) = exercise.spec() else { continue };
        let text = book.text(&spec.page).unwrap_or_default();
        if !scan::directives(text).iter().any(|directive| directive.name == "exercises") {
            let message = format!(
                "this exercise names the page `{}`, which is not in the book or lists no exercises: correct `page`, or add `{{{{#exercises}}}}` there.",
                spec.page
            );
            let file = exercise.folder.join("exercise.toml");
            let file = file.strip_prefix(&book.workspace.root).unwrap_or(&file).to_owned();
            problems.push(Problem { file, line: 1, message });
        }
    }
    problems
}
