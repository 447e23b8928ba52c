//! The database, its cluster, roles, tablespaces and extensions.

use super::array;
use crate::error::Result;
use crate::format::manifest::{Extension, Role, Source, Tablespace};
use crate::pg::session::Session;
use std::collections::BTreeMap;

/// The database that `session` is in, at its snapshot; without what [`system`] tells.
pub fn database(session: &mut Session) -> Result<Source> {
    let row = session.query_one(include_str!("../sql/database.sql"))?;
    Ok(Source {
        server_version: row.text(0).to_owned(),
        server_version_num: row.number(1)?,
        standby: row.is_true(2),
        database: row.text(3).to_owned(),
        database_oid: row.number(4)?,
        owner: row.text(5).to_owned(),
        encoding: row.text(6).to_owned(),
        collate: row.text(7).to_owned(),
        ctype: row.text(8).to_owned(),
        locale_provider: row.text(9).to_owned(),
        locale: row.owned(10),
        collation_version: row.owned(11),
        page_bytes: row.number(12)?,
        settings: array(row.text(13)),
        snapshot_time: row.text(14).to_owned(),
        lsn: row.text(15).to_owned(),
        snapshot: row.text(16).to_owned(),
        schemas: array(row.text(17)),
        ..Source::default()
    })
}

/// The cluster's system identifier and timeline.
pub fn system(session: &mut Session) -> Result<(String, u32)> {
    let row = session.query_one(include_str!("../sql/system.sql"))?;
    Ok((row.text(0).to_owned(), row.number(1)?))
}

/// Installed extensions.
pub fn extensions(session: &mut Session) -> Result<Vec<Extension>> {
    let rows = session.query(include_str!("../sql/extensions.sql"))?;
    let extension = |row: &crate::pg::session::Row| Extension {
        name: row.text(0).to_owned(),
        version: row.text(1).to_owned(),
        schema: row.text(2).to_owned(),
    };
    Ok(rows.iter().map(extension).collect())
}

/// Roles, without passwords.
pub fn roles(session: &mut Session) -> Result<Vec<Role>> {
    let rows = session.query(include_str!("../sql/roles.sql"))?;
    rows.iter()
        .map(|row| {
            Ok(Role {
                name: row.text(0).to_owned(),
                attributes: row.text(1).split(',').map(str::to_owned).collect(),
                password: None,
                valid_until: row.owned(2),
                comment: row.owned(3),
                settings: array(row.text(4)),
                settings_in_database: array(row.text(5)),
                memberships: array(row.text(6)),
            })
        })
        .collect()
}

/// Hashes of passwords by role; fails unless the user may read them.
pub fn passwords(session: &mut Session) -> Result<BTreeMap<String, String>> {
    let rows = session.query(include_str!("../sql/passwords.sql"))?;
    Ok(rows.iter().map(|row| (row.text(0).to_owned(), row.text(1).to_owned())).collect())
}

/// Tablespaces.
pub fn tablespaces(session: &mut Session) -> Result<Vec<Tablespace>> {
    let rows = session.query(include_str!("../sql/tablespaces.sql"))?;
    rows.iter()
        .map(|row| {
            Ok(Tablespace {
                name: row.text(0).to_owned(),
                owner: row.text(1).to_owned(),
                location: row.text(2).to_owned(),
                options: array(row.text(3)),
                acl: array(row.text(4)),
                comment: row.owned(5),
            })
        })
        .collect()
}

/// The names of all databases that take connections, without templates.
pub fn databases(session: &mut Session) -> Result<Vec<String>> {
    let rows = session.query(include_str!("../sql/databases.sql"))?;
    Ok(rows.iter().map(|row| row.text(0).to_owned()).collect())
}
