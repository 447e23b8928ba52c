//! The helper's process: started with its program on stdin, asked, heard, and never left behind.

use super::args::Django;
use super::messages::{Order, Said};
use super::trouble;
use common::cli::signals;
use common::error::{Class, Error, Result};
use common::pg::wire::stopped;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

/// All of it, as one program.
const PROGRAM: &str = concat!(
    include_str!("helper/wire.py"),
    include_str!("helper/project.py"),
    include_str!("helper/source.py"),
    include_str!("helper/state.py"),
    include_str!("helper/branches.py"),
    include_str!("helper/plan.py"),
    include_str!("helper/rules.py"),
    include_str!("helper/lint.py"),
    include_str!("helper/missing.py"),
    include_str!("helper/backwards.py"),
    include_str!("helper/run.py"),
    include_str!("helper/squash.py"),
    include_str!("helper/main.py"),
);

/// Reads the program from stdin, so that it is nowhere a file and reaches into containers.
const BEGIN: &str = "import sys\nn = int(sys.stdin.buffer.readline())\n\
    exec(compile(sys.stdin.buffer.read(n), '<pgshift>', 'exec'))";

/// How often is looked whether the run shall stop.
const TICK: Duration = Duration::from_millis(100);

/// A longer line is no message.
const LONGEST: u64 = 256 << 20;

/// The helper, running.
pub(crate) struct Helper {
    child: Child,
    orders: Option<ChildStdin>,
    said: Receiver<Vec<u8>>,
    name: String,
}

impl Helper {
    /// Starts it, in an environment that `lead` decides about.
    pub(super) fn start(django: &Django, lead: impl FnOnce(&mut Command)) -> Result<Self> {
        let words = interpreter(django)?;
        let name = words.join(" ");
        let (program, arguments) =
            words.split_first().ok_or_else(|| Error::usage("--django-command is empty"))?;
        let mut command = Command::new(program);
        command.args(arguments).args(["-c", BEGIN]).stdin(Stdio::piped()).stdout(Stdio::piped());
        // Ctrl-C is ours to hear: it would end the helper in the middle of what we could still tell.
        command.process_group(0);
        lead(&mut command);
        let mut child = command.spawn().map_err(|error| {
            Error::io(format!("cannot run {name}"), &error)
                .code_is("no_python")
                .hint("name the project's interpreter with --python, or --django-command")
        })?;
        let orders = child.stdin.take();
        let stdout = child.stdout.take();
        let (sender, said) = sync_channel(100);
        std::thread::spawn(move || {
            let Some(stdout) = stdout else { return };
            let mut lines = BufReader::new(stdout);
            loop {
                let mut line = Vec::new();
                match lines.by_ref().take(LONGEST).read_until(b'\n', &mut line) {
                    Ok(1..) if sender.send(line).is_ok() => {}
                    _ => return,
                }
            }
        });
        let mut helper = Self { child, orders, said, name };
        helper.send(format!("{}\n{PROGRAM}", PROGRAM.len()).as_bytes())?;
        match helper.hear()? {
            Said::Ready {} => Ok(helper),
            other => Err(unexpected(&other)),
        }
    }

    /// Tells it what to do.
    pub(crate) fn order(&mut self, order: &Order<'_>) -> Result<()> {
        let mut line =
            serde_json::to_vec(order).map_err(|error| Error::failed("internal", error.to_string()))?;
        line.push(b'\n');
        self.send(&line)
    }

    fn send(&mut self, bytes: &[u8]) -> Result<()> {
        let sent = self.orders.as_mut().map(|orders| orders.write_all(bytes).and_then(|()| orders.flush()));
        // Why it is gone says more than that it is.
        if matches!(sent, Some(Ok(()))) { Ok(()) } else { Err(self.gone()) }
    }

    /// What it says next. What it refuses is an error.
    pub(crate) fn hear(&mut self) -> Result<Said> {
        loop {
            if signals::stop_requested() {
                return Err(stopped());
            }
            match self.said.recv_timeout(TICK) {
                Ok(line) => return heard(&line, &self.name),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(self.gone()),
            }
        }
    }

    /// Tells it what to do and hears the answer; a failure is an error.
    pub(crate) fn ask(&mut self, order: &Order<'_>) -> Result<Said> {
        self.order(order)?;
        match self.hear()? {
            Said::Failed(failed) => Err(trouble::plain(&failed.failure)),
            said => Ok(said),
        }
    }

    /// The helper ended by itself.
    fn gone(&mut self) -> Error {
        self.orders = None;
        let Ok(status) = self.child.wait() else {
            return Error::failed("helper_gone", format!("{} ended", self.name));
        };
        let what = match (status.signal(), status.code()) {
            (Some(signal), _) => format!("{} was ended by signal {signal}", self.name),
            (_, code) => format!("{} ended with exit code {}", self.name, code.unwrap_or_default()),
        };
        let error = Error::failed("helper_gone", what);
        match status.signal() {
            Some(9) => error.class_is(Class::Interrupted).hint(
                "was there memory enough? --memory-limit ends it with a message; run it again and it goes on",
            ),
            _ => error.hint("what it wrote on stderr may say why"),
        }
    }
}

impl Helper {
    /// Ends it where it is, with what it started: that holds its connection, too.
    pub(crate) fn end(&mut self) {
        // It may have ended before.
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        // What the project left running is its own affair when nothing went wrong.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn heard(line: &[u8], name: &str) -> Result<Said> {
    let said: Said = serde_json::from_slice(line).map_err(|error| {
        Error::failed("helper", format!("{name} says what cannot be understood")).cause(error.to_string())
    })?;
    match said {
        Said::Refused { code, message, causes, hint } => Err(trouble::refused(&code, message, causes, hint)),
        said => Ok(said),
    }
}

/// It said something that it was not asked.
pub(super) fn unexpected(said: &Said) -> Error {
    let text = format!("{said:?}");
    Error::failed("helper", "the helper says something that it was not asked")
        .cause(text.chars().take(200).collect::<String>())
}

/// The words that run the project's Python.
fn interpreter(django: &Django) -> Result<Vec<String>> {
    if let Some(command) = &django.django_command {
        return shlex::split(command)
            .filter(|words| !words.is_empty())
            .ok_or_else(|| Error::usage("--django-command is not closed: a quotation mark is missing"));
    }
    if let Some(python) = &django.python {
        return Ok(vec![python.display().to_string()]);
    }
    let active = std::env::var_os("VIRTUAL_ENV").map(PathBuf::from);
    let manage = django.manage().unwrap_or_default();
    let near = match manage.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let near = [".venv", "venv", "env", "../.venv", "../venv"].map(|name| near.join(name));
    let found =
        active.into_iter().chain(near).map(|root| root.join("bin/python")).find(|python| python.exists());
    Ok(vec![found.map_or_else(|| "python3".to_owned(), |python| python.display().to_string())])
}
