//! Makes recordings, and says which no longer are what the code does.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde::Deserialize;

use super::read_toml;
use super::recording::{normalised, parse, write};
use crate::sessions::process::Process;

/// How long a program may take to be built and to run.
const LIMIT: Duration = Duration::from_secs(300);

/// One entry of book/traces/recordings.toml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Recording {
    /// Relative to book/traces.
    pub(super) file: String,
    /// What the figure is called.
    pub(super) title: String,
    /// What is run, with `--trace` added.
    pub(super) command: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recordings {
    recording: Vec<Recording>,
}

/// The entry for `file`.
///
/// # Errors
/// A sentence: recordings.toml cannot be understood, or has no such entry.
pub(super) fn named(file: &str, root: &Path) -> Result<Recording, String> {
    let all = read_toml::<Recordings>("recordings.toml", root)?.recording;
    all.into_iter().find(|recording| recording.file == file).ok_or_else(|| {
        format!(
            "book/traces/recordings.toml has no recording `{file}`: add it there, with its title and its command."
        )
    })
}

/// Runs the commands of all recordings, or of those whose files begin with `stage`, and compares what they
/// record with what stands in book/traces. With `bless`, it is written there instead. Returns how many
/// there were, and a sentence for each that could not be made, or no longer is what happens.
///
/// # Errors
/// recordings.toml cannot be understood, or a recording not be written.
pub(crate) fn record(
    workspace: &Path,
    stage: Option<&str>,
    bless: bool,
) -> anyhow::Result<(usize, Vec<String>)> {
    let root = workspace.join("book");
    let recordings = read_toml::<Recordings>("recordings.toml", &root);
    let mut all = recordings.map_err(anyhow::Error::msg)?.recording;
    if let Some(stage) = stage {
        all.retain(|recording| recording.file.starts_with(stage));
        ensure!(!all.is_empty(), "recordings.toml has no recording whose file begins with {stage}");
    }
    if !cfg!(target_os = "linux") {
        ensure!(!bless, "recordings are made on Linux: /proc tells who sleeps");
        eprintln!("skipped: recordings are made on Linux, where /proc tells who sleeps");
        return Ok((0, Vec::new()));
    }
    let mut stale = Vec::new();
    for recording in &all {
        let file = root.join("traces").join(&recording.file);
        match run(workspace, recording) {
            Err(error) => stale.push(format!("book/traces/{}: {error:#}", recording.file)),
            Ok(found) if bless => {
                std::fs::create_dir_all(file.parent().unwrap_or(&root))?;
                std::fs::write(&file, found).with_context(|| file.display().to_string())?;
            }
            Ok(found) => stale.extend(difference(recording, &file, &found)),
        }
    }
    Ok((all.len(), stale))
}

/// Runs the command, and returns what the file in book/traces should hold.
fn run(workspace: &Path, recording: &Recording) -> anyhow::Result<String> {
    let command = &recording.command;
    // Relative to the workspace, so that the shell's line need not quote it.
    let trace = format!("target/workshop/traces/{}", recording.file.replace('/', "-"));
    let file = workspace.join(&trace);
    std::fs::create_dir_all(workspace.join("target/workshop/traces"))?;
    // The program makes a new file, and says so if one is there.
    let _ = std::fs::remove_file(&file);
    // What stands before `--` is cargo's.
    let dashes = if command.contains(" -- ") { "" } else { "-- " };
    let line = format!("exec {command} {dashes}--trace {trace}");
    let mut process = Process::start(&line, workspace, false)?;
    let status = process.wait(Instant::now() + LIMIT)?;
    ensure!(status.success(), "`{command}`: {status}.{}", process.last_lines());
    let text =
        std::fs::read_to_string(&file).with_context(|| format!("`{command}` recorded nothing"))?;
    let events = parse(&text).with_context(|| format!("what `{command}` recorded"))?;
    ensure!(!events.is_empty(), "`{command}` recorded nothing");
    Ok(write(&normalised(&events)))
}

/// A sentence, unless the file holds what was found.
fn difference(recording: &Recording, file: &Path, found: &str) -> Option<String> {
    // One that was never made is empty.
    let text = std::fs::read_to_string(file).unwrap_or_default();
    if found == text {
        return None;
    }
    // Events are numbered by their time: what follows the first difference differs as well.
    let same = text.lines().zip(found.lines()).take_while(|(old, new)| old == new).count();
    let [old, new] = [&text, found].map(|text| text.lines().nth(same).unwrap_or("its end"));
    Some(format!(
        "book/traces/{}:{}: the recording is no longer what `{}` does.\n  recorded  {old}\n  \
         now       {new}\nIf the code is right: cargo workshop trace {}",
        recording.file,
        same + 1,
        recording.command,
        recording.file
    ))
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    /// A workspace with one recording, which `sh demo.sh` makes.
    fn with_demo(demo: &str) -> Workspace {
        let workspace = Workspace::empty();
        workspace.write(
            "book/traces/recordings.toml",
            "[[recording]]\nfile = \"01/a.json\"\ntitle = \"A\"\ncommand = \"sh demo.sh\"\n",
        );
        workspace.write("demo.sh", demo);
        workspace
    }

    /// What is wrong with the recording.
    fn failure(workspace: &Workspace) -> Option<String> {
        record(workspace.path(), None, false).unwrap().1.pop()
    }

    #[test]
    fn the_first_difference_is_shown_with_what_to_do() {
        let demo = |second: &str| {
            let event = |name| format!("{{\"name\":\"{name}\",\"ph\":\"i\",\"tid\":1}}");
            format!("cat > $3 << END\n[\n{},\n{}\nEND\n", event("reads"), event(second))
        };
        let workspace = with_demo(&demo("sleeps"));
        assert!(failure(&workspace).unwrap().contains("recorded  its end\n"));
        assert_eq!(record(workspace.path(), Some("01"), true).unwrap(), (1, vec![]));
        assert_eq!(failure(&workspace), None);

        workspace.write("demo.sh", &demo("spins"));
        let message = failure(&workspace).unwrap();
        let start = "book/traces/01/a.json:4: the recording is no longer what `sh demo.sh` does.";
        assert!(message.starts_with(start), "{message}");
        assert!(message.contains("sleeps") && message.contains("spins"), "{message}");
        assert!(message.ends_with("cargo workshop trace 01/a.json"), "{message}");

        let error = record(workspace.path(), Some("02"), true).unwrap_err().to_string();
        assert!(error.ends_with("begins with 02"), "{error}");
    }

    #[test]
    fn a_command_that_records_nothing_is_told_with_its_own_words() {
        for (demo, expected) in [
            ("true", "`sh demo.sh` recorded nothing: "),
            ("echo [ > $3", "`sh demo.sh` recorded nothing"),
            ("echo no; exit 2", "`sh demo.sh`: exit status: 2. Its last lines:\n  + no"),
        ] {
            let failure = failure(&with_demo(demo)).unwrap();
            assert!(
                failure.starts_with(&format!("book/traces/01/a.json: {expected}")),
                "{failure}"
            );
        }
    }
}
