//! Makes recordings, and says which no longer are what the code does.

use std::path::Path;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail, ensure};
use serde::Deserialize;

use super::read_toml;
use super::recording::{Event, normalised, parse, write};
use crate::sessions::process::Process;
use crate::sessions::programs::{Programs, packages};
use workshop::nearest::did_you_mean;

/// How long a program may run that is recorded.
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
    let mut all = read_toml::<Recordings>("recordings.toml", root)?.recording;
    match all.iter().position(|recording| recording.file == file) {
        Some(index) => Ok(all.swap_remove(index)),
        None => {
            let names = all.iter().map(|recording| recording.file.as_str());
            let hint = did_you_mean(file, names, ": add it there, with its title and its command.");
            Err(format!("book/traces/recordings.toml has no recording `{file}`{hint}"))
        }
    }
}

/// Runs the commands of all recordings, or of those of one stage, like `01`, and compares what they
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
        let number = stage.split('-').next().unwrap_or(stage);
        all.retain(|recording| recording.file.starts_with(&format!("{number}/")));
        ensure!(!all.is_empty(), "book/traces/recordings.toml has no recording of stage {stage}");
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
    // What an earlier run has left would be taken for this one's.
    if file.exists() {
        std::fs::remove_file(&file).with_context(|| file.display().to_string())?;
    }
    // One by one: examples of several packages have one name, and lie in one folder.
    let programs = Programs::build(workspace, &packages([command.as_str()]))
        .with_context(|| format!("`{command}`"))?;
    let line = format!("exec {} --trace {trace}", programs.put_into(command));
    succeed(&line, workspace, LIMIT)
        .with_context(|| format!("`{command}` failed, so nothing was recorded"))?;
    let text =
        std::fs::read_to_string(&file).with_context(|| format!("`{command}` recorded nothing"))?;
    let events: Vec<Event> =
        parse(&text).map_err(|error| anyhow!("what `{command}` recorded: {error}"))?;
    ensure!(!events.is_empty(), "`{command}` recorded nothing");
    Ok(write(&normalised(&events)))
}

/// Runs a line of the shell.
///
/// # Errors
/// It does not end in time, or fails: what it printed.
fn succeed(line: &str, folder: &Path, limit: Duration) -> anyhow::Result<()> {
    let mut process = Process::start(line, folder, false)?;
    let deadline = Instant::now() + limit;
    let mut printed = String::new();
    loop {
        match process.line(deadline) {
            Ok(line) => printed += &format!("\n{line}"),
            Err(RecvTimeoutError::Timeout) => bail!(
                "it did not end within {} s, and was ended: does it wait for something that never \
                 comes?{printed}",
                limit.as_secs()
            ),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let status = process.status()?;
    ensure!(status.success(), "{status}{printed}");
    Ok(())
}

/// A sentence, unless the file holds what was found.
fn difference(recording: &Recording, file: &Path, found: &str) -> Option<String> {
    let stage = recording.file.split('/').next().unwrap_or_default();
    let advice = format!("If the code is right: cargo workshop trace {stage}");
    let name = format!("book/traces/{}", recording.file);
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => return Some(format!("{name} cannot be read ({error}). {advice}")),
    };
    if found == text {
        return None;
    }
    let same = text.lines().zip(found.lines()).take_while(|(old, new)| old == new).count();
    let [old, new] = [&text, found].map(|text| text.lines().nth(same).unwrap_or("its end"));
    Some(format!(
        "{name}:{}: the recording is no longer what `{}` does.\n  recorded  {old}\n  \
         now       {new}\n{advice}",
        same + 1,
        recording.command
    ))
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    /// A workspace with one recording, which this command makes.
    fn recorded_by(command: &str) -> Workspace {
        let workspace = Workspace::empty();
        let entry = format!("file = \"01/a.json\"\ntitle = \"A\"\ncommand = \"{command}\"\n");
        workspace.write("book/traces/recordings.toml", &format!("[[recording]]\n{entry}"));
        workspace
    }

    /// What is wrong with the recording.
    fn failure(workspace: &Workspace) -> Option<String> {
        record(workspace.path(), None, false).unwrap().1.pop()
    }

    #[test]
    fn the_first_difference_is_shown_with_what_to_do() {
        let workspace = recorded_by("sh demo.sh");
        let demo = |names: &[&str]| {
            let event = |name| format!("{{\"name\":\"{name}\",\"ph\":\"i\",\"tid\":1}}\n");
            let events: String = names.iter().map(event).collect();
            workspace.write("demo.sh", &format!("cat > $2 << END\n{events}END\n"));
        };
        demo(&["reads", "sleeps"]);
        let missing = failure(&workspace).unwrap();
        assert!(missing.starts_with("book/traces/01/a.json cannot be read ("), "{missing}");
        assert_eq!(record(workspace.path(), Some("01-demo"), true).unwrap(), (1, vec![]));
        assert_eq!(failure(&workspace), None);

        demo(&["reads", "spins"]);
        let message = failure(&workspace).unwrap();
        let start = "book/traces/01/a.json:4: the recording is no longer what `sh demo.sh` does.";
        assert!(message.starts_with(start), "{message}");
        assert!(message.contains("sleeps") && message.contains("spins"), "{message}");
        assert!(message.ends_with("cargo workshop trace 01"), "{message}");
        demo(&["reads", "sleeps", "ends"]);
        assert!(failure(&workspace).is_some());

        let error = record(workspace.path(), Some("02"), true).unwrap_err().to_string();
        assert!(error.contains("no recording of stage 02"), "{error}");
    }

    #[test]
    fn a_command_that_records_nothing_is_told_with_its_own_words() {
        let failed = "`ls none` failed, so nothing was recorded: exit status: 2\nls: ";
        for (command, expected) in [
            ("true", "`true` recorded nothing: "),
            ("sh empty.sh", "`sh empty.sh` recorded nothing"),
            ("ls none", failed),
            ("cargo run -p nonsense", "`cargo run -p nonsense`: "),
        ] {
            let workspace = recorded_by(command);
            workspace.write("empty.sh", "echo [ > $2");
            let failure = failure(&workspace).unwrap();
            assert!(failure.starts_with("book/traces/01/a.json: `"), "{failure}");
            assert!(failure.contains(expected), "{failure}");
        }
    }

    #[test]
    fn a_command_that_hangs_is_ended() {
        let line = "echo started; sleep 1000";
        let error = succeed(line, Path::new("/"), Duration::from_secs(1)).unwrap_err().to_string();
        let expected = "it did not end within 1 s, and was ended: ";
        assert!(error.starts_with(expected) && error.ends_with("\nstarted"), "{error}");
    }
}
