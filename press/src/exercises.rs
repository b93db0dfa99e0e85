//! Checks that exercises and pages name each other: who has read a page finds its exercises, and
//! who fails one finds its page.

use super::problem::Problem;
use super::scan;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use workshop::exercise::Exercise;
use workshop::nearest::did_you_mean;
use workshop::title::heading;
use workshop::workspace::Stage;

/// What is wrong with `{{#exercise}}` in pages, and with `page` in exercise.toml. An exercise
/// whose exercise.toml cannot be read says so where it is judged.
pub(super) fn problems(
    workspace: &Path,
    stages: &[Stage],
    pages: &BTreeMap<PathBuf, String>,
) -> Vec<Problem> {
    let exercises: BTreeMap<_, _> = stages
        .iter()
        .flat_map(|stage| &stage.exercises)
        .map(|exercise| (exercise.short_id(), exercise))
        .collect();
    let mut problems = Vec::new();
    for (page, text) in pages {
        let mut report = |line, message| {
            problems.push(Problem { file: Path::new("book/src").join(page), line, message });
        };
        let listed = lines_of_the_list(text);
        for (line, name) in names(text) {
            // The directive itself says when there is no such exercise.
            let Some(exercise) = exercises.get(name) else { continue };
            let home = exercise.spec().ok().map(|spec| Path::new(&spec.page));
            if listed.contains(&line) && home.is_some_and(|home| home != page) {
                report(line, not_at_home(exercise, workspace));
            }
        }
    }
    problems.extend(exercises.values().filter_map(|exercise| homeless(exercise, workspace, pages)));
    problems
}

/// The exercises that a page names by `{{#exercise 01/echo_loop}}`, with their lines.
pub(super) fn names(page: &str) -> Vec<(usize, &str)> {
    let directives = scan::directives(page).into_iter();
    directives
        .filter(|directive| directive.name == "exercise")
        .filter_map(|directive| Some((directive.line, directive.arguments?)))
        .collect()
}

/// What is wrong with the page that an exercise names, if anything.
fn homeless(
    exercise: &Exercise,
    workspace: &Path,
    pages: &BTreeMap<PathBuf, String>,
) -> Option<Problem> {
    let home = &exercise.spec().ok()?.page;
    let id = exercise.short_id();
    let message = match pages.get(Path::new(home)) {
        Some(text) if names(text).iter().any(|(_, name)| *name == id) => return None,
        Some(_) => format!(
            "this exercise names the page `{home}`, which does not name it: add `- {{{{#exercise {id}}}}}: …` there under \"Exercises\", or correct `page`."
        ),
        None => {
            let all: Vec<_> = pages.keys().map(|page| page.to_string_lossy()).collect();
            let near = did_you_mean(
                home,
                all.iter().map(AsRef::as_ref),
                ": name one as in SUMMARY.md, from book/src.",
            );
            format!("this book has no page `{home}`{near}")
        }
    };
    let file = specification(exercise);
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    let line = text.lines().take_while(|line| !line.starts_with("page")).count() + 1;
    Some(Problem { file: below(workspace, &file), line, message })
}

fn not_at_home(exercise: &Exercise, workspace: &Path) -> String {
    format!(
        "`{}` is listed here, and names another page: take it off this list, or make this page its `page` in {}.",
        exercise.short_id(),
        below(workspace, &specification(exercise)).display()
    )
}

fn specification(exercise: &Exercise) -> PathBuf {
    exercise.folder.join("exercise.toml")
}

fn below(workspace: &Path, file: &Path) -> PathBuf {
    file.strip_prefix(workspace).unwrap_or(file).to_owned()
}

/// The lines under `## Exercises`, up to the next heading of that level.
fn lines_of_the_list(page: &str) -> BTreeSet<usize> {
    let outline = scan::outline(page);
    let is_end = |line: &str| heading(line).is_some_and(|(level, _)| level <= 2);
    let is_start = |line: &str| {
        heading(line)
            .is_some_and(|(level, title)| level == 2 && title.trim().starts_with("Exercises"))
    };
    let from_start = outline.prose.iter().skip_while(|(_, line)| !is_start(line)).skip(1);
    from_start.take_while(|(_, line)| !is_end(line)).map(|(number, _)| *number).collect()
}

#[cfg(test)]
mod tests {
    use crate::fixture::Workspace;

    fn printed(workspace: &Workspace) -> Vec<String> {
        let problems = crate::check::problems(workspace.path()).unwrap();
        problems.iter().map(ToString::to_string).collect()
    }

    /// The only problem.
    fn problem(workspace: &Workspace) -> String {
        let mut printed = printed(workspace);
        assert_eq!(printed.len(), 1, "{printed:#?}");
        printed.remove(0)
    }

    #[test]
    fn pages_and_exercises_that_name_each_other_are_no_problem() {
        assert_eq!(printed(&Workspace::with_misconceptions()), [""; 0]);
    }

    #[test]
    fn an_exercise_that_its_page_does_not_name_is_reported() {
        let workspace = Workspace::with_misconceptions();
        let text =
            std::fs::read_to_string(workspace.path().join("book/src/waker/page.md")).unwrap();
        workspace.write("book/src/waker/page.md", &text.replace("{{#exercise 01/echo}}", "`echo`"));
        let printed = printed(&workspace).remove(0);
        assert!(printed.starts_with("01-demo/exercises/01_echo/exercise.toml:2: this exercise names the page `waker/page.md`, which does not name it: add `- {{#exercise 01/echo}}: …` there under \"Exercises\""), "{printed}");
    }

    #[test]
    fn a_page_that_does_not_exist_is_reported() {
        let workspace = Workspace::with_misconceptions();
        let file = "01-demo/exercises/01_echo/exercise.toml";
        let text = std::fs::read_to_string(workspace.path().join(file)).unwrap();
        workspace.write(file, &text.replace("page.md", "pag.md"));
        let printed = printed(&workspace);
        let expected = format!(
            "{file}:2: this book has no page `waker/pag.md`: did you mean `waker/page.md`?"
        );
        assert!(printed.contains(&expected), "{printed:#?}");
    }

    #[test]
    fn an_exercise_that_does_not_exist_names_the_nearest() {
        let workspace = Workspace::with_misconceptions();
        workspace.write("book/src/start.md", "# S {#s}\n\nSee {{#exercise 01/ehco}}.\n");
        let problem = problem(&workspace);
        assert_eq!(
            problem,
            "book/src/start.md:3: there is no exercise `01/ehco`: did you mean `01/echo`?"
        );
    }

    #[test]
    fn an_exercise_is_listed_on_its_own_page_only() {
        let workspace = Workspace::with_misconceptions();
        let page = "# S {#s}\n\nSee {{#exercise 01/echo}}.\n\n## Exercises {#e}\n\n- {{#exercise 01/echo}}\n\n## End {#f}\n\n{{#exercise 01/echo}}\n";
        workspace.write("book/src/start.md", page);
        let problem = problem(&workspace);
        assert!(
            problem.starts_with(
                "book/src/start.md:7: `01/echo` is listed here, and names another page: "
            ),
            "{problem}"
        );
    }

    #[test]
    fn a_damaged_exercise_says_so_elsewhere() {
        let workspace = Workspace::with_misconceptions();
        workspace.write("01-demo/exercises/01_echo/exercise.toml", "what?");
        assert_eq!(printed(&workspace), [""; 0]);
    }
}
