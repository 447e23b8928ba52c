//! A server process that is our child, and ends with its value.

use super::leftovers;
use super::ready::{self, Answer};
use crate::error::{Context, Error, Result};
use crate::pg::wire::stopped;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How often a child is looked at.
const PAUSE: Duration = Duration::from_millis(10);

/// How long a server may take to let us in.
const START: Duration = Duration::from_mins(2);

/// How long a server may take to stop before it is told more firmly.
const STOP: Duration = Duration::from_secs(30);

/// How many of the log's last lines an error shows.
const LINES: usize = 12;

/// A running postmaster.
#[derive(Debug)]
pub(super) struct Running {
    child: Option<Child>,
    name: String,
    data: PathBuf,
}

impl Running {
    /// Starts `command`, the postmaster of cluster `name`, its messages going to `log`.
    pub(super) fn start(command: &mut Command, name: &str, data: &Path, log: &Path) -> Result<Self> {
        let child = spawn(command, log)?;
        Ok(Self { child: Some(child), name: name.into(), data: data.into() })
    }

    /// The postmaster's process.
    pub(super) fn pid(&self) -> u32 {
        self.child.as_ref().map(Child::id).unwrap_or_default()
    }

    /// Waits until the server lets `user` in at `socket`. Fails when it ends instead, with the end of its log.
    pub(super) fn wait_until_ready(
        &mut self,
        socket: &Path,
        user: &str,
        log: &Path,
        stop: Option<fn() -> bool>,
    ) -> Result<()> {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.as_mut().map_or(Ok(None), Child::try_wait).context(lost)? {
                return Err(failed("the server of the private cluster did not start", status, log));
            }
            match ready::ask(socket, user) {
                Answer::Ready => return Ok(()),
                Answer::NotYet => {}
                Answer::Refused(error) => {
                    return Err(
                        Error::server(error).context("cannot connect to the private cluster's server")
                    );
                }
            }
            if stop.is_some_and(|stop| stop()) {
                return Err(stopped());
            }
            if started.elapsed() > START {
                let message =
                    format!("the server of the private cluster was not ready after {} s", START.as_secs());
                return Err(with_log(Error::failed("sandbox_start", message), log));
            }
            sleep(PAUSE);
        }
    }

    /// Stops the server: for good when nothing has to last, otherwise with all that is written safe in its files.
    pub(super) fn stop(&mut self, to_last: bool) -> Result<()> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        let signals: &[Signal] =
            if to_last { &[Signal::INT, Signal::QUIT, Signal::KILL] } else { &[Signal::QUIT, Signal::KILL] };
        let mut orderly = false;
        for &signal in signals {
            if end(&mut child, signal)? {
                orderly = signal != Signal::KILL && child.wait().is_ok_and(|status| status.code().is_some());
                break;
            }
        }
        // A postmaster that was killed leaves its children and its memory.
        if orderly || leftovers::end(&self.name, &self.data) {
            return Ok(());
        }
        Err(Error::failed(
            "sandbox_stop",
            format!("cannot end the processes of the private cluster {}", self.name),
        ))
    }

    /// Leaves the server to itself. Gives its process.
    pub(super) fn leave(mut self) -> u32 {
        let pid = self.pid();
        self.child = None;
        pid
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // What cannot be ended now is swept up by the next start.
        drop(self.stop(false));
    }
}

/// Runs `command` to its end. Fails with what it said when it fails, or when `stop` says so.
pub(super) fn finish(
    command: &mut Command,
    what: &str,
    log: &Path,
    stop: Option<fn() -> bool>,
) -> Result<()> {
    let mut child = spawn(command, log)?;
    loop {
        match child.try_wait().context(lost)? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(failed(what, status, log)),
            None if stop.is_some_and(|stop| stop()) => {
                if !end(&mut child, Signal::INT)? {
                    end(&mut child, Signal::KILL)?;
                }
                return Err(stopped());
            }
            None => sleep(PAUSE),
        }
    }
}

/// A child in a process group of its own: Ctrl-C in the terminal is for its owner, who then ends it.
fn spawn(command: &mut Command, log: &Path) -> Result<Child> {
    let open = || File::options().create(true).append(true).open(log);
    let (out, err) =
        open().and_then(|out| Ok((out, open()?))).context(|| format!("cannot write {}", log.display()))?;
    let program = command.get_program().to_owned();
    command.stdin(Stdio::null()).stdout(out).stderr(err).process_group(0);
    command.spawn().map_err(|error| {
        let mut told = Error::io(format!("cannot start {}", program.display()), &error);
        if error.kind() == std::io::ErrorKind::PermissionDenied && rustix::process::geteuid().is_root() {
            told = told.hint("root starts servers as an unprivileged user: it must be able to read them");
        }
        told
    })
}

/// Sends a signal and waits for the end. Says whether it came.
fn end(child: &mut Child, signal: Signal) -> Result<bool> {
    let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else { return Ok(true) };
    let asked = Instant::now();
    if child.try_wait().context(lost)?.is_none() {
        // It may end by itself just now.
        let _ = kill_process(pid, signal);
    }
    while child.try_wait().context(lost)?.is_none() {
        if asked.elapsed() > STOP {
            return Ok(false);
        }
        sleep(PAUSE);
    }
    Ok(true)
}

fn lost() -> String {
    "cannot wait for a process of the private cluster".into()
}

fn failed(what: &str, status: ExitStatus, log: &Path) -> Error {
    with_log(Error::failed("sandbox_start", format!("{what} ({status})")), log)
}

fn with_log(error: Error, log: &Path) -> Error {
    let said = std::fs::read(log).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    lines
        .iter()
        .skip(lines.len().saturating_sub(LINES))
        .fold(error, |error, line| error.cause(line.trim_end()))
}
