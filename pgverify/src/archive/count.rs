//! What is in the copy: the rows of every table, read one by one.

use crate::records::{RestoredTable, VerifyResult};
use common::cli::{Session as Cli, signals};
use common::dump::Databases;
use common::error::{Context as _, Result};
use common::name::QualifiedName;
use common::pg::session::Session;
use common::pg::wire::stopped;

/// Tables that hold rows themselves, without those of the system and of extensions.
const TABLES: &str = "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c \
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' \
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass \
    AND d.objid = c.oid AND d.deptype = 'e') ORDER BY n.nspname COLLATE \"C\", c.relname COLLATE \"C\"";

/// What was counted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counted {
    pub(super) tables: u64,
    pub(super) rows: u64,
    pub(super) bytes: u64,
}

/// Reads all tables of the database `name`; `several` says that it is not the only one.
pub(super) fn database(
    cli: &Cli<VerifyResult>,
    databases: &Databases,
    name: &str,
    several: bool,
) -> Result<Counted> {
    let mut session = databases.open(name)?;
    session.pin()?;
    let mut counted = Counted::default();
    for row in session.query(TABLES)? {
        let table = QualifiedName::new(row.text(0), row.text(1));
        let (rows, bytes) = read(&mut session, &table).context(|| format!("cannot read table {table}"))?;
        counted.tables += 1;
        counted.rows += rows;
        counted.bytes += bytes;
        let database = several.then(|| name.to_owned());
        cli.emit(&RestoredTable { database, schema: table.schema, table: table.name, rows, bytes });
    }
    Ok(counted)
}

fn read(session: &mut Session, table: &QualifiedName) -> Result<(u64, u64)> {
    let mut copy = session.copy_out(&format!("COPY {table} TO STDOUT"))?;
    let (mut rows, mut bytes) = (0, 0);
    while let Some(row) = copy.next_row()? {
        rows += 1;
        bytes += row.len() as u64;
        if rows % 10_000 == 0 && signals::stop_requested() {
            return Err(stopped());
        }
    }
    Ok((rows, bytes))
}
