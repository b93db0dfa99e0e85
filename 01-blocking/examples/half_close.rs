//! How a peer learns that we have finished: two handles to one socket, and what the peer reads.
//!
//! `cargo run -p blocking --example half_close`

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

// ANCHOR: half_close
fn main() -> anyhow::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let handle = TcpStream::connect(listener.local_addr()?)?;
    let mut other_handle = handle.try_clone()?;
    let (mut peer, _) = listener.accept()?;
    peer.set_read_timeout(Some(Duration::from_secs(2)))?;

    drop(handle);
    println!("one handle is dropped: {}", what_it_reads(&mut peer)?);

    other_handle.shutdown(Shutdown::Write)?;
    println!("shutdown(Write): {}", what_it_reads(&mut peer)?);

    peer.write_all(b"answer")?;
    let mut answer = [0; 6];
    other_handle.read_exact(&mut answer)?;
    println!("the peer answers: {}", String::from_utf8_lossy(&answer));
    Ok(())
}
// ANCHOR_END: half_close

fn what_it_reads(peer: &mut TcpStream) -> anyhow::Result<String> {
    match peer.read(&mut [0; 64]) {
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
            Ok("the peer has read nothing after 2 seconds".to_owned())
        }
        result => Ok(format!("the peer's read returns Ok({})", result?)),
    }
}
