//! `{{#exercise 01/echo_loop}}`: the name of an exercise, linked to its row on the page of progress.
//! Where two stages have one of that name, it is shown with its stage.

use super::page::Page;
use workshop::exercise::Exercise;
use workshop::nearest::did_you_mean;

/// The page of progress, from book/src.
pub(super) const PROGRESS: &str = "progress.md";

/// A link in Markdown, relative to the page it stands on: mdBook makes the right one of it in HTML,
/// on the print page too.
///
/// # Errors
/// A sentence that names the nearest exercise, or says why the exercises are not known.
pub(super) fn link(spoken: &str, page: &Page<'_>) -> Result<String, String> {
    let exercise = find(spoken, page)?;
    let shown = page.workspace()?.spoken(exercise);
    Ok(format!("[`{shown}`]({}{PROGRESS}#{})", page.to_root(), id(exercise)))
}

/// The exercise that is called `01/NAME`.
///
/// # Errors
/// As [`link`]'s.
pub(super) fn find<'a>(spoken: &str, page: &Page<'a>) -> Result<&'a Exercise, String> {
    let exercises: Vec<_> = page.workspace()?.exercises().collect();
    let names: Vec<_> = exercises.iter().map(|exercise| exercise.short_id()).collect();
    let Some(at) = names.iter().position(|name| name == spoken) else {
        let otherwise =
            ": write the number of its stage, a slash, and its name in `cargo workshop list`.";
        let hint = did_you_mean(spoken, names.iter().map(String::as_str), otherwise);
        return Err(format!("there is no exercise `{spoken}`{hint}"));
    };
    Ok(exercises[at])
}

/// The id of an exercise's row.
pub(super) fn id(exercise: &Exercise) -> String {
    format!("{}-{}", exercise.stage_number(), exercise.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;
    use crate::listings::Listings;
    use crate::page::workspace_of;
    use std::path::Path;

    fn linked(fixture: &Workspace, spoken: &str, path: &str) -> String {
        let book = fixture.path().join("book");
        let (workspace, listings) = (workspace_of(&book), Listings::default());
        let path = Path::new(path);
        let page = Page { book: &book, path, workspace: &workspace, listings: &listings };
        link(spoken, &page).unwrap_or_else(|error| error)
    }

    #[test]
    fn a_link_is_relative_to_its_page_and_names_the_stage_where_it_must() {
        let two = Workspace::with_exercises();
        assert_eq!(linked(&two, "01/demo", "start.md"), "[`01/demo`](progress.md#01-demo)");
        let above = "[`02/demo`](../progress.md#02-demo)";
        assert_eq!(linked(&two, "02/demo", "waker/page.md"), above);
        let one = Workspace::with_misconceptions();
        assert_eq!(linked(&one, "01/echo", "start.md"), "[`echo`](progress.md#01-echo)");
    }

    #[test]
    fn an_unknown_exercise_gets_the_nearest_name_or_the_reason() {
        let two = Workspace::with_exercises();
        let error = linked(&two, "01/dmeo", "start.md");
        assert_eq!(error, "there is no exercise `01/dmeo`: did you mean `01/demo`?");
        assert!(linked(&two, "", "start.md").contains("the number of its stage, a slash"));
        two.write("01-demo/exercises/Cargo.toml", "[package");
        let error = linked(&two, "01/demo", "start.md");
        assert!(error.contains("Cargo.toml cannot be understood"), "{error}");
    }
}
