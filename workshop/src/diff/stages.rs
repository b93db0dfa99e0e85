//! The stages that can be compared, and the two that the learner means.

use std::path::Path;

use anyhow::{Context, bail};

use crate::nearest::did_you_mean;
use crate::workspace::is_stage;

/// The folders of all stages that have code, in the order in which they are read.
///
/// # Errors
/// The workspace's folder cannot be read.
pub(super) fn names(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in root.read_dir().with_context(|| format!("reading {}", root.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if is_stage(&name) && root.join(&name).join("src").is_dir() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// The older and the newer stage. `file` is what else was asked for.
///
/// # Errors
/// There is no such stage, it is one stage twice, or the newer comes first; the message holds the
/// command that was meant.
pub(super) fn two<'a>(
    stages: &'a [String],
    older: &str,
    newer: &str,
    file: Option<&str>,
) -> anyhow::Result<(&'a str, &'a str)> {
    let (first, second) = (find(stages, older)?, find(stages, newer)?);
    if first == second {
        let another = stages.iter().find(|stage| *stage != first).map_or(second, |other| other);
        let command = command(first.min(another), first.max(another), file);
        bail!("both are {first}, and no stage differs from itself. Name two: {command}");
    }
    if first > second {
        let command = command(second, first, file);
        bail!("{first} is the newer of the two, and the older comes first: {command}");
    }
    Ok((first, second))
}

/// The stage of this number or name: `01`, `1`, `01-blocking` and `blocking` are one.
///
/// # Errors
/// There is none; the message lists the stages.
pub(super) fn find<'a>(stages: &'a [String], spoken: &str) -> anyhow::Result<&'a str> {
    let is_meant = |stage: &&String| {
        let same_number = spoken.parse::<u8>().is_ok_and(|n| number(stage).parse() == Ok(n));
        same_number || *stage == spoken || name(stage) == spoken
    };
    if let Some(stage) = stages.iter().find(is_meant) {
        return Ok(stage);
    }
    let there_are = match stages {
        [] => ", and none at all with a folder `src`".to_owned(),
        [only] => format!(": there is {only}"),
        [others @ .., last] => format!(": there are {} and {last}", others.join(", ")),
    };
    let names = stages.iter().flat_map(|stage| [stage.as_str(), name(stage)]);
    bail!("there is no stage {spoken}{}", did_you_mean(spoken, names, &there_are));
}

/// `01` of `01-blocking`.
pub(super) fn number(stage: &str) -> &str {
    stage.split_once('-').map_or(stage, |(number, _)| number)
}

/// `blocking` of `01-blocking`.
fn name(stage: &str) -> &str {
    stage.split_once('-').map_or(stage, |(_, name)| name)
}

/// What to type.
pub(super) fn command(older: &str, newer: &str, file: Option<&str>) -> String {
    let file = file.map_or(String::new(), |file| format!(" {file}"));
    format!("cargo workshop diff {} {}{file}", number(older), number(newer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    fn stages() -> Vec<String> {
        ["01-blocking", "02-nonblocking-poll", "03-waker"].map(String::from).to_vec()
    }

    #[test]
    fn a_stage_is_called_by_its_number_or_its_name_and_the_older_comes_first() {
        for spoken in ["02", "2", "02-nonblocking-poll", "nonblocking-poll"] {
            assert_eq!(find(&stages(), spoken).unwrap(), "02-nonblocking-poll", "{spoken}");
        }
        assert_eq!(two(&stages(), "01", "3", None).unwrap(), ("01-blocking", "03-waker"));
        for (older, newer, sentence) in [
            ("blocks", "01", "there is no stage blocks: did you mean `blocking`?"),
            (
                "09",
                "01",
                "there is no stage 09: there are 01-blocking, 02-nonblocking-poll and 03-waker",
            ),
            (
                "waker",
                "01",
                "03-waker is the newer of the two, and the older comes first: \
                 cargo workshop diff 01 03 accept",
            ),
            (
                "03",
                "03",
                "both are 03-waker, and no stage differs from itself. Name two: \
                 cargo workshop diff 01 03 accept",
            ),
        ] {
            let error = two(&stages(), older, newer, Some("accept")).unwrap_err();
            assert_eq!(error.to_string(), sentence);
        }
    }

    #[test]
    fn folders_without_code_are_no_stages() {
        let root = Workspace::empty();
        for folder in ["02-b/src", "01-a/src", "03-c/exercises", "book/src"] {
            root.write(&format!("{folder}/file"), "");
        }
        assert_eq!(names(root.path()).unwrap(), ["01-a", "02-b"]);
    }
}
