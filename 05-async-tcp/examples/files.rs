//! A file server: it asks for a name, and sends the length and the contents.
//!
//! `cargo run -p async-tcp --example files -- FOLDER [ADDR]`, and then `nc 127.0.0.1 7878`.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use async_tcp::connections::Connections;
use async_tcp::fs::File;
use async_tcp::{Runtime, TcpListener, TcpStream, serve, unblock};
use futures::AsyncBufReadExt;
use futures::io::{AsyncReadExt, AsyncWriteExt, BufReader, copy};

/// The longest line that a client may send. Without a limit one client could fill the memory.
const LONGEST_NAME: u64 = 4096;

// ANCHOR: converse
/// Answers names until the client ends. What is wrong with one name is said, and ends nothing.
async fn converse(mut client: TcpStream, folder: PathBuf) -> io::Result<()> {
    let (from, mut to) = client.split_mut();
    let mut lines = BufReader::new(from);
    loop {
        to.write_all(b"name? ").await?;
        let mut name = Vec::new();
        (&mut lines).take(LONGEST_NAME).read_until(b'\n', &mut name).await?;
        if name.is_empty() {
            return to.close().await;
        }
        match open(&folder, name).await {
            Ok((file, length)) => {
                to.write_all(format!("{length} bytes\n").as_bytes()).await?;
                // No more than was promised, also if the file grows meanwhile.
                let sent = copy(file.take(length), &mut to).await?;
                if sent < length {
                    return Err(io::Error::other("the file has become shorter"));
                }
            }
            Err(why) => to.write_all(format!("{why}\n").as_bytes()).await?,
        }
    }
}
// ANCHOR_END: converse

// ANCHOR: open
/// Opens a file below the folder. The error is for the client.
async fn open(folder: &Path, name: Vec<u8>) -> Result<(File, u64), String> {
    let name = String::from_utf8(name).map_err(|_| "a name is UTF-8")?;
    let Some(name) = name.strip_suffix('\n') else {
        return Err("a name ends with its line".into());
    };
    let name = name.trim_end_matches('\r').to_owned();
    let (root, path) = (folder.to_owned(), folder.join(&name));
    let look = move || {
        // `..`, an absolute name or a link may lead out: what counts is where it leads.
        let path = path.canonicalize()?;
        let is_file = path.metadata()?.is_file();
        io::Result::Ok((path.starts_with(root), is_file, path))
    };
    let path = match unblock(look).await {
        Ok((true, true, path)) => path,
        Ok((false, ..)) => return Err(format!("{name}: not in this folder")),
        // Before it is opened: opening a pipe waits until another process opens it to write.
        Ok((_, false, _)) => return Err(format!("{name}: not a file")),
        Err(error) => return Err(format!("{name}: {error}")),
    };
    let file = File::open(path).await.map_err(|error| format!("{name}: {error}"))?;
    let length = file.metadata().len();
    Ok((file, length))
}
// ANCHOR_END: open

/// Serves the files of a folder until the listener breaks.
pub async fn run(listener: TcpListener, folder: &Path) -> io::Result<()> {
    let folder = folder.canonicalize()?;
    let connections = Connections::up_to(support::flags::default_max_connections() / 2);
    serve(listener, &connections, "files", |client| converse(client, folder.clone())).await
}

const USAGE: &str =
    "cargo run -p async-tcp --example files -- FOLDER [ADDR], like book/src 127.0.0.1:7878";

fn main() -> anyhow::Result<()> {
    let mut words = std::env::args().skip(1);
    let folder = PathBuf::from(words.next().context(USAGE)?);
    let addr = words.next().unwrap_or(support::flags::DEFAULT_ADDR.to_owned());
    let addr: SocketAddr = addr.parse().context(USAGE)?;
    anyhow::ensure!(folder.is_dir(), "{} is not a folder: {USAGE}", folder.display());
    support::logging::init(None)?;
    Runtime::new()?.block_on(async {
        let listener = TcpListener::bind(addr)
            .with_context(|| format!("listening on {addr} (another ADDR may be free)"))?;
        support::announce(listener.local_addr()?)?;
        run(listener, &folder).await.context("serving")
    })
}
