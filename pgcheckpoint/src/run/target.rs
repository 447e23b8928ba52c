//! The databases that were asked for.

use crate::cli::Databases;
use common::error::Result;
use common::pg::target::{ConnectOptions, Target};

/// One target for each `-d`, or the one that the environment names.
pub(crate) fn resolve(databases: &Databases) -> Result<Vec<Target>> {
    let options = |dbname: Option<&String>| ConnectOptions {
        dbname: dbname.cloned(),
        host: databases.host.clone(),
        port: databases.port.clone(),
        username: databases.username.clone(),
    };
    if databases.dbname.is_empty() {
        return Ok(vec![Target::resolve(&options(None))?]);
    }
    databases.dbname.iter().map(|dbname| Target::resolve(&options(Some(dbname)))).collect()
}
