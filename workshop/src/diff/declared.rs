//! A stage's diff.toml: which file of an older stage became which of its own, where their names do not
//! tell.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::pair::{Pair, examples, sources};
use super::stages;
use crate::nearest::did_you_mean;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    pair: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// The older stage, like `01`.
    from: Spanned<String>,
    /// Its file, from its folder.
    old: Spanned<String>,
    /// The file of this stage, from this folder.
    new: Spanned<String>,
    /// What becomes of it, in one sentence.
    says: Spanned<String>,
}

/// A pair, and the older stage that it begins with.
#[derive(Debug, PartialEq)]
pub(super) struct Declared {
    pub(super) older: String,
    pub(super) pair: Pair,
}

/// What is wrong with the diff.toml of any stage, a sentence each.
///
/// # Errors
/// A folder cannot be read.
pub fn problems(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut problems = Vec::new();
    for stage in stages::names(root)? {
        problems.extend(read(root, &stage)?.1);
    }
    Ok(problems)
}

/// The pairs that a stage declares, in the order of its file, and what is wrong with others. A
/// stage without the file declares none.
///
/// # Errors
/// A folder cannot be read.
pub(super) fn read(root: &Path, stage: &str) -> anyhow::Result<(Vec<Declared>, Vec<String>)> {
    let file = format!("{stage}/diff.toml");
    let text = match std::fs::read_to_string(root.join(&file)) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Default::default()),
        Err(error) => {
            let problem = format!("{file}: it cannot be read ({error}): save it as UTF-8 text.");
            return Ok((Vec::new(), vec![problem]));
        }
    };
    let located = |span: Range<usize>, message: String| {
        format!("{file}:{}: {message}", text[..span.start].matches('\n').count() + 1)
    };
    let entries = match toml::from_str::<File>(&text) {
        Ok(file) => file.pair,
        Err(error) => {
            let message = format!(
                "{}: write each entry as `[[pair]]` with from, old, new and says.",
                error.message().replace('\n', " ")
            );
            return Ok((Vec::new(), vec![located(error.span().unwrap_or(0..0), message)]));
        }
    };
    let (mut pairs, mut problems, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for entry in entries {
        let first = entry.from.span();
        match checked(root, stage, entry)? {
            Ok(declared) => {
                let Pair { old, new, .. } = &declared.pair;
                if !seen.insert((declared.older.clone(), old.clone(), new.clone())) {
                    let message = format!("`{old}` and `{new}` are paired twice: keep one.");
                    problems.push(located(first, message));
                }
                pairs.push(declared);
            }
            Err((span, message)) => problems.push(located(span, message)),
        }
    }
    Ok((pairs, problems))
}

/// An entry, or what is wrong with it, and where.
type Checked = Result<Declared, (Range<usize>, String)>;

fn checked(root: &Path, stage: &str, entry: Entry) -> anyhow::Result<Checked> {
    let Entry { from, old, new, says } = entry;
    let all = stages::names(root)?;
    let older = match stages::find(&all, from.get_ref()) {
        Ok(older) if older < stage => older,
        Ok(older) => {
            let message = format!("{older} is not older than {stage}: name a stage before it.");
            return Ok(Err((from.span(), message)));
        }
        Err(error) => return Ok(Err((from.span(), format!("{error}.")))),
    };
    for (file, of) in [(&old, older), (&new, stage)] {
        let there_are = [sources(root, of)?, examples(root, of)?].concat();
        if !there_are.contains(file.get_ref()) {
            let otherwise = ": write the name that it has now.";
            let candidates = there_are.iter().map(String::as_str);
            let hint = did_you_mean(file.get_ref(), candidates, otherwise);
            let message = format!("{of} has no file `{}`{hint}", file.get_ref());
            return Ok(Err((file.span(), message)));
        }
    }
    if says.get_ref().trim().is_empty() {
        let message =
            "this pair says nothing: write what becomes of the older file, in a sentence.";
        return Ok(Err((says.span(), message.to_owned())));
    }
    let pair = Pair { old: old.into_inner(), new: new.into_inner(), says: Some(says.into_inner()) };
    Ok(Ok(Declared { older: older.to_owned(), pair }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::fixture::two_stages;

    const GOOD: &str = "[[pair]]\nfrom = \"01\"\nold = \"src/echo.rs\"\nnew = \"src/connection.rs\"\nsays = \"x\"\n";

    /// The problems of this diff.toml in the newer of two stages.
    fn problems_of(text: &str) -> Vec<String> {
        let root = two_stages();
        std::fs::write(root.path().join("02-new/diff.toml"), text).unwrap();
        problems(root.path()).unwrap()
    }

    /// Its only one.
    fn problem_of(text: &str) -> String {
        let problems = problems_of(text);
        assert_eq!(problems.len(), 1, "{problems:?}");
        problems[0].clone()
    }

    #[test]
    fn a_pair_is_what_the_file_says() {
        let (declared, problems) = read(two_stages().path(), "02-new").unwrap();
        assert_eq!((declared.len(), problems.len()), (1, 0), "{problems:?}");
        assert_eq!(declared[0].older, "01-old");
        assert_eq!(declared[0].pair.old, "src/echo.rs");
        assert_eq!(declared[0].pair.new, "src/connection.rs");
        assert_eq!(declared[0].pair.says.as_deref(), Some("It waits."));
    }

    #[test]
    fn a_stage_without_the_file_declares_nothing() {
        assert_eq!(read(two_stages().path(), "01-old").unwrap(), (Vec::new(), Vec::new()));
    }

    #[test]
    fn a_file_that_was_renamed_is_named_on_either_side() {
        assert_eq!(
            problem_of(&GOOD.replace("echo", "ehco")),
            "02-new/diff.toml:3: 01-old has no file `src/ehco.rs`: did you mean `src/echo.rs`?"
        );
        assert_eq!(
            problem_of(&GOOD.replace("src/connection.rs", "states.rs")),
            "02-new/diff.toml:4: 02-new has no file `states.rs`: write the name that it has now."
        );
    }

    #[test]
    fn an_example_may_stand_beside_a_source() {
        let root = two_stages();
        std::fs::create_dir(root.path().join("02-new/examples")).unwrap();
        std::fs::write(root.path().join("02-new/examples/rung.rs"), "").unwrap();
        let text = GOOD.replace("src/connection.rs", "examples/rung.rs");
        std::fs::write(root.path().join("02-new/diff.toml"), text).unwrap();
        let (declared, problems) = read(root.path(), "02-new").unwrap();
        assert_eq!((declared.len(), problems), (1, Vec::new()));
    }

    #[test]
    fn the_older_stage_is_an_older_one() {
        assert_eq!(
            problem_of(&GOOD.replace("01", "02")),
            "02-new/diff.toml:2: 02-new is not older than 02-new: name a stage before it."
        );
        assert_eq!(
            problem_of(&GOOD.replace("01", "09")),
            "02-new/diff.toml:2: there is no stage 09: there are 01-old and 02-new."
        );
    }

    #[test]
    fn a_pair_says_something_and_only_once() {
        let silent = problem_of(&GOOD.replace("\"x\"", "\" \""));
        assert!(silent.starts_with("02-new/diff.toml:5: this pair says nothing"), "{silent}");
        let twice = problem_of(&format!("{GOOD}\n{GOOD}"));
        assert!(twice.starts_with("02-new/diff.toml:8: `src/echo.rs` and"), "{twice}");
    }

    #[test]
    fn what_is_no_entry_is_told_how_to_write_one() {
        let problem = problem_of(&GOOD.replace("says", "say"));
        assert!(problem.starts_with("02-new/diff.toml:5: unknown field `say`"), "{problem}");
        assert!(problem.ends_with("with from, old, new and says."), "{problem}");
    }
}
