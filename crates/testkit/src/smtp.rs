//! A real mail server for tests: `scripts/smtp/server.py`, a process of its own.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::certificates::Certificate;
use crate::supervised::{Spec, Supervised};
use crate::{ports, scripts, wait};

/// A message that the server accepted.
#[derive(Clone, Debug)]
pub struct Message {
    /// The sender in the envelope.
    pub from: String,
    /// The recipients in the envelope.
    pub to: Vec<String>,
    /// The message exactly as it was sent, header and body.
    pub bytes: Vec<u8>,
    /// Whether it came over TLS.
    pub tls: bool,
    /// Who had logged in.
    pub user: Option<String>,
}

impl Message {
    /// The message as text; bytes that are not UTF-8 are replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// A header's value as it stands in the message, unfolded; names match in any case.
    pub fn header(&self, name: &str) -> Option<String> {
        let text = self.text();
        let head = text.split("\r\n\r\n").next().unwrap_or_default();
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        unfolded.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    }
}

/// What goes wrong at the server. Numbers count from the moment the rules are set.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Rules {
    /// Answers `451`, try again later, to the next so many recipients.
    pub defer: u32,
    /// Answers `550`, no such mailbox, to recipients in which this regular expression finds something.
    pub refuse: Option<String>,
    /// Accepts the next so many messages, then drops the connection instead of answering `250`: the
    /// client cannot know whether they were delivered, and they were.
    pub lose_answer: u32,
    /// Answers `451` to so large a share of the tries, 0 to 1.
    pub defer_share: f64,
    /// Answers `554` to so large a share of the messages, to each whenever it comes.
    pub refuse_share: f64,
    /// What the shares are chosen by, with the `Message-ID`.
    pub seed: u64,
}

/// How a server is to be spoken to.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// TLS, with this certificate.
    pub tls: Option<(Tls, Certificate)>,
    /// The user and the password that it asks for.
    pub login: Option<(&'static str, &'static str)>,
}

/// How TLS begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// By STARTTLS, without which no mail is taken.
    StartTls,
    /// With the first byte.
    Wrapped,
}

impl Terms {
    fn args(&self) -> Vec<OsString> {
        let mut args: Vec<OsString> = Vec::new();
        if let Some((tls, Certificate { crt, key })) = &self.tls {
            let tls = if *tls == Tls::Wrapped { "wrapped" } else { "starttls" };
            args.extend(["--tls".into(), tls.into()]);
            args.extend(["--certificate".into(), crt.into(), "--key".into(), key.into()]);
        }
        if let Some((user, password)) = self.login {
            args.extend(["--login".into(), format!("{user}:{password}").into()]);
        }
        args
    }
}

/// A mail server on a free port. It goes with its handle.
#[derive(Debug)]
pub struct Server {
    running: Supervised,
    spec: Spec,
    port: u16,
    folder: TempDir,
}

impl Server {
    /// Starts one without TLS or a login, and waits until it answers.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_on(&Terms::default()).await
    }

    /// Starts one on these terms, and waits until it answers.
    pub async fn start_on(terms: &Terms) -> anyhow::Result<Self> {
        scripts::run("pip.sh", &["scripts/smtp"]).await?;
        let port = ports::free();
        let folder = tempfile::Builder::new().prefix("orderline-smtp-").tempdir()?;
        let log = folder.path().join("server.log");
        let args = [vec![port.to_string().into(), folder.path().into()], terms.args()].concat();
        let spec = Spec {
            remove: Some(folder.path().to_owned()),
            ..Spec::script("smtp/run.sh", args, log)?
        };
        let running = Supervised::spawn(&spec)?;
        let mut server = Self { running, spec, port, folder };
        server.wait_until_up(0).await?;
        Ok(server)
    }

    /// 127.0.0.1, where it listens.
    pub fn host(&self) -> &'static str {
        "127.0.0.1"
    }

    /// Its port, the same for its whole life.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it keeps what it has accepted: `NNNN.eml` and its envelope `NNNN.json`.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Sets what goes wrong from now on, in place of the rules before.
    pub fn set(&self, rules: &Rules) -> anyhow::Result<()> {
        let part = self.folder.path().join("rules.part");
        std::fs::write(&part, serde_json::to_vec(rules)?)?;
        std::fs::rename(part, self.folder.path().join("rules.json"))?;
        Ok(())
    }

    /// Every message it has accepted, the oldest first.
    pub fn messages(&self) -> anyhow::Result<Vec<Message>> {
        let mut envelopes: Vec<PathBuf> = std::fs::read_dir(self.folder.path())?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.extension().is_some_and(|end| end == "json"))
            .filter(|path| path.file_stem().is_some_and(|name| name != "rules"))
            .collect();
        envelopes.sort();
        envelopes.into_iter().map(read).collect()
    }

    /// Waits until it has accepted `count` messages or more, and returns them all.
    pub async fn wait_for(&self, count: usize, deadline: Duration) -> anyhow::Result<Vec<Message>> {
        wait::some(deadline, async || self.messages().ok().filter(|all| all.len() >= count))
            .await
            .with_context(|| format!("fewer than {count} messages arrived"))
    }

    /// Kills the server; connections to it are refused until `restart`.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.running.signal(rustix::process::Signal::KILL)
    }

    /// Starts it again on the same port, with the messages it had.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.kill()?;
        self.running.wait(Duration::from_secs(60)).await?;
        let from = std::fs::metadata(&self.spec.log)?.len() as usize;
        self.running = Supervised::spawn(&self.spec)?;
        self.wait_until_up(from).await
    }

    async fn wait_until_up(&mut self, from: usize) -> anyhow::Result<()> {
        let deadline = Duration::from_secs(60);
        self.running.wait_for_line("mail server ready", from, deadline).await.map(drop)
    }
}

fn read(path: PathBuf) -> anyhow::Result<Message> {
    #[derive(Deserialize)]
    struct Envelope {
        from: String,
        to: Vec<String>,
        tls: bool,
        user: Option<String>,
    }
    let Envelope { from, to, tls, user } = serde_json::from_slice(&std::fs::read(&path)?)?;
    Ok(Message { from, to, tls, user, bytes: std::fs::read(path.with_extension("eml"))? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpStream;

    /// Sends one message and returns what the server answered last, or nothing if it hung up.
    async fn send(server: &Server, to: &str) -> anyhow::Result<String> {
        send_message(server, to, "Subject: a\r\n b\r\n\r\nhello\r\n..\r\n.").await
    }

    async fn send_message(server: &Server, to: &str, message: &str) -> anyhow::Result<String> {
        let stream = TcpStream::connect((server.host(), server.port())).await?;
        let mut stream = BufReader::new(stream);
        let mut answer = String::new();
        stream.read_line(&mut answer).await?;
        let recipient = format!("RCPT TO:<{to}>");
        for line in ["HELO test", "MAIL FROM:<shop@example.org>", &recipient, "DATA", message] {
            stream.write_all(format!("{line}\r\n").as_bytes()).await?;
            answer.clear();
            stream.read_line(&mut answer).await?;
            if !answer.starts_with(['2', '3']) {
                break;
            }
        }
        Ok(answer)
    }

    #[tokio::test]
    async fn a_message_is_kept_byte_for_byte() -> anyhow::Result<()> {
        let mut server = Server::start().await?;
        assert!(send(&server, "ann@example.org").await?.starts_with("250"));
        server.restart().await?;
        send(&server, "bob@example.org").await?;

        let messages = server.wait_for(2, Duration::from_secs(60)).await?;
        assert_eq!(messages[0].bytes, b"Subject: a\r\n b\r\n\r\nhello\r\n.\r\n");
        assert_eq!(messages[0].header("subject").as_deref(), Some("a b"));
        assert_eq!(messages[0].from, "shop@example.org");
        assert_eq!(messages[1].to, ["bob@example.org"]);
        Ok(())
    }

    #[tokio::test]
    async fn the_rules_defer_refuse_and_lose_the_answer() -> anyhow::Result<()> {
        let server = Server::start().await?;
        let refuse = Some("^gone@".into());
        server.set(&Rules { defer: 1, refuse, lose_answer: 1, ..Rules::default() })?;
        assert!(send(&server, "gone@example.org").await?.starts_with("550"));
        assert!(send(&server, "ann@example.org").await?.starts_with("451"));
        assert_eq!(send(&server, "ann@example.org").await?, "", "accepted, and not said");
        assert!(send(&server, "ann@example.org").await?.starts_with("250"));
        assert_eq!(server.messages()?.len(), 2);
        Ok(())
    }

    #[tokio::test]
    async fn a_share_of_the_tries_is_put_off_and_a_share_of_the_messages_refused_for_good()
    -> anyhow::Result<()> {
        let server = Server::start().await?;
        let half = Rules { defer_share: 0.5, refuse_share: 0.2, seed: 1, ..Rules::default() };
        server.set(&half)?;
        let (mut put_off, mut refused) = (0, 0);
        for id in 0..30 {
            let message = format!("Message-ID: <{id}@shop.example>\r\n\r\nhello\r\n.");
            let mut answers = Vec::new();
            for _ in 0..12 {
                let answer = send_message(&server, "ann@example.org", &message).await?;
                answers.push(answer[..3].to_owned());
            }
            let of = |code: &str| answers.iter().filter(|answer| *answer == code).count();
            put_off += of("451");
            refused += usize::from(of("554") > 0);
            assert!(of("554") == 12 || (of("554") == 0 && of("250") > 0), "{id}: {answers:?}");
        }
        assert!((1..=15).contains(&refused), "{refused} of 30 messages");
        assert!((80..=200).contains(&put_off), "{put_off} of some 290 tries");
        let book = std::fs::read_to_string(server.folder().join("refusals.jsonl"))?;
        assert_eq!(book.lines().count(), put_off + 12 * refused);
        Ok(())
    }
}
