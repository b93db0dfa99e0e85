//! `{{#exercises}}`: the exercises whose exercise.toml names this page; `{{#exercises 01}}`: those of a
//! stage.

use super::escape::escape;
use super::page::Page;
use super::problem::Problem;
use super::{exercise_links, scan};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use workshop::exercise::Exercise;
use workshop::nearest::did_you_mean;
use workshop::workspace::Stage;

/// A list in Markdown. An exercise whose exercise.toml cannot be read says so where it is judged.
///
/// # Errors
/// There is none to list.
pub(super) fn list(stage: &str, page: &Page<'_>) -> Result<String, String> {
    let (mut list, mut damaged) = (Vec::new(), false);
    for exercise in page.workspace()?.exercises() {
        let Ok(spec) = exercise.spec() else {
            damaged = true;
            continue;
        };
        if stage == exercise.stage_number()
            || stage.is_empty() && Path::new(&spec.page) == page.path
        {
            let link = exercise_links::link(&exercise.short_id(), page)?;
            let (title, minutes) = (escape(&spec.title), spec.minutes);
            let extra = if spec.core { "" } else { ", extra" };
            list.push(format!("- {title} ({link}), about {minutes} minutes{extra}"));
        }
    }
    match (list.is_empty() && !damaged, stage) {
        (false, _) => Ok(list.join("\n")),
        (true, "") => Err("no exercise names this page in its exercise.toml.".to_owned()),
        (true, _) => Err(format!("there is no exercise of stage `{stage}`: write its number.")),
    }
}

/// Exercises whose page does not list them: who has read a page is to find its exercises.
pub(super) fn problems(
    workspace: &Path,
    stages: &[Stage],
    pages: &BTreeMap<PathBuf, String>,
) -> Vec<Problem> {
    let exercises = stages.iter().flat_map(|stage| &stage.exercises);
    exercises.filter_map(|exercise| homeless(exercise, workspace, pages)).collect()
}

fn homeless(
    exercise: &Exercise,
    workspace: &Path,
    pages: &BTreeMap<PathBuf, String>,
) -> Option<Problem> {
    let home = &exercise.spec().ok()?.page;
    let lists = |text| scan::directives(text).iter().any(|directive| directive.name == "exercises");
    let message = match pages.get(Path::new(home)) {
        Some(text) if lists(text) => return None,
        Some(_) => format!(
            "this exercise names the page `{home}`, which lists no exercises: add `{{{{#exercises}}}}` there, or correct `page`."
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
    let file = exercise.folder.join("exercise.toml");
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    let line = text.lines().take_while(|line| !line.starts_with("page")).count() + 1;
    let file = file.strip_prefix(workspace).unwrap_or(&file).to_owned();
    Some(Problem { file, line, message })
}

#[cfg(test)]
mod tests {
    use crate::build::build;
    use crate::fixture::Workspace;

    #[test]
    fn pages_and_exercises_name_each_other() {
        let spec = "01-demo/exercises/01_echo/exercise.toml";
        for (file, from, to, expected) in [
            (spec, "", "", ""),
            // It says so where it is judged.
            (spec, "title", "what? title", ""),
            (
                "book/src/waker/page.md",
                "{{#exercises}}",
                "`echo`",
                "01-demo/exercises/01_echo/exercise.toml:2: this exercise names the page `waker/page.md`, which lists no exercises: add `{{#exercises}}` there",
            ),
            (
                spec,
                "page.md",
                "pag.md",
                "01-demo/exercises/01_echo/exercise.toml:2: this book has no page `waker/pag.md`: did you mean `waker/page.md`?",
            ),
        ] {
            let workspace = Workspace::with_misconceptions();
            let text = std::fs::read_to_string(workspace.path().join(file)).unwrap();
            workspace.write(file, &text.replace(from, to));
            let problems = crate::check::problems(workspace.path()).unwrap();
            let first = problems.first().map(ToString::to_string).unwrap_or_default();
            assert!(
                first.starts_with(expected) && first.is_empty() == expected.is_empty(),
                "{first}"
            );
        }
    }

    #[test]
    fn a_page_lists_its_exercises_or_those_of_a_stage() {
        let workspace = Workspace::with_misconceptions();
        let page = |text: &str| {
            workspace.write("book/src/start.md", text);
            let html = build(workspace.path(), &workspace.path().join("out"))?;
            Ok::<_, anyhow::Error>(std::fs::read_to_string(html.join("start.html"))?)
        };
        let html = page("# S {#s}\n\n{{#exercises 01}}\n").unwrap();
        let item = "<li>Echo (<a href=\"progress.html#01-echo\"><code>echo</code></a>), about 5 minutes</li>";
        assert!(html.contains(item), "{html}");
        let of_page =
            std::fs::read_to_string(workspace.path().join("out/waker/page.html")).unwrap();
        assert!(of_page.contains(&item.replace("\"progress", "\"../progress")), "{of_page}");
        for (text, sentence) in [
            ("# S {#s}\n\n{{#exercises}}\n", "start.md:3: no exercise names this page"),
            ("# S {#s}\n\n{{#exercises 02}}\n", "start.md:3: there is no exercise of stage `02`"),
        ] {
            let error = format!("{:#}", page(text).unwrap_err());
            assert!(error.contains(sentence), "{error}");
        }
    }
}
