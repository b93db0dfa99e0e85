//! The stages that can be compared, and the two that the learner means.

use anyhow::{bail, ensure};

use crate::nearest::did_you_mean;

/// The older and the newer of two stages, named in any order.
pub(super) fn two<'a>(
    stages: &'a [String],
    one: &str,
    other: &str,
) -> anyhow::Result<(&'a str, &'a str)> {
    let (one, other) = (find(stages, one)?, find(stages, other)?);
    ensure!(one != other, "both are {one}, and no stage differs from itself: name two");
    Ok((one.min(other), one.max(other)))
}

/// The stage of this number or name: `01`, `1`, `01-blocking` and `blocking` are one.
pub(super) fn find<'a>(stages: &'a [String], spoken: &str) -> anyhow::Result<&'a str> {
    let is_meant = |stage: &&String| {
        let (number, name) = parts(stage);
        let same_number = spoken.parse::<u8>().is_ok_and(|n| number.parse() == Ok(n));
        same_number || *stage == spoken || name == spoken
    };
    if let Some(stage) = stages.iter().find(is_meant) {
        return Ok(stage);
    }
    let there_are = format!(": those with code are {}", stages.join(", "));
    let names = stages.iter().flat_map(|stage| [stage.as_str(), parts(stage).1]);
    bail!("there is no stage {spoken}{}", did_you_mean(spoken, names, &there_are));
}

/// `01` and `blocking` of `01-blocking`.
fn parts(stage: &str) -> (&str, &str) {
    stage.split_once('-').unwrap_or((stage, stage))
}

/// What to type to compare two stages.
pub(super) fn command(older: &str, newer: &str) -> String {
    format!("cargo workshop diff {} {}", parts(older).0, parts(newer).0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;
    use crate::workspace::stage_names;

    #[test]
    fn a_stage_with_code_is_called_by_its_number_or_its_name_in_any_order() {
        let root = Workspace::empty();
        for folder in ["02-poll/src", "01-blocking/src", "03-waker/exercises", "book/src"] {
            root.write(&format!("{folder}/file"), "");
        }
        let stages = stage_names(root.path(), "src").unwrap();
        for spoken in ["02", "2", "02-poll", "poll"] {
            assert_eq!(two(&stages, spoken, "01").unwrap(), ("01-blocking", "02-poll"), "{spoken}");
        }
        for (spoken, sentence) in [
            ("blocks", "there is no stage blocks: did you mean `blocking`?"),
            ("09", "there is no stage 09: those with code are 01-blocking, 02-poll"),
            ("1", "both are 01-blocking, and no stage differs from itself: name two"),
        ] {
            assert_eq!(two(&stages, spoken, "01").unwrap_err().to_string(), sentence);
        }
    }
}
