//! Makes recordings, and says which no longer are what the code does.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, anyhow, bail, ensure};
use serde::Deserialize;

use super::recording::{Event, normalised, parse, write};
use crate::sessions::programs::{Programs, packages};
use workshop::nearest::did_you_mean;
use workshop::process_group::{ProcessGroup, drained, wait};

/// How long a program may run that is recorded.
const LIMIT: Duration = Duration::from_secs(30);

/// One entry of book/traces/recordings.toml.
#[derive(Clone, Deserialize)]
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

/// What is done with what was recorded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// It is written into book/traces.
    Write,
    /// It is compared with what stands there.
    Compare,
}

impl Recording {
    /// The entry for `file`.
    ///
    /// # Errors
    /// A sentence: recordings.toml cannot be understood, or has no such entry.
    pub(super) fn named(file: &str, root: &Path) -> Result<Self, String> {
        let all = read(root)?;
        let names: Vec<_> = all.iter().map(|recording| recording.file.as_str()).collect();
        let otherwise = ": add it there, with its title and its command.";
        let hint = did_you_mean(file, names, otherwise);
        let found = all.iter().find(|recording| recording.file == file);
        found
            .cloned()
            .ok_or_else(|| format!("book/traces/recordings.toml has no recording `{file}`{hint}"))
    }

    /// Its command, of programs that are built. One by one: examples of several packages have one name,
    /// and lie in one folder.
    ///
    /// # Errors
    /// The words of cargo or the compiler.
    fn program(&self, workspace: &Path, trace: &Path) -> anyhow::Result<Command> {
        let programs = Programs::build(workspace, &packages([self.command.as_str()]))?;
        let line = format!("exec {} --trace \"$0\"", programs.put_into(&self.command));
        let mut program = Command::new("sh");
        program.args(["-c", &line]).arg(trace).current_dir(workspace).env_remove("RUST_LOG");
        Ok(program)
    }
}

/// The entries of recordings.toml; none where there is no such file.
fn read(root: &Path) -> Result<Vec<Recording>, String> {
    let file = root.join("traces/recordings.toml");
    if !file.exists() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(&file)
        .map_err(|error| format!("book/traces/recordings.toml cannot be read: {error}"))?;
    let recordings: Recordings = toml::from_str(&text)
        .map_err(|error| format!("book/traces/recordings.toml is not as expected: {error}"))?;
    Ok(recordings.recording)
}

/// Runs the commands of all recordings, or of those of one stage, like `01`, and writes or compares
/// what they record. Returns how many there were, and a sentence for each that could not be made, or
/// no longer is what happens.
///
/// # Errors
/// recordings.toml cannot be understood, or a recording not be written.
pub(crate) fn record(
    workspace: &Path,
    stage: Option<&str>,
    then: Then,
) -> anyhow::Result<(usize, Vec<String>)> {
    let root = workspace.join("book");
    let mut all = read(&root).map_err(anyhow::Error::msg)?;
    if let Some(stage) = stage {
        let number = stage.split('-').next().unwrap_or(stage);
        all.retain(|recording| recording.file.starts_with(&format!("{number}/")));
        ensure!(!all.is_empty(), "book/traces/recordings.toml has no recording of stage {stage}");
    }
    if !cfg!(target_os = "linux") {
        ensure!(then == Then::Compare, "recordings are made on Linux: /proc tells who sleeps");
        eprintln!("skipped: recordings are made on Linux, where /proc tells who sleeps");
        return Ok((0, Vec::new()));
    }
    let mut stale = Vec::new();
    for recording in &all {
        let found = match run(workspace, recording) {
            Ok(found) => normalised(&found),
            Err(error) => {
                stale.push(format!("book/traces/{}: {error:#}", recording.file));
                continue;
            }
        };
        let file = root.join("traces").join(&recording.file);
        match then {
            Then::Write => {
                std::fs::create_dir_all(file.parent().unwrap_or(&root))?;
                std::fs::write(&file, write(&found)).with_context(|| file.display().to_string())?;
            }
            Then::Compare => stale.extend(difference(recording, &file, &found)),
        }
    }
    Ok((all.len(), stale))
}

/// Runs the command, and reads what it has recorded.
fn run(workspace: &Path, recording: &Recording) -> anyhow::Result<Vec<Event>> {
    let folder = workspace.join("target/workshop/traces");
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let trace: PathBuf = folder.join(recording.file.replace('/', "-"));
    // What an earlier run has left would be taken for this one's.
    if trace.exists() {
        std::fs::remove_file(&trace).with_context(|| trace.display().to_string())?;
    }
    let program = recording.program(workspace, &trace);
    let mut program = program.with_context(|| format!("`{}`", recording.command))?;
    succeed(&mut program, LIMIT)
        .with_context(|| format!("`{}` failed, so nothing was recorded", recording.command))?;
    recorded(&trace, &recording.command)
}

/// Runs a command in a group of its own, which ends with it, and both at the limit.
///
/// # Errors
/// It does not end in time, or fails: what it wrote to standard error.
fn succeed(command: &mut Command, limit: Duration) -> anyhow::Result<()> {
    let group = ProcessGroup::new()?;
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = group.spawn(command).context("starting it")?;
    let complaints = drained(child.stderr.take());
    let status = wait(&mut child, limit);
    // What it has started lets go of the pipe.
    drop(group);
    let complaints = complaints.join().unwrap_or_default();
    let complaints = complaints.trim();
    match status? {
        Some(status) if status.success() => Ok(()),
        Some(status) => bail!("{status}\n{complaints}"),
        None => bail!(
            "it did not end within {} s, and was ended: does it wait for something that never \
             comes?\n{complaints}",
            limit.as_secs()
        ),
    }
}

/// What a command has recorded.
fn recorded(trace: &Path, command: &str) -> anyhow::Result<Vec<Event>> {
    let text =
        std::fs::read_to_string(trace).with_context(|| format!("`{command}` recorded nothing"))?;
    let events = parse(&text).map_err(|error| anyhow!("what `{command}` recorded: {error}"))?;
    ensure!(!events.is_empty(), "`{command}` recorded nothing");
    Ok(events)
}

/// A sentence, unless the file holds what was found.
fn difference(recording: &Recording, file: &Path, found: &[Event]) -> Option<String> {
    let stage = recording.file.split('/').next().unwrap_or_default();
    let advice = format!("If the code is right: cargo workshop trace {stage}");
    let name = format!("book/traces/{}", recording.file);
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => return Some(format!("{name} cannot be read ({error}). {advice}")),
    };
    let found = write(found);
    if found == text {
        return None;
    }
    let (old, new): (Vec<_>, Vec<_>) = (text.lines().collect(), found.lines().collect());
    let same = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let line = same + 1;
    let (old, new) = (old.get(same).unwrap_or(&"its end"), new.get(same).unwrap_or(&"its end"));
    Some(format!(
        "{name}:{line}: the recording is no longer what `{}` does.\n  recorded  {old}\n  \
         now       {new}\n{advice}",
        recording.command
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;
    use std::sync::mpsc::channel;
    use std::thread::spawn;

    fn recording() -> Recording {
        Recording { file: "01/a.json".into(), title: "A".into(), command: "cargo run".into() }
    }

    fn events(names: &[&str]) -> Vec<Event> {
        let line = |name: &&str| format!("{{\"name\":\"{name}\",\"ph\":\"i\",\"tid\":1}}\n");
        parse(&names.iter().map(line).collect::<String>()).unwrap()
    }

    #[test]
    fn the_first_difference_is_shown_with_what_to_do() {
        let workspace = Workspace::with_book();
        workspace.write("book/traces/01/a.json", &write(&events(&["reads", "sleeps"])));
        let file = workspace.path().join("book/traces/01/a.json");
        assert_eq!(difference(&recording(), &file, &events(&["reads", "sleeps"])), None);
        let message = difference(&recording(), &file, &events(&["reads", "spins"])).unwrap();
        assert!(message.starts_with("book/traces/01/a.json:3: the recording is no longer"));
        assert!(message.contains("sleeps") && message.contains("spins"), "{message}");
        assert!(message.ends_with("cargo workshop trace 01"), "{message}");
        let longer = difference(&recording(), &file, &events(&["reads", "sleeps", "ends"]));
        assert!(longer.is_some());
    }

    #[test]
    fn a_missing_file_is_stale() {
        let missing = difference(&recording(), Path::new("no/such.json"), &events(&[])).unwrap();
        assert!(missing.contains("cannot be read"), "{missing}");
    }

    #[test]
    fn a_command_that_records_nothing_is_told() {
        let workspace = Workspace::with_book();
        let file = workspace.path().join("trace.json");
        let error = |file: &Path| format!("{:#}", recorded(file, "cargo x").unwrap_err());
        assert!(error(&file).starts_with("`cargo x` recorded nothing: "), "{}", error(&file));
        workspace.write("trace.json", "[\n");
        assert_eq!(error(&file), "`cargo x` recorded nothing");
    }

    #[cfg(unix)]
    #[test]
    fn a_command_that_hangs_is_ended_with_all_that_it_has_started() {
        let mut command = Command::new("sh");
        // What it starts holds its standard error, which is read to the end.
        command.args(["-c", "echo started >&2; sleep 60 & wait"]);
        let (sender, ended) = channel();
        spawn(move || sender.send(succeed(&mut command, Duration::from_secs(1))));
        let ended = ended.recv_timeout(Duration::from_secs(20)).expect("it is still waited for");
        let error = ended.unwrap_err().to_string();
        let expected = "it did not end within 1 s, and was ended: ";
        assert!(error.starts_with(expected) && error.ends_with("\nstarted"), "{error}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_command_that_fails_is_told_with_its_own_words() {
        let workspace = Workspace::with_book();
        workspace.write(
            "book/traces/recordings.toml",
            "[[recording]]\nfile = \"01/a.json\"\ntitle = \"A\"\ncommand = \"cargo run -p nonsense\"\n",
        );
        let (_, failures) = record(workspace.path(), None, Then::Compare).unwrap();
        let failure = &failures[0];
        assert!(
            failure.starts_with("book/traces/01/a.json: `cargo run -p nonsense`: "),
            "{failure}"
        );
        assert!(failure.contains("Cargo.toml"), "{failure}");
        let error = record(workspace.path(), Some("02"), Then::Write).unwrap_err().to_string();
        assert!(error.contains("no recording of stage 02"), "{error}");
    }
}
