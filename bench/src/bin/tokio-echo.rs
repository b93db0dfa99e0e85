//! The echo server of stage 05, on tokio's runtime of one thread, or of as many as are asked for.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How much one `read` takes at most, as in the server that it is measured against.
const BUFFER: usize = 16 * 1024;

// ANCHOR: echo
async fn echo(mut stream: TcpStream) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let n = stream.read(&mut buffer).await?;
        if n == 0 {
            return stream.shutdown().await;
        }
        stream.write_all(&buffer[..n]).await?;
    }
}
// ANCHOR_END: echo

fn main() -> io::Result<()> {
    let threads = std::env::args().skip_while(|word| word != "--threads").nth(1);
    let threads = threads.map(|threads| threads.parse());
    let mut builder = match threads.transpose().map_err(io::Error::other)? {
        None => tokio::runtime::Builder::new_current_thread(),
        Some(threads) => {
            let mut builder = tokio::runtime::Builder::new_multi_thread();
            builder.worker_threads(threads);
            builder
        }
    };
    let runtime = builder.enable_io().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("listening on {}", listener.local_addr()?);
        loop {
            let (stream, _) = listener.accept().await?;
            // An error is the end of one conversation.
            tokio::spawn(echo(stream));
        }
    })
}
