//! Asks a person for a passphrase, on the terminal and nowhere else, without showing it.

use super::signals;
use crate::error::{Error, Result};
use crate::seal::SecretString;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::fs::File;
use std::io::{Read as _, Write as _};

/// How often it looks whether it shall stop.
const GLANCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// Gives the terminal its echo back.
struct Quiet<'a> {
    terminal: &'a File,
    before: Termios,
}

impl<'a> Quiet<'a> {
    fn new(terminal: &'a File) -> std::io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        tcsetattr(terminal, OptionalActions::Flush, &quiet)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Quiet<'_> {
    fn drop(&mut self) {
        // There is nobody left to tell.
        let _ = tcsetattr(self.terminal, OptionalActions::Flush, &self.before);
        let _ = (&mut &*self.terminal).write_all(b"\n");
    }
}

/// What was typed, up to the end of the line.
pub(super) fn ask(prompt: &str) -> Result<SecretString> {
    let terminal = File::options().read(true).write(true).open("/dev/tty").map_err(|_| {
        Error::usage("it is protected by a passphrase, and there is no terminal to ask for it")
            .hint("give an identity without a passphrase, such as one that is readable for this user only")
    })?;
    let cannot = |error: std::io::Error| Error::io("cannot ask for the passphrase", &error);
    let quiet = Quiet::new(&terminal).map_err(cannot)?;
    (&mut &terminal).write_all(prompt.as_bytes()).map_err(cannot)?;
    let mut line = Vec::new();
    loop {
        if signals::stop_requested() {
            return Err(crate::pg::wire::stopped());
        }
        let mut ready = [PollFd::new(&terminal, PollFlags::IN)];
        match poll(&mut ready, Some(&GLANCE)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => continue,
            Ok(_) => {}
            Err(error) => return Err(cannot(error.into())),
        }
        let mut byte = [0];
        match (&mut &terminal).read(&mut byte).map_err(cannot)? {
            0 => break,
            _ if byte[0] == b'\n' => break,
            _ => line.push(byte[0]),
        }
    }
    drop(quiet);
    let text = String::from_utf8(line).map_err(|_| Error::usage("the passphrase is not UTF-8"))?;
    Ok(SecretString::from(text))
}
