//! A program run on the copy: no shell, its records pass through, its exit code counts.

use super::Copy;
use crate::records::VerifyResult;
use common::cli::{Session, signals};
use common::error::{Class, Error, Result};
use common::records::Format;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A longer line is no record, and is passed on in pieces.
const LONGEST: u64 = 16 << 20;

/// How long a program may tidy up after SIGTERM.
const GRACE: Duration = Duration::from_secs(10);

/// Runs `words`; fails unless the program exits with 0.
pub(super) fn run(session: &Session<VerifyResult>, copy: &Copy, words: &[OsString]) -> Result<()> {
    let Some((program, arguments)) = words.split_first() else { return Ok(()) };
    let name = program.to_string_lossy().into_owned();
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    copy.lead(&mut command);
    copy.tell(&mut command)?;
    // On a terminal the program shows what it would show there; otherwise its records become part of ours.
    let piped = session.format() != Format::Table;
    command.stdout(if piped { Stdio::piped() } else { Stdio::inherit() });
    let mut child = command.spawn().map_err(|error| {
        Error::io(format!("cannot run {name}"), &error).code_is("command").class_is(Class::Failed)
    })?;
    let stdout = child.stdout.take();
    let status = std::thread::scope(|scope| {
        let reader = stdout.map(|stdout| scope.spawn(move || pass_on(session, BufReader::new(stdout))));
        let status = wait(&mut child);
        // Its end is seen by the reader, unless a grandchild holds the pipe: then that is what is waited for.
        let read = reader.map_or(Ok(()), |reader| reader.join().unwrap_or(Ok(())));
        status.and_then(|status| read.map(|()| status))
    })?;
    judge(session, &name, status)
}

/// Passes records on as they come; everything else goes to the people at stderr.
fn pass_on(session: &Session<VerifyResult>, mut lines: impl BufRead) -> Result<()> {
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = lines.by_ref().take(LONGEST).read_until(b'\n', &mut line);
        match read.map_err(|error| Error::io("cannot read what the command writes", &error))? {
            0 => return Ok(()),
            _ => session.pass_on(&line),
        }
    }
}

fn wait(child: &mut Child) -> Result<ExitStatus> {
    let mut told: Option<Instant> = None;
    loop {
        let done = child.try_wait();
        if let Some(status) = done.map_err(|error| Error::io("cannot wait for the command", &error))? {
            return if told.is_some() { Err(common::pg::wire::stopped()) } else { Ok(status) };
        }
        match told {
            None if signals::stop_requested() => {
                terminate(child);
                told = Some(Instant::now());
            }
            Some(since) if since.elapsed() > GRACE => {
                // It may have ended in this very moment.
                let _ = child.kill();
            }
            _ => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

fn terminate(child: &Child) {
    let pid = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(pid) = pid {
        // It may have ended in this very moment.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
    }
}

fn judge(session: &Session<VerifyResult>, name: &str, status: ExitStatus) -> Result<()> {
    if let Some(signal) = status.signal() {
        return Err(Error::failed("command", format!("{name} was ended by signal {signal}")));
    }
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX);
    session.result().command_exit_code = Some(code);
    // The codes of these tools keep their meaning; to other programs any of them is a "no".
    let class = match code {
        0 => return Ok(()),
        2 | 3 => Class::Failed,
        4 => Class::Refused,
        5 => Class::Interrupted,
        _ => Class::No,
    };
    Err(Error::new(class, "command", format!("{name} exited with {code} on the copy")))
}
