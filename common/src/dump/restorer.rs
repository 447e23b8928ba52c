//! `pg_restore`, which reads pg_dump's archives.

use super::pardon;
use crate::cli::signals;
use crate::error::{Class, Error, Result};
use crate::pg::programs::{self, Program};
use crate::pg::target::in_quotes;
use crate::pg::wire::stopped;
use std::io::{BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

/// How much of its messages is kept.
const KEPT: u64 = 64 << 10;

/// A `pg_restore` that can read the archive.
pub(super) struct Restorer {
    program: Program,
}

impl Restorer {
    /// The oldest that reads archives of format 1.`format`: a newer one writes what older servers do not know.
    pub(super) fn for_format(format: u8) -> Result<Self> {
        let major = match format {
            0..=14 => 12,
            15 => 16,
            _ => 17,
        };
        Ok(Self { program: programs::client("pg_restore", major)? })
    }

    /// Whether what it sends by itself is understood by a server of `major`: from 17 on it sets `transaction_timeout`.
    pub(super) fn suits(&self, major: u32) -> bool {
        self.program.version.major < 17 || major >= 17
    }

    /// Restores `archive` into `database` of the cluster that `lead` leads to.
    ///
    /// With `jobs`, in three runs: in one, it makes triggers of a partitioned table as soon as that has no rows of its own,
    /// while the rows of its partitions still come in, and fire them. The first of them has one job: several would grant
    /// privileges in any order, also those of a role that cannot grant without having been granted others.
    pub(super) fn restore(
        &self,
        lead: &dyn Fn(&mut Command),
        archive: &Path,
        database: &str,
        jobs: Option<u16>,
    ) -> Result<()> {
        let runs = match jobs {
            None => vec![(None, None)],
            Some(_) => vec![
                (Some("--section=pre-data"), None),
                (Some("--section=data"), jobs),
                (Some("--section=post-data"), jobs),
            ],
        };
        for (section, jobs) in runs {
            let mut command = self.program.start();
            lead(&mut command);
            command.args(["--exit-on-error", "--no-tablespaces", "--no-password"]);
            command.arg(format!("--dbname=dbname={}", in_quotes(database)));
            command.args(jobs.map(|jobs| format!("--jobs={jobs}"))).args(section);
            Running::start(command.arg(archive).stdout(Stdio::null()))?.finish()?;
        }
        Ok(())
    }

    /// Writes `archive` as a script; `use_it` reads that.
    pub(super) fn script<T>(
        &self,
        archive: &Path,
        options: &[&str],
        use_it: impl FnOnce(BufReader<ChildStdout>) -> Result<T>,
    ) -> Result<T> {
        let mut command = self.program.start();
        command.args(["--file=-", "--no-tablespaces"]).args(options);
        let mut child = Running::start(command.arg(archive).stdout(Stdio::piped()))?;
        let stdout = child.child.stdout.take();
        let stdout = stdout.ok_or_else(|| Error::failed("internal", "pg_restore has no standard output"))?;
        let used = use_it(BufReader::with_capacity(256 << 10, stdout));
        if let Err(error) = used {
            // That it was stopped half-way is our doing, unless it stopped by itself.
            return Err(if child.failed_by_itself() { child.finish().err().unwrap_or(error) } else { error });
        }
        child.finish().and(used)
    }
}

/// A child that ends with its value.
struct Running {
    child: Child,
    said: Option<JoinHandle<String>>,
    ended: bool,
}

impl Running {
    fn start(command: &mut Command) -> Result<Self> {
        // Its complaints are looked through for what they mean.
        command.env("LC_ALL", "C").stdin(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| Error::io("cannot start pg_restore", &error))?;
        let said = child.stderr.take().map(|stderr| std::thread::spawn(move || read(stderr)));
        Ok(Self { child, said, ended: false })
    }

    /// Whether it has failed while its output was read to the end.
    fn failed_by_itself(&mut self) -> bool {
        // Its output ends a moment before it does.
        for _ in 0..20 {
            match self.child.try_wait() {
                Ok(Some(status)) => return status.code().is_some_and(|code| code != 0),
                Ok(None) => std::thread::sleep(Duration::from_millis(5)),
                Err(_) => return false,
            }
        }
        false
    }

    fn finish(&mut self) -> Result<()> {
        let status = loop {
            let ended =
                self.child.try_wait().map_err(|error| Error::io("cannot wait for pg_restore", &error))?;
            if let Some(status) = ended {
                break status;
            }
            if signals::stop_requested() {
                return Err(stopped());
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        self.ended = true;
        if signals::stop_requested() {
            return Err(stopped());
        }
        let said = self.said.take().and_then(|reader| reader.join().ok()).unwrap_or_default();
        if status.success() { Ok(()) } else { Err(failed(status, &said)) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        // With SIGTERM it tells its workers and their servers, too.
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        for _ in 0..500 {
            match self.child.try_wait() {
                Ok(None) => std::thread::sleep(Duration::from_millis(10)),
                _ => return,
            }
        }
        // It may end in this very moment.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The end of what it says does not matter as much as its beginning, but the pipe has to be emptied.
fn read(mut stderr: ChildStderr) -> String {
    let mut said = Vec::new();
    let kept = stderr.by_ref().take(KEPT).read_to_end(&mut said);
    if kept.is_ok() {
        let _ = std::io::copy(&mut stderr, &mut std::io::sink());
    }
    String::from_utf8_lossy(&said).into_owned()
}

/// What it said, without statements, which may hold values.
fn failed(status: ExitStatus, said: &str) -> Error {
    let mut causes = Vec::new();
    for line in said.lines() {
        let line = line.strip_prefix("pg_restore: ").unwrap_or(line);
        let tells = ["error: ", "from TOC entry ", "while ", "DETAIL:", "fatal: ", "HINT:"];
        if tells.iter().any(|start| line.starts_with(start)) {
            causes.push(line.strip_prefix("error: ").unwrap_or(line).trim_end().to_owned());
        }
    }
    let what = if causes.is_empty() {
        format!("pg_restore failed ({status}): {}", said.trim())
    } else {
        "pg_restore failed".to_owned()
    };
    let damaged = [
        "end of file",
        "could not uncompress",
        "could not decompress",
        "corrupt",
        "could not find block",
        "unexpected data offset",
        "not a valid archive",
    ];
    let error = match pardon::lacks(said) {
        Some((code, hint)) => Error::failed(code, what).hint(hint),
        None if status.code().is_none()
            || said.contains("could not connect")
            || said.contains("server closed") =>
        {
            Error::failed("pg_restore", what)
        }
        None if damaged.iter().any(|word| said.contains(word)) => Error::new(Class::No, "damaged", what),
        None => Error::new(Class::No, "does_not_restore", what),
    };
    causes.into_iter().take(6).fold(error, Error::cause)
}
