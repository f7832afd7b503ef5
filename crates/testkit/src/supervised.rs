//! A process that cannot outlive the test: a child of `scripts/supervise.sh`, which kills it when the
//! pipe that the test holds closes.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process};

use crate::{scripts, wait};

/// What to run.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<OsString>,
    pub(crate) envs: Vec<(OsString, OsString)>,
    /// Standard output and error are appended to this file.
    pub(crate) log: PathBuf,
    /// What ends it when the test has ended, where that is not KILL.
    pub(crate) end_by: Option<&'static str>,
    /// A folder to remove when the process is ended because the test has.
    pub(crate) remove: Option<PathBuf>,
}

impl Spec {
    /// `scripts/NAME`, with an empty log.
    pub(crate) fn script(name: &str, args: Vec<OsString>, log: PathBuf) -> anyhow::Result<Self> {
        std::fs::write(&log, "")?;
        let program = scripts::path(name);
        Ok(Spec { program, args, envs: Vec::new(), log, end_by: None, remove: None })
    }
}

/// A running process, or one that has ended and whose status is kept.
#[derive(Debug)]
pub(crate) struct Supervised {
    supervisor: Child,
    pid: Pid,
    log: PathBuf,
}

impl Supervised {
    pub(crate) fn spawn(spec: &Spec) -> anyhow::Result<Self> {
        let mut command = Command::new(scripts::path("supervise.sh"));
        if let Some(signal) = spec.end_by {
            command.args(["--signal", signal]);
        }
        if let Some(folder) = &spec.remove {
            command.arg("--remove").arg(folder);
        }
        let mut supervisor = command
            .arg(&spec.log)
            .arg(&spec.program)
            .args(&spec.args)
            .envs(spec.envs.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Ctrl-C reaches the test alone, and the pipe's end the process.
            .process_group(0)
            .spawn()
            .context("scripts/supervise.sh cannot be run; is bash there?")?;
        let mut line = String::new();
        if let Some(output) = supervisor.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let pid = line.trim().parse().ok().and_then(Pid::from_raw);
        let pid = pid.with_context(|| format!("{} was not started", spec.program.display()))?;
        Ok(Self { supervisor, pid, log: spec.log.clone() })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }

    /// Sends a signal; nothing happens when the process has ended.
    pub(crate) fn signal(&mut self, signal: Signal) -> anyhow::Result<()> {
        if self.ended()?.is_none() {
            match kill_process(self.pid, signal) {
                Ok(()) | Err(rustix::io::Errno::SRCH) => {}
                Err(error) => return Err(error).context("the signal was not sent"),
            }
        }
        Ok(())
    }

    /// How the process ended, or none while it runs. A signal N shows as the code 128 + N.
    pub(crate) fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.supervisor.try_wait()?)
    }

    /// Ends the process, and blocks until it has: a matter of milliseconds, for the supervisor kills at once.
    pub(crate) fn close(&mut self) {
        drop(self.supervisor.stdin.take());
        let _ = self.supervisor.wait();
    }

    /// Waits for the process to end.
    pub(crate) async fn wait(&mut self, deadline: Duration) -> anyhow::Result<ExitStatus> {
        let (pid, log) = (self.pid(), self.log.clone());
        wait::some(deadline, async || self.ended().ok().flatten())
            .await
            .with_context(|| format!("process {pid} does not end; {}", tail(&log)))
    }

    /// Waits for a line of the log that contains `text`, from byte `from` on, and returns it.
    pub(crate) async fn wait_for_line(
        &mut self,
        text: &str,
        from: usize,
        deadline: Duration,
    ) -> anyhow::Result<String> {
        let log = self.log.clone();
        let look = async || {
            // Whether it has ended is asked first: what it wrote before that is then in the log.
            let ended = self.ended().ok().flatten();
            match read(&log, from).lines().find(|line| line.contains(text)) {
                Some(line) => Some(Ok(line.to_owned())),
                None => ended.map(Err),
            }
        };
        match wait::some(deadline, look).await {
            Ok(Ok(line)) => Ok(line),
            Ok(Err(status)) => anyhow::bail!("ended ({status}) before {text:?}; {}", tail(&log)),
            Err(late) => Err(late.context(format!("no line has {text:?}; {}", tail(&log)))),
        }
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        self.close();
    }
}

/// The log from byte `from` on.
pub(crate) fn read(log: &Path, from: usize) -> String {
    let bytes = std::fs::read(log).unwrap_or_default();
    String::from_utf8_lossy(bytes.get(from..).unwrap_or_default()).into_owned()
}

/// Where the log is and how it ends, for an error.
pub(crate) fn tail(log: &Path) -> String {
    let text = read(log, 0);
    let lines: Vec<&str> = text.lines().collect();
    let last = lines[lines.len().saturating_sub(15)..].join("\n  ");
    format!("its log ({}) ends with:\n  {last}", log.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper(log: &Path) -> Spec {
        Spec {
            program: "sleep".into(),
            args: vec!["600".into()],
            envs: Vec::new(),
            log: log.to_owned(),
            end_by: None,
            remove: None,
        }
    }

    fn alive(pid: u32) -> bool {
        Path::new(&format!("/proc/{pid}")).exists()
    }

    #[test]
    fn the_process_ends_with_its_handle() {
        let log = tempfile::NamedTempFile::new().expect("a file");
        let process = Supervised::spawn(&sleeper(log.path())).expect("starts");
        let pid = process.pid();
        assert!(alive(pid));
        drop(process);
        assert!(!alive(pid));
    }

    #[tokio::test]
    async fn the_process_ends_when_the_pipe_closes_even_while_stopped() {
        let log = tempfile::NamedTempFile::new().expect("a file");
        let mut process = Supervised::spawn(&sleeper(log.path())).expect("starts");
        process.signal(Signal::STOP).expect("stops");
        // What the kernel does with the pipe when the test is killed.
        drop(process.supervisor.stdin.take());
        let status = process.wait(Duration::from_secs(60)).await.expect("ends");
        assert_eq!(status.code(), Some(128 + 9));
    }
}
