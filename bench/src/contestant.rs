//! Who takes part, how it is built and started.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use serde_json::Value;
use testkit::ServerProcess;

use crate::cores::Cores;
use crate::launch;

/// What servers of the project are told: to keep more connections open than are ever made.
const THREADS: &[&str] = &["threads", "--max-connections", "10000"];
const POLL: &[&str] = &["poll", "--max-connections", "10000"];
const TASKS: &[&str] = &["tasks", "--max-connections", "10000"];
const TASKS_2: &[&str] = &["tasks", "--max-connections", "10000", "--threads", "2"];

/// A server that takes part.
pub struct Contestant {
    /// Its name in the results.
    pub key: &'static str,
    program: PathBuf,
    arguments: &'static [&'static str],
    /// Whether it may use all processors, and not one.
    on_all: bool,
}

/// Builds all contestants, in release mode: a thread for each client; one thread for all, and the
/// yardstick for it; a task for each client, and the same on other runtimes; and three on two processors.
///
/// # Errors
/// Cargo cannot build one; it has said why.
pub fn build() -> anyhow::Result<Vec<Contestant>> {
    let target = std::env::current_exe()?.with_file_name("contestants");
    let bench = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ours = ["-p", "blocking", "-p", "nonblocking-poll", "-p", "async-tcp"];
    let ours = cargo_build(&workspace(), &target, &ours)?;
    let theirs = ["--bin", "raw-epoll-echo", "--bin", "tokio-echo", "--bin", "smol-echo"];
    let bench = cargo_build(bench, &target, &theirs)?;
    let contestant =
        |key: &'static str, built: &HashMap<String, PathBuf>, name: &str, arguments| {
            let program = built.get(name);
            let program = program.with_context(|| format!("cargo built no program `{name}`"))?;
            // Their names end with the number of their threads, or of processors for a thread each.
            let on_all = key.ends_with("_2");
            anyhow::Ok(Contestant { key, program: program.clone(), arguments, on_all })
        };
    Ok(vec![
        contestant("threads", &ours, "blocking", THREADS)?,
        contestant("poll", &ours, "nonblocking-poll", POLL)?,
        contestant("raw", &bench, "raw-epoll-echo", &[])?,
        contestant("tasks", &ours, "async-tcp", TASKS)?,
        contestant("tokio", &bench, "tokio-echo", &[])?,
        contestant("smol", &bench, "smol-echo", &[])?,
        contestant("threads_2", &ours, "blocking", THREADS)?,
        contestant("tasks_2", &ours, "async-tcp", TASKS_2)?,
        contestant("tokio_2", &bench, "tokio-echo", &["--threads", "2"])?,
    ])
}

impl Contestant {
    /// Starts it on a free port of loopback. It ends when the value is dropped, and with us.
    ///
    /// # Errors
    /// It cannot be started, or does not say where it listens.
    pub fn start(&self, cores: &Cores) -> anyhow::Result<ServerProcess> {
        let cores = if self.on_all { &cores.all } else { cores.server.as_slice() };
        let mut command = launch::command(&std::env::current_exe()?, cores, &self.program);
        command.args(self.arguments).env_remove("RUST_LOG");
        ServerProcess::start(command).with_context(|| format!("starting {}", self.key))
    }
}

/// The folder of the project.
pub fn workspace() -> PathBuf {
    let bench = Path::new(env!("CARGO_MANIFEST_DIR"));
    bench.parent().expect("bench is a folder of the project").to_owned()
}

/// Builds what is in the files of a workspace, and returns the programs by name.
///
/// cargo builds again what is newer than what it built, by the times of files. Those prove nothing: a
/// file that was moved back is older than the one before it. So nobody else builds in `target`, and what
/// was built there of the workspace's own packages is removed first.
fn cargo_build(
    folder: &Path,
    target: &Path,
    what: &[&str],
) -> anyhow::Result<HashMap<String, PathBuf>> {
    let metadata = cargo(folder, &["metadata", "--no-deps", "--format-version", "1"])?;
    let metadata: Value = serde_json::from_str(&metadata).context("what cargo metadata says")?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let target = target.to_str().context("the target folder's name is not UTF-8")?;
    let mut clean = vec!["clean", "--quiet", "--release", "--target-dir", target];
    clean.extend(packages.flat_map(|package| ["-p", package["name"].as_str().unwrap_or_default()]));
    cargo(folder, &clean)?;
    let format = "json-render-diagnostics";
    let build = ["build", "--release", "--target-dir", target, "--message-format", format];
    Ok(programs(&cargo(folder, &[&build, what].concat())?))
}

/// Runs cargo in `folder`, and returns its standard output.
fn cargo(folder: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("starting cargo")?;
    ensure!(output.status.success(), "`cargo {}` failed: see above", arguments.join(" "));
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The programs among cargo's messages.
fn programs(messages: &str) -> HashMap<String, PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let program = |message: Value| {
        let name = message["target"]["name"].as_str()?.to_owned();
        Some((name, PathBuf::from(message["executable"].as_str()?)))
    };
    messages.filter_map(program).collect()
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn an_older_file_that_was_moved_back_is_what_is_built() {
        let folder = std::env::temp_dir().join(format!("arena-{}", std::process::id()));
        let target = folder.join("target");
        fs::create_dir_all(folder.join("src")).unwrap();
        let manifest = "[package]\nname = \"server\"\nedition = \"2024\"\n[workspace]\n";
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        let source = folder.join("src/main.rs");
        let says = |text: &str| {
            fs::write(&source, format!("fn main() {{ print!(\"{text}\") }}")).unwrap();
            File::open(&source).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
            let built = cargo_build(&folder, &target, &["--bin", "server"]).unwrap();
            let run = Command::new(&built["server"]).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&run.stdout), text);
        };
        says("today");
        says("yesterday");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn programs_are_found_among_libraries_and_other_lines() {
        let messages = r#"a build script says this
{"reason":"compiler-artifact","target":{"name":"serde"},"executable":null}
{"reason":"compiler-artifact","target":{"name":"blocking"},"executable":"/t/blocking"}
{"reason":"build-finished","success":true}
"#;
        let expected = [("blocking".to_owned(), PathBuf::from("/t/blocking"))];
        assert_eq!(programs(messages), HashMap::from(expected));
    }
}
