//! A timeout drops the future that it gives up, and with it the bytes that the future has read.
//!
//! Frames of four bytes come in. The first two bytes of the first one are here at once, the others
//! after the server has grown impatient. `local`: what was read is in the future; `kept`: outside.

use std::io;
use std::time::Duration;

use anyhow::{Context, bail};
use async_tcp::{Runtime, TcpListener, TcpStream, timeout};
use executor::time::Elapsed;
use futures::AsyncWriteExt;
use futures::io::AsyncReadExt;
use waker::event::Event;
use waker::join::join;

const PATIENCE: Duration = Duration::from_millis(100);

fn main() -> anyhow::Result<()> {
    let Some(word) = std::env::args().nth(1) else { bail!("say local or kept") };
    Runtime::new()?.block_on(async {
        let listener = TcpListener::bind(([127, 0, 0, 1], 0).into())?;
        let addr = listener.local_addr()?;
        let impatient = Event::new();
        let server = async {
            let (stream, _) = listener.accept().await?;
            match &*word {
                "local" => local(stream, &impatient).await,
                "kept" => kept(stream, &impatient).await,
                _ => Err(io::Error::other("say local or kept")),
            }
        };
        let client = async {
            let mut stream = TcpStream::connect(addr).await?;
            stream.write_all(b"on").await?;
            impatient.wait().await;
            stream.write_all(b"e,two,").await?;
            stream.close().await
        };
        let (server, client) = join(server, client).await;
        client.context("the client")?;
        server.context("the server")
    })
}

// ANCHOR: local
/// What has been read is in the future: dropped with it.
async fn local(mut stream: TcpStream, impatient: &Event) -> io::Result<()> {
    loop {
        let mut frame = [0; 4];
        match timeout(PATIENCE, stream.read_exact(&mut frame)).await {
            Ok(Ok(())) => println!("a frame: {}", show(&frame)),
            Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return end(&mut stream).await;
            }
            Ok(Err(error)) => return Err(error),
            Err(Elapsed) => grow_impatient(impatient),
        }
    }
}
// ANCHOR_END: local

// ANCHOR: kept
/// What has been read is outside: the next read continues behind it.
async fn kept(mut stream: TcpStream, impatient: &Event) -> io::Result<()> {
    let (mut frame, mut filled) = ([0; 4], 0);
    loop {
        match timeout(PATIENCE, stream.read(&mut frame[filled..])).await {
            Ok(Ok(0)) => return end(&mut stream).await,
            Ok(Ok(n)) => filled += n,
            Ok(Err(error)) => return Err(error),
            Err(Elapsed) => grow_impatient(impatient),
        }
        if filled == frame.len() {
            println!("a frame: {}", show(&frame));
            filled = 0;
        }
    }
}
// ANCHOR_END: kept

fn grow_impatient(impatient: &Event) {
    println!("no frame within the time");
    impatient.set();
}

async fn end(stream: &mut TcpStream) -> io::Result<()> {
    println!("the end");
    stream.close().await
}

fn show(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}
