//! A real database through the proxy of the examples: `psql` gets its answer, and `pgbench` loses no
//! transaction. Needs PostgreSQL's server, in Debian's place; skips itself without it. Unix only: the
//! server runs as another user than root.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use async_tcp::Runtime;
use tempfile::TempDir;
use testkit::background;

#[path = "../examples/proxy.rs"]
#[allow(dead_code, reason = "its main")]
mod proxy;

/// A database server on a free port, until this is dropped.
struct Postgres {
    programs: PathBuf,
    addr: SocketAddr,
    folder: TempDir,
}

impl Postgres {
    /// None: it is not installed.
    fn start() -> Option<Self> {
        let mut versions: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
            .ok()?
            .map(|entry| entry.unwrap().path())
            .collect();
        versions.sort();
        let programs = versions.pop()?.join("bin");
        if !programs.join("pgbench").exists() || !programs.join("initdb").exists() {
            return None;
        }
        // A port that is free now. Another program may take it: then the server says so.
        let addr = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
        let postgres = Self { programs, addr, folder: tempfile::tempdir().unwrap() };
        if let Some(user) = other_user() {
            chown(postgres.folder.path(), Some(user), None).unwrap();
        }
        postgres
            .run(postgres.server("initdb").args(["-A", "trust", "-U", "postgres", "-D", "data"]));
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off",
            addr.port()
        );
        postgres.run(
            postgres
                .server("pg_ctl")
                .args(["start", "-w", "-D", "data", "-l", "log", "-o", &options]),
        );
        Some(postgres)
    }

    /// A program that works on the data, which must not be root's.
    fn server(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = match other_user() {
            None => Command::new(program),
            Some(user) => {
                let mut command = Command::new("setpriv");
                command.arg(format!("--reuid={user}")).arg("--clear-groups").arg(program);
                command
            }
        };
        command.current_dir(self.folder.path()).env("LC_ALL", "C");
        command
    }

    /// A program that connects to `addr`.
    fn client(&self, name: &str, addr: SocketAddr) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.args(["-h", "127.0.0.1", "-U", "postgres", "-p", &addr.port().to_string()]);
        command.env("LC_ALL", "C");
        command
    }

    fn run(&self, command: &mut Command) -> String {
        // To a file, and not a pipe: the server inherits it, and a pipe would not end.
        let path = self.folder.path().join("said");
        let file = std::fs::File::create(&path).unwrap();
        let status = command.stdout(file.try_clone().unwrap()).stderr(file).status();
        let said = std::fs::read_to_string(&path).unwrap();
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        assert!(status.unwrap().success(), "{command:?} has failed:\n{said}\n{log}");
        said
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let stop = ["stop", "-m", "immediate", "-D", "data"];
        let _: std::io::Result<Output> = self.server("pg_ctl").args(stop).output();
    }
}

/// PostgreSQL refuses to run as root: then it runs as the owner of nothing.
fn other_user() -> Option<u32> {
    const NOBODY: u32 = 65534;
    let me = Path::new("/proc/self").metadata().ok()?.uid();
    (me == 0).then_some(NOBODY)
}

#[test]
fn psql_and_pgbench_work_through_the_proxy() {
    let Some(postgres) = Postgres::start() else {
        assert!(std::env::var_os("CI").is_none(), "PostgreSQL's server is to be installed in CI");
        return eprintln!("skipped: there is no PostgreSQL in /usr/lib/postgresql");
    };
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let (proxy, upstream) = (listener.local_addr().unwrap(), postgres.addr);
    background(move || {
        let served = Runtime::new().unwrap().block_on(async {
            proxy::run(async_tcp::TcpListener::from_std(listener)?, upstream).await
        });
        served.expect("only a broken listener ends it");
    });
    let answer = postgres.run(postgres.client("psql", proxy).args(["-Atc", "select 6 * 7"]));
    assert_eq!(answer, "42\n");
    // A result of several megabytes.
    let lines = "select repeat('x', 1000) from generate_series(1, 5000)";
    let rows = postgres.run(postgres.client("psql", proxy).args(["-Atc", lines]));
    assert_eq!(rows.len(), 5000 * 1001);

    postgres.run(postgres.client("pgbench", proxy).args(["-i", "-q", "postgres"]));
    let bench = ["-c", "8", "-j", "2", "-t", "200", "-n", "postgres"];
    let said = postgres.run(postgres.client("pgbench", proxy).args(bench));
    assert!(said.contains("actually processed: 1600/1600"), "{said}");
    assert!(said.contains("number of failed transactions: 0"), "{said}");
}
