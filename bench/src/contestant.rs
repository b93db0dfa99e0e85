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

/// A server that takes part.
pub struct Contestant {
    /// Its name in the results.
    pub key: &'static str,
    program: PathBuf,
    arguments: &'static [&'static str],
}

/// Builds all contestants, in release mode: a thread for each client, one thread for all, and the
/// yardstick for the latter.
///
/// # Errors
/// Cargo cannot build one; it has said why.
pub fn build() -> anyhow::Result<Vec<Contestant>> {
    let ours = cargo_build(&workspace(), &["-p", "blocking", "-p", "nonblocking-poll"])?;
    let bench = cargo_build(Path::new(env!("CARGO_MANIFEST_DIR")), &["--bin", "raw-epoll-echo"])?;
    let contestant = |key, built: &HashMap<String, PathBuf>, name: &str, arguments| {
        let program = built.get(name);
        let program = program.with_context(|| format!("cargo built no program `{name}`"))?;
        anyhow::Ok(Contestant { key, program: program.clone(), arguments })
    };
    Ok(vec![
        contestant("threads", &ours, "blocking", THREADS)?,
        contestant("poll", &ours, "nonblocking-poll", POLL)?,
        contestant("raw", &bench, "raw-epoll-echo", &[])?,
    ])
}

impl Contestant {
    /// Starts it on a free port of loopback. It ends when the value is dropped, and with us.
    ///
    /// # Errors
    /// It cannot be started, or does not say where it listens.
    pub fn start(&self, cores: &Cores) -> anyhow::Result<ServerProcess> {
        let mut command = launch::command(&std::env::current_exe()?, cores.server, &self.program);
        command.args(self.arguments).env_remove("RUST_LOG");
        ServerProcess::start(command).with_context(|| format!("starting {}", self.key))
    }
}

/// The folder of the project.
pub fn workspace() -> PathBuf {
    let bench = Path::new(env!("CARGO_MANIFEST_DIR"));
    bench.parent().expect("bench is a folder of the project").to_owned()
}

/// Runs cargo in `folder`, and returns the programs that it built, by name.
fn cargo_build(folder: &Path, what: &[&str]) -> anyhow::Result<HashMap<String, PathBuf>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(folder)
        .args(["build", "--release", "--message-format", "json-render-diagnostics"])
        .args(what)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("starting cargo")?;
    ensure!(output.status.success(), "cargo could not build {}: see above", what.join(" "));
    Ok(programs(&String::from_utf8_lossy(&output.stdout)))
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
    use super::*;

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
