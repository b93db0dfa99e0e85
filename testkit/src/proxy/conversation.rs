//! One client and its upstream, when nothing goes wrong.

use std::io;
use std::net::Shutdown;
use std::thread;
use std::time::Duration;

use super::Start;
use super::sides::{
    During, Side, Upstream, both_end, connect, connected, receive_to_end, send_and_finish,
};
use crate::client;
use crate::pattern;

/// A question, an answer, another question: each arrives before the next is sent.
///
/// # Errors
/// Names the step that failed; so do all functions here.
pub fn questions_and_answers(start: Start<'_>) -> io::Result<()> {
    let upstream = Upstream::bind()?;
    let mut client = connect(start(upstream.addr()?)).during("the client connects")?;
    // Whether the proxy connects before or after the first word is the next fact.
    pattern::send(&mut client, 1000, 0).during("the client sends a question")?;
    let mut upstream = upstream.accept()?;
    pattern::expect(&mut upstream, 1000, 0).during("the upstream reads the question")?;
    // Sizes at which buffers are exactly full, and sizes at which none is.
    for (seed, len) in (1..).zip([1, 1000, 512, 1024, 4096, 8192, 16_384, 32_768, 65_536, 10]) {
        let of = |what: &str| format!("{what} of {len} bytes");
        pattern::send(&mut client, len, seed).during(&of("the client sends a question"))?;
        pattern::expect(&mut upstream, len, seed).during(&of("the upstream reads the question"))?;
        pattern::send(&mut upstream, len, seed).during(&of("the upstream sends an answer"))?;
        pattern::expect(&mut client, len, seed).during(&of("the client reads the answer"))?;
    }
    Ok(())
}

/// Many protocols begin with a greeting from the server. The client says nothing until it has
/// come.
///
/// # Errors
/// Names the step that failed.
pub fn the_upstream_may_speak_first(start: Start<'_>) -> io::Result<()> {
    let (mut client, mut upstream) = connected(start)?;
    pattern::send(&mut upstream, 100, 1).during("the upstream greets")?;
    pattern::expect(&mut client, 100, 1).during("the client, still silent, reads the greeting")?;
    pattern::send(&mut client, 100, 2).during("the client answers")?;
    pattern::expect(&mut upstream, 100, 2).during("the upstream reads the client's answer")
}

/// The client sends its last byte, and waits for the answer to it.
///
/// # Errors
/// Names the step that failed.
pub fn the_client_may_finish_first(start: Start<'_>) -> io::Result<()> {
    let (mut client, mut upstream) = connected(start)?;
    pattern::send(&mut client, 5000, 1).during("the client sends its request")?;
    client.shutdown(Shutdown::Write).during("the client finishes")?;
    pattern::expect(&mut upstream, 5000, 1).during("the upstream reads the request")?;
    pattern::expect_end(&mut upstream)
        .during("the client has finished, and the upstream reads on to see that end")?;
    pattern::send(&mut upstream, 50_000, 2)
        .during("the upstream answers a client that has finished, but still reads")?;
    pattern::expect(&mut client, 50_000, 2)
        .during("the client, which has finished, reads the answer")?;
    upstream.shutdown(Shutdown::Write).during("the upstream finishes")?;
    pattern::expect_end(&mut client)
        .during("the upstream has finished too, and the client reads on to see that end")
}

/// The upstream sends its last byte, and goes on reading.
///
/// # Errors
/// Names the step that failed.
pub fn the_upstream_may_finish_first(start: Start<'_>) -> io::Result<()> {
    let (mut client, mut upstream) = connected(start)?;
    pattern::send(&mut upstream, 5000, 1).during("the upstream sends all it has to say")?;
    upstream.shutdown(Shutdown::Write).during("the upstream finishes")?;
    pattern::expect(&mut client, 5000, 1).during("the client reads it")?;
    pattern::expect_end(&mut client)
        .during("the upstream has finished, and the client reads on to see that end")?;
    pattern::send(&mut client, 50_000, 2)
        .during("the client sends to an upstream that has finished, but still reads")?;
    client.shutdown(Shutdown::Write).during("the client finishes")?;
    pattern::expect(&mut upstream, 50_000, 2)
        .during("the upstream, which has finished, reads what the client sends")?;
    pattern::expect_end(&mut upstream)
        .during("the client has finished too, and the upstream reads on to see that end")
}

/// 16 MiB each way at the same time. Who moves one direction and then the other lets both sides
/// wait for each other.
///
/// # Errors
/// Names the step that failed.
pub fn both_directions_at_once(start: Start<'_>) -> io::Result<()> {
    const LEN: usize = 16 << 20;
    let (client, upstream) = connected(start)?;
    thread::scope(|scope| {
        let upload = scope.spawn(|| send_and_finish(&client, LEN, 1));
        let download = scope.spawn(|| send_and_finish(&upstream, LEN, 2));
        let uploaded = scope.spawn(|| receive_to_end(&upstream, LEN, 1));
        let downloaded = receive_to_end(&client, LEN, 2);
        downloaded.during("both send at once, and the client reads")?;
        uploaded.join().expect("no panic").during("both send at once, and the upstream reads")?;
        upload.join().expect("no panic").during("both send at once, and the client sends")?;
        download.join().expect("no panic").during("both send at once, and the upstream sends")
    })
}

/// The upstream reads nothing until every buffer on the way is full, and then all. Nobody sends
/// anything meanwhile that could remind the proxy.
///
/// # Errors
/// Names the step that failed.
pub fn what_was_held_back_arrives(start: Start<'_>) -> io::Result<()> {
    let (mut client, mut upstream) = connected(start)?;
    let sent = send_until_all_is_still(&mut client, 1)
        .during("the client sends to an upstream that reads nothing for now")?;
    pattern::expect(&mut upstream, sent, 1)
        .during("the client has sent until nobody took more, and the upstream reads at last")
}

/// The upstream reads nothing for a while, but sends. What it sends arrives: a direction that
/// is full holds up only itself.
///
/// # Errors
/// Names the step that failed.
pub fn a_full_direction_holds_up_only_itself(start: Start<'_>) -> io::Result<()> {
    const BACK: usize = 8 << 20;
    let (mut client, mut upstream) = connected(start)?;
    let sent = send_until_all_is_still(&mut client, 1)
        .during("the client sends to an upstream that reads nothing for now")?;
    thread::scope(|scope| {
        let sender = scope.spawn(|| pattern::send(&mut upstream.try_clone()?, BACK, 2));
        let received = pattern::expect(&mut client, BACK, 2)
            .during("the upstream reads nothing for now, and the client reads what it sends");
        if received.is_err() {
            // Or we would wait for the sender, too.
            let _ = upstream.shutdown(Shutdown::Both);
        }
        received?;
        let sent = sender.join().expect("no panic");
        sent.during("the upstream, which reads nothing for now, sends")
    })?;
    pattern::expect(&mut upstream, sent, 1).during("the upstream reads at last")
}

/// Answers of many lengths, each followed by its end, to clients that have finished and read nothing
/// for now. So there are some of which the proxy has read the end while it could not write the rest.
///
/// # Errors
/// Names the step that failed.
pub fn no_end_overtakes_the_rest(start: Start<'_>) -> io::Result<()> {
    const STEP: usize = 8192;
    const ANSWERS: usize = 32;
    let upstream = Upstream::bind()?;
    let proxy = start(upstream.addr()?);
    let mut clients = Vec::new();
    let mut upstreams = Vec::new();
    for len in (1..=ANSWERS).map(|number| number * STEP) {
        let client = client::connect_with_small_segments(proxy).and_then(Side::new);
        let client = client.during("a client connects")?;
        let mut other = upstream.accept()?;
        client.shutdown(Shutdown::Write).during("the client finishes")?;
        pattern::expect_end(&mut other)
            .during("the client has finished, and the upstream reads on to see that end")?;
        pattern::send(&mut other, len, 1)
            .during(&format!("the upstream sends an answer of {len} bytes"))?;
        other.shutdown(Shutdown::Write).during("the upstream finishes")?;
        clients.push((len, client));
        upstreams.push(other);
    }
    // Until the proxy has done what can be done while nobody reads.
    thread::sleep(Duration::from_millis(200));
    for (len, mut client) in clients {
        pattern::expect(&mut client, len, 1).during(&format!(
            "the upstream has sent {len} bytes and finished, and the client, slow, reads them"
        ))?;
        pattern::expect_end(&mut client).during("the client, slow, reads on to see the end")?;
    }
    Ok(())
}

/// Nine clients, each with its own questions, asked in turn; one leaves, another one takes its
/// place. What a client says reaches its own upstream and no other.
///
/// # Errors
/// Names the step that failed.
pub fn many_conversations_do_not_mix(start: Start<'_>) -> io::Result<()> {
    const CLIENTS: u8 = 9;
    const LEN: usize = 20_000;
    let upstream = Upstream::bind()?;
    let proxy = start(upstream.addr()?);
    let begin = || -> io::Result<_> {
        let client = connect(proxy).during("one of 9 clients connects")?;
        Ok((client, upstream.accept()?))
    };
    let mut pairs = (0..CLIENTS).map(|_| begin()).collect::<io::Result<Vec<_>>>()?;
    for round in 0..2 {
        for (seed, (client, upstream)) in (round..).zip(&mut pairs) {
            pattern::send(client, LEN, seed).during("one of 9 clients sends")?;
            pattern::send(upstream, LEN, !seed).during("the upstream of one of 9 sends")?;
        }
        // The last who has sent is the first who reads.
        for (seed, (client, upstream)) in
            (round..).zip(&mut pairs).collect::<Vec<_>>().into_iter().rev()
        {
            pattern::expect(upstream, LEN, seed)
                .during("the upstream of one of 9 reads what its client has sent")?;
            pattern::expect(client, LEN, !seed)
                .during("one of 9 clients reads what its upstream has sent")?;
        }
        for index in (0..pairs.len()).step_by(3) {
            let (client, upstream) = std::mem::replace(&mut pairs[index], begin()?);
            both_end(client, upstream)?;
        }
    }
    Ok(())
}

/// Fills every buffer between the two, and waits until the kernel has moved what it can: what fits
/// into the rest of a window it sends only after a fifth of a second (tcp(7)), and who sees that
/// arrive is reminded of a direction that was forgotten.
fn send_until_all_is_still(client: &mut Side, seed: u8) -> io::Result<usize> {
    const FLOOD: usize = 64 << 20;
    let sent = client::send_until_full(&mut client.0, FLOOD, seed)?;
    thread::sleep(Duration::from_millis(600));
    Ok(sent)
}
