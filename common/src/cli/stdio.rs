//! The standard streams as file descriptors: waiting on them in a way that a signal can end.

use super::signals;
use indicatif::MultiProgress;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, fstat};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long one wait takes before the stop flag is looked at.
const TICK: Timespec = Timespec { tv_sec: 0, tv_nsec: 250_000_000 };

/// A pipe that polls as writable takes this much without blocking: `PIPE_BUF`, pipe(7).
const ATOMIC: usize = 4096;

/// How long a reader that takes nothing may hold up a run that was told to stop.
const PATIENCE: Duration = Duration::from_secs(2);

/// Stdout without a buffer. A reader that stalls cannot keep the run from ending after a signal.
pub(super) struct Stdout {
    /// The progress bars that have to make room when stdout is the terminal they are on.
    pub(super) bars: Option<MultiProgress>,
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &self.bars {
            Some(bars) => bars.suspend(|| write_stdout(bytes)),
            None => write_stdout(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn write_stdout(bytes: &[u8]) -> io::Result<usize> {
    let stdout = io::stdout();
    let mut told: Option<Instant> = None;
    loop {
        let mut fds = [PollFd::new(&stdout, PollFlags::OUT)];
        match poll(&mut fds, Some(&TICK)) {
            Ok(0) | Err(Errno::INTR) => {
                let since = *told.get_or_insert_with(Instant::now);
                if signals::received().is_none() {
                    told = None;
                } else if since.elapsed() > PATIENCE {
                    return Err(io::Error::new(ErrorKind::TimedOut, "its reader takes nothing"));
                }
                continue;
            }
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        match rustix::io::write(&stdout, bytes.get(..ATOMIC).unwrap_or(bytes)) {
            Err(Errno::INTR | Errno::AGAIN) => {}
            written => return written.map_err(io::Error::from),
        }
    }
}

/// Stdin that stops waiting when the run should stop.
pub(super) struct Stdin;

impl Read for Stdin {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let stdin = io::stdin();
        loop {
            if signals::stop_requested() {
                return Err(io::Error::other("told to stop"));
            }
            let mut fds = [PollFd::new(&stdin, PollFlags::IN)];
            match poll(&mut fds, Some(&TICK)) {
                Ok(0) | Err(Errno::INTR) => continue,
                Ok(_) => {}
                Err(error) => return Err(error.into()),
            }
            match rustix::io::read(&stdin, &mut *buffer) {
                Err(Errno::INTR | Errno::AGAIN) => {}
                read => return read.map_err(io::Error::from),
            }
        }
    }
}

/// Calls `gone` when stdout is a pipe or a socket and its other end has been closed, even while nothing is written.
pub(super) fn watch_reader(gone: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let stdout = io::stdout();
    let kind = fstat(&stdout).map(|stat| FileType::from_raw_mode(stat.st_mode));
    if !matches!(kind, Ok(FileType::Fifo | FileType::Socket)) {
        return Ok(());
    }
    let watched = Arc::new(File::from(stdout.as_fd().try_clone_to_owned()?));
    std::thread::Builder::new().name("reader".to_owned()).spawn(move || {
        loop {
            // ERR and HUP are reported without being asked for.
            let mut fds = [PollFd::new(&*watched, PollFlags::empty())];
            match poll(&mut fds, None) {
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => return gone(),
                Err(_) => return,
            }
        }
    })?;
    Ok(())
}

/// Whether colours may be used on this stream: <https://no-color.org>.
pub(super) fn colours(stream: &impl IsTerminal) -> bool {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    stream.is_terminal() && set("NO_COLOR").is_none() && !dumb()
}

/// Whether the terminal can only print lines.
pub(super) fn dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// How many characters a line of stdout has.
pub(super) fn width() -> Option<u16> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    Some(size.ws_col).filter(|columns| *columns > 0)
}
