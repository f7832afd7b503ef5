//! Server-sent events, out of bytes that come in pieces.

use anyhow::ensure;

/// Bytes of one event: a push message is some hundreds.
const LARGEST: usize = 64 << 10;
const END: &[u8] = b"\n\n";

/// What of an event has not come yet.
#[derive(Default)]
pub(super) struct Events(Vec<u8>);

impl Events {
    /// The data of each event that these bytes complete; a comment has none.
    pub(super) fn add(&mut self, bytes: &[u8]) -> anyhow::Result<Vec<String>> {
        self.0.extend_from_slice(bytes);
        let mut whole = Vec::new();
        while let Some(at) = self.0.windows(END.len()).position(|two| two == END) {
            let event: Vec<u8> = self.0.drain(..at + END.len()).collect();
            let event = String::from_utf8(event)?;
            let data: Vec<_> =
                event.lines().filter_map(|line| line.strip_prefix("data:")).collect();
            if !data.is_empty() {
                whole.push(data.join("\n").trim_start().to_owned());
            }
        }
        ensure!(self.0.len() <= LARGEST, "an event has more than {LARGEST} bytes");
        Ok(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_whole_however_they_come() {
        let stream =
            ": open\n\nid: 1\nevent: a\ndata: é1\n\n:\n\nid: 2\ndata: 2\n\nid: 3\n".as_bytes();
        for piece in 1..stream.len() {
            let mut events = Events::default();
            let pieces = stream.chunks(piece).flat_map(|piece| events.add(piece).expect("events"));
            assert_eq!(pieces.collect::<Vec<_>>(), ["é1", "2"], "by {piece}");
        }
    }

    #[test]
    fn an_event_without_an_end_is_given_up() {
        assert!(Events::default().add(&[b'x'; LARGEST + 1]).is_err());
    }
}
