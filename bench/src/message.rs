//! Bytes that tell connections and rounds apart.

/// How long a message is.
pub const LEN: usize = 64;

/// What a connection sends in a round. Two messages differ in every eight bytes, so that one which
/// goes to the wrong client, comes twice or comes late is not taken for the right one.
pub fn message(connection: u32, round: u32) -> [u8; LEN] {
    let mut state = u64::from(connection) << 32 | u64::from(round);
    let mut bytes = [0; LEN];
    for word in bytes.chunks_exact_mut(8) {
        word.copy_from_slice(&next(&mut state).to_le_bytes());
    }
    bytes
}

/// Compares what has come, from position `at` of the message on.
///
/// # Errors
/// A sentence that names the first byte that differs, or says that too many came.
pub fn check(received: &[u8], at: usize, sent: &[u8; LEN]) -> Result<(), String> {
    let expected = &sent[at..];
    if received.len() > expected.len() {
        return Err(format!("{} bytes came back, and {LEN} were sent", at + received.len()));
    }
    if received == &expected[..received.len()] {
        return Ok(());
    }
    let differ = received.iter().zip(expected).position(|(received, sent)| received != sent);
    let index = differ.expect("slices of one length that are not equal differ somewhere");
    Err(format!(
        "byte {} of {LEN} came back as {}, and {} was sent",
        at + index + 1,
        received[index],
        expected[index]
    ))
}

/// SplitMix64: a step of the counter, and its bits mixed. Each counter has a result of its own.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_byte_is_seen_wherever_it_is() {
        let sent = message(3, 5);
        for at in 0..LEN {
            let mut received = sent;
            received[at] ^= 1;
            let expected = format!(
                "byte {} of 64 came back as {}, and {} was sent",
                at + 1,
                sent[at] ^ 1,
                sent[at]
            );
            assert_eq!(check(&received, 0, &sent), Err(expected));
        }
        assert_eq!(check(&sent, 0, &sent), Ok(()));
    }

    #[test]
    fn pieces_are_compared_with_their_place() {
        let sent = message(3, 5);
        assert_eq!(check(&sent[..10], 0, &sent), Ok(()));
        assert_eq!(check(&sent[10..], 10, &sent), Ok(()));
        assert!(check(&sent[11..], 10, &sent).unwrap_err().starts_with("byte 11 of 64"));
    }

    #[test]
    fn a_byte_too_many_is_seen() {
        let sent = message(0, 0);
        let mut received = sent.to_vec();
        received.push(0);
        assert_eq!(check(&received, 0, &sent), Err("65 bytes came back, and 64 were sent".into()));
        assert!(check(&sent[..], 1, &sent).is_err());
    }

    #[test]
    fn messages_of_neighbours_differ_in_every_word() {
        let one = message(1, 1);
        for other in [message(1, 2), message(2, 1), message(0, 1), message(1, 0)] {
            let words = one.chunks(8).zip(other.chunks(8));
            assert!(words.clone().all(|(one, other)| one != other));
        }
    }
}
