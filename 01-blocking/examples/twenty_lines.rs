//! An echo server in twenty lines. It works, until it is used: the book's first page shows how it ends.

use std::io::{Read, Write};
use std::net::TcpListener;

// ANCHOR: server
fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:7878")?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (mut stream, _) = listener.accept()?;
        let mut buffer = [0; 1024];
        loop {
            let n = stream.read(&mut buffer)?;
            if n == 0 {
                break;
            }
            stream.write_all(&buffer[..n])?;
        }
    }
}
// ANCHOR_END: server
