//! What a server can leave behind when it, or whoever started it, is killed: processes, and a System V memory segment.
//!
//! A process is known by the cluster's name, which is random, in its title or its arguments; its number alone is never
//! trusted, for numbers are used again.

use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a server may take to obey one signal before it gets the next.
const PATIENCE: Duration = Duration::from_secs(10);

/// Ends all processes of the cluster `name` and frees its memory. Says whether nothing is left.
pub(super) fn end(name: &str, data: &Path) -> bool {
    for signal in [Signal::QUIT, Signal::KILL] {
        let asked = Instant::now();
        let mut told: Vec<Pid> = Vec::new();
        loop {
            let running = processes(name);
            if running.is_empty() {
                free_memory(data);
                return true;
            }
            for pid in running.into_iter().filter(|pid| !told.contains(pid)).collect::<Vec<_>>() {
                // It may have ended meanwhile.
                let _ = kill_process(pid, signal);
                told.push(pid);
            }
            if asked.elapsed() > PATIENCE {
                break;
            }
            sleep(Duration::from_millis(20));
        }
    }
    false
}

/// Whether a process of the cluster `name` runs.
pub(super) fn is_running(name: &str) -> bool {
    !processes(name).is_empty()
}

fn processes(name: &str) -> Vec<Pid> {
    let all = if Path::new("/proc/self/cmdline").exists() { from_proc() } else { from_ps() };
    all.into_iter()
        .filter(|(_, title)| is_of_cluster(title, name))
        .filter_map(|(pid, _)| Pid::from_raw(pid))
        .collect()
}

/// A server's title is `postgres: NAME: walwriter`; before it is set, and the postmaster's, `…/postgres -D …/NAME/data`.
fn is_of_cluster(title: &str, name: &str) -> bool {
    let server = title.split_whitespace().next().unwrap_or_default().trim_end_matches(':');
    let is_server = ["postgres", "initdb"].contains(&server.rsplit('/').next().unwrap_or_default());
    let part = |character: char| character.is_ascii_alphanumeric() || "-._".contains(character);
    is_server && title.split(|character| !part(character)).any(|word| word == name)
}

fn from_proc() -> Vec<(i32, String)> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let title = std::fs::read(entry.path().join("cmdline")).ok()?;
            Some((pid, String::from_utf8_lossy(&title).replace('\0', " ")))
        })
        .collect()
}

fn from_ps() -> Vec<(i32, String)> {
    let output = Command::new("ps").args(["-A", "-ww", "-o", "pid=,command="]).stdin(Stdio::null()).output();
    let listed = output.map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&listed)
        .lines()
        .filter_map(|line| {
            let (pid, title) = line.trim_start().split_once(' ')?;
            Some((pid.parse().ok()?, title.to_owned()))
        })
        .collect()
}

/// Removes the segment that a killed postmaster could not remove. Its key and number are the seventh line of
/// `postmaster.pid`; without Linux's list of segments nothing is touched: the number may be somebody else's by now.
fn free_memory(data: &Path) {
    let Ok(file) = std::fs::read_to_string(data.join("postmaster.pid")) else { return };
    let Ok(segments) = std::fs::read_to_string("/proc/sysvipc/shm") else { return };
    if let Some(id) = left_segment(&file, &segments) {
        drop(Command::new("ipcrm").args(["-m", id]).stdin(Stdio::null()).output());
    }
}

fn left_segment<'a>(postmaster: &'a str, segments: &str) -> Option<&'a str> {
    let mut numbers = postmaster.lines().nth(6)?.split_whitespace();
    let (key, id) = (numbers.next()?, numbers.next()?);
    let unused = segments.lines().any(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        fields.first() == Some(&key) && fields.get(1) == Some(&id) && fields.get(6) == Some(&"0")
    });
    unused.then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_a_process_by_the_name_of_its_cluster() {
        let name = "pgrunbook-0a1b2c3d";
        for ours in [
            "/usr/lib/postgresql/15/bin/postgres -D /tmp/pgrunbook-0a1b2c3d/data -c x=y ",
            "postgres: pgrunbook-0a1b2c3d: walwriter ",
            "postgres: pgrunbook-0a1b2c3d: postgres app [local] COPY",
        ] {
            assert!(is_of_cluster(ours, name), "{ours}");
        }
        for other in [
            "vi /tmp/pgrunbook-0a1b2c3d/data/postgresql.conf",
            "postgres: pgrunbook-0a1b2c3d0: walwriter",
            "postgres: 15/main: walwriter",
            "",
        ] {
            assert!(!is_of_cluster(other, name), "{other}");
        }
    }

    #[test]
    fn takes_only_a_segment_of_the_same_key_that_nobody_uses() {
        let postmaster = "71\n/tmp/data\n1700000000\n5432\n/tmp\n\n  61200001         4\nready\n";
        let line = |key, id, attached| {
            format!("key shmid perms size cpid lpid nattch\n{key} {id} 600 56 1 2 {attached} 101\n")
        };
        assert_eq!(left_segment(postmaster, &line(61_200_001, 4, 0)), Some("4"));
        assert_eq!(left_segment(postmaster, &line(61_200_001, 4, 1)), None);
        assert_eq!(left_segment(postmaster, &line(77_700_001, 4, 0)), None);
        assert_eq!(left_segment("71\n/tmp/data\n", &line(61_200_001, 4, 0)), None);
    }
}
