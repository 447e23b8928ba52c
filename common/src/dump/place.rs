//! The private cluster that a dump goes into, like the one that it comes from as far as the dump tells.

use super::about::About;
use crate::cli::signals;
use crate::error::{Error, Result};
use crate::pg::programs;
use crate::pg::session::Session;
use crate::pg::target::Target;
use crate::sandbox::{MAJORS, Options, Sandbox};
use std::path::Path;

/// Bytes of tables and indexes for each byte of a file: compressed dumps grow.
const GROWTH: u64 = 2;

/// The databases of a private cluster.
pub struct Databases {
    target: Target,
}

impl Databases {
    /// Those of the cluster of `target`.
    pub fn of(target: &Target) -> Self {
        Self { target: target.clone() }
    }

    /// A session in the database `name`, as psql would have it.
    pub fn open(&self, name: &str) -> Result<Session> {
        let mut session = Session::open(&self.target.with_database(name))?;
        // Servers have it since the summer of 2022; without it there are no tablespaces.
        session.execute(
            "SELECT pg_catalog.set_config(name, 'on', false) FROM pg_catalog.pg_settings \
             WHERE name = 'allow_in_place_tablespaces'",
        )?;
        Ok(session)
    }
}

/// What was asked of the cluster.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place<'a> {
    /// Its major version, instead of the source's.
    pub major: Option<u32>,
    /// Settings of its server.
    pub settings: &'a [(String, String)],
    /// The directory that it is made in.
    pub parent: Option<&'a Path>,
}

/// Starts the cluster; says in the second value when it is of another version than the source.
pub(super) fn start(place: &Place<'_>, about: &About, bytes: u64) -> Result<(Sandbox, Option<String>)> {
    let (major, other) = major(place, about)?;
    let options = Options {
        major,
        settings: place.settings.to_vec(),
        space_needed_bytes: Some(bytes.saturating_mul(GROWTH)),
        parent: place.parent.map(Path::to_owned),
        stop: Some(signals::stop_requested),
        ..Options::default()
    };
    Ok((Sandbox::start(&options)?, other))
}

/// The version that was asked for, else the source's, else the next newer one that is installed.
fn major(place: &Place<'_>, about: &About) -> Result<(Option<u32>, Option<String>)> {
    let Some(source) = about.server_major.filter(|_| place.major.is_none()) else {
        return Ok((place.major, None));
    };
    let installed = programs::servers();
    let newer = |server: &&programs::Server| server.major >= source && MAJORS.contains(&server.major);
    let Some(chosen) = installed.iter().find(newer) else {
        return Err(programs::server(Some(source)).err().unwrap_or_else(|| {
            Error::failed(
                "program_missing",
                format!("cannot find a PostgreSQL {source} server or a newer one"),
            )
        }));
    };
    let other = (chosen.major != source).then(|| {
        format!(
            "the dump is of PostgreSQL {source}, which is not installed here; it is restored into {}",
            chosen.major
        )
    });
    Ok((Some(chosen.major), other))
}
