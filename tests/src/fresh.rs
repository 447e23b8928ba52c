//! New clusters for tests: what initdb makes, with an identity of its own, copied from one that is kept, because initdb takes a
//! second of a processor.

use crate::tool::kept_clusters;
use common::sandbox::{Options, Sandbox};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A server of its own of `major`, with these settings.
pub(crate) fn start(major: u32, settings: Vec<(String, String)>) -> Sandbox {
    let kept = kept(major);
    let options = Options { settings, ..of_major(major) };
    let started = Sandbox::start_on(&options, |data| {
        copy(&kept, data);
        give_identity(data);
        Ok(())
    });
    started.unwrap_or_else(|error| panic!("{error}"))
}

/// The usual cluster of a major version.
pub(crate) fn of_major(major: u32) -> Options {
    Options { major: Some(major), ..Options::default() }
}

/// Stops a server that its owner will use no more; its files are whole then.
pub(crate) fn stop(sandbox: &Sandbox) -> PathBuf {
    let data = sandbox.data_directory();
    let postmaster = rustix::process::Pid::from_raw(sandbox.postmaster_pid().try_into().unwrap());
    rustix::process::kill_process(postmaster.unwrap(), rustix::process::Signal::INT).unwrap();
    let deadline = Instant::now() + Duration::from_mins(1);
    while data.join("postmaster.pid").exists() {
        assert!(Instant::now() < deadline, "the server does not stop");
        std::thread::sleep(Duration::from_millis(20));
    }
    data
}

/// Copies a cluster's files into a directory that is there.
pub(crate) fn copy(from: &Path, to: &Path) {
    // What is not written of its log takes no space.
    crate::cluster::output(
        Command::new("cp").args(["-a", "--sparse=always"]).arg(from.join(".")).arg(to),
        "",
    );
}

/// The one that is kept; it is made if it is not there.
fn kept(major: u32) -> PathBuf {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let server = common::pg::programs::servers().into_iter().find(|server| server.major == major);
    let server = server.unwrap_or_else(|| panic!("there is no server of {major}"));
    let kept = kept_clusters().join(format!("fresh{}", server.bin.display().to_string().replace('/', "-")));
    if !kept.is_dir() {
        let made = Sandbox::start(&of_major(major)).unwrap_or_else(|error| panic!("{error}"));
        let draft = kept_clusters().join(common::random_hex::<8>().unwrap());
        std::fs::create_dir(&draft).unwrap();
        copy(&stop(&made), &draft);
        if std::fs::rename(&draft, &kept).is_err() {
            // Another test program was faster.
            std::fs::remove_dir_all(&draft).unwrap();
        }
    }
    kept
}

/// Gives a stopped cluster another system identifier: in its control file and in the first page of its log.
fn give_identity(data: &Path) {
    let path = data.join("global/pg_control");
    let mut control = std::fs::read(&path).unwrap();
    let end =
        (16..1024).step_by(4).find(|&end| control[end..end + 4] == crc32c(&control[..end]).to_ne_bytes());
    let end = end.expect("the control file has a checksum");
    let old: [u8; 8] = control[..8].try_into().unwrap();
    let new = u64::from_str_radix(&common::random_hex::<8>().unwrap(), 16).unwrap() >> 1;
    control[..8].copy_from_slice(&new.to_ne_bytes());
    let sum = crc32c(&control[..end]).to_ne_bytes();
    control[end..end + 4].copy_from_slice(&sum);
    std::fs::write(&path, control).unwrap();
    for file in std::fs::read_dir(data.join("pg_wal")).unwrap() {
        use std::os::unix::fs::FileExt as _;
        let path = file.unwrap().path();
        if !path.is_file() {
            continue;
        }
        let log = std::fs::File::options().read(true).write(true).open(path).unwrap();
        let mut found = [0; 8];
        // Where the long header of a page has it (access/xlog_internal.h).
        if log.read_exact_at(&mut found, 24).is_ok() && found == old {
            log.write_all_at(&new.to_ne_bytes(), 24).unwrap();
        }
    }
}

/// The checksum of the control file (Castagnoli's polynomial, reflected).
fn crc32c(bytes: &[u8]) -> u32 {
    let step = |rest: u32| if rest & 1 == 1 { rest >> 1 ^ 0x82F6_3B78 } else { rest >> 1 };
    let byte = |sum: u32, byte: &u8| (0..8).fold(sum ^ u32::from(*byte), |rest, _| step(rest));
    !bytes.iter().fold(!0, byte)
}
