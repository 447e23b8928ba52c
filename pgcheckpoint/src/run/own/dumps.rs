//! Whether a directory of somebody's dump files holds a fresh one.

use super::backups::ratio;
use super::{Own, Sight};
use crate::cli::Outside;
use crate::run::Finding;
use common::error::{Context, Error, Result};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

pub(super) const AGE: Own = Own {
    group: "backups",
    name: "dump_age",
    head: "-- How old the newest dump file is.\n\
           -- unit: seconds\n-- warn: 26h\n-- crit: 50h\n\
           -- reads: the directory that --dumps names\n\
           -- message: the newest dump ({file}, {bytes:bytes}) is {value} old\n\
           -- hint: see whether the job that makes dumps still runs; `pgverify archive` proves a dump",
    look: age,
    idle,
};

pub(super) const SIZE: Own = Own {
    group: "backups",
    name: "dump_size",
    head: "-- How large the newest dump file is, beside the one before it.\n\
           -- unit: ratio\n-- warn: 80%\n-- crit: 50%\n-- below: yes\n\
           -- reads: the directory that --dumps names\n\
           -- message: the newest dump ({file}) has {bytes:bytes}, {value} of the one before\n\
           -- fine: there is only one dump\n\
           -- hint: `pgverify archive` restores it and counts what is in it",
    look: size,
    idle,
};

struct Dump {
    path: PathBuf,
    written: SystemTime,
    bytes: u64,
}

fn idle(outside: &Outside) -> Option<&'static str> {
    outside.dumps.is_none().then_some("no --dumps were named")
}

fn age(sight: &mut Sight<'_>) -> Result<Vec<Finding>> {
    let dumps = dumps(sight)?;
    let Some(newest) = dumps.first() else {
        return Ok(vec![
            Finding::default().with("status", "crit").with("message", "the directory holds no file"),
        ]);
    };
    let age = SystemTime::now().duration_since(newest.written).unwrap_or_default().as_secs_f64();
    Ok(vec![told(newest).with("value", &age)])
}

fn size(sight: &mut Sight<'_>) -> Result<Vec<Finding>> {
    let dumps = dumps(sight)?;
    let (Some(newest), Some(before)) = (dumps.first(), dumps.get(1)) else { return Ok(Vec::new()) };
    Ok(vec![told(newest).with("value", &ratio(newest.bytes, before.bytes))])
}

fn told(dump: &Dump) -> Finding {
    let name = dump.path.file_name().unwrap_or_default().to_string_lossy();
    Finding::default().with("file", &name).with("bytes", &dump.bytes)
}

/// Files, and directories that `pg_dump --format=directory` made, newest first.
fn dumps(sight: &Sight<'_>) -> Result<Vec<Dump>> {
    let Some(place) = &sight.outside.dumps else {
        return Err(Error::failed("internal", "no dumps were named"));
    };
    let cannot = || format!("cannot read {}", place.display());
    let mut dumps = Vec::new();
    for entry in place.read_dir().context(cannot)? {
        let path = entry.context(cannot)?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let metadata = path.metadata().context(cannot)?;
        let is_archive = metadata.is_dir() && path.join("toc.dat").is_file();
        if !hidden && (metadata.is_file() || is_archive) {
            let bytes = if is_archive { total(&path).context(cannot)? } else { metadata.len() };
            dumps.push(Dump { written: metadata.modified().context(cannot)?, path, bytes });
        }
    }
    dumps.sort_by_key(|dump| std::cmp::Reverse(dump.written));
    Ok(dumps)
}

fn total(directory: &Path) -> std::io::Result<u64> {
    let mut bytes = 0;
    for entry in directory.read_dir()? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}
