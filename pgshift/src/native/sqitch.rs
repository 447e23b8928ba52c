//! sqitch: a row for each change that is deployed, by its identity, name and the SHA-1 of its script.
//!
//! A change that was reworked has several rows of one name, in the order of the plan; all but the last are `name@tag` in
//! the files. Rows can't be written from here: a change's identity is a hash over the plan before it.

use super::{Columns, Mirror, Past, Row, Run, Tool, checksum};
use crate::source::Migration;
use common::error::{Error, Result};
use common::name::QualifiedName;
use common::pg::session::Session;
use std::collections::BTreeMap;

pub(super) struct Sqitch;

impl Tool for Sqitch {
    fn name(&self) -> &'static str {
        "sqitch"
    }

    fn owns(&self, table: &Columns) -> bool {
        table.has(&["change_id", "change", "project", "note", "committed_at", "planned_at", "script_hash"])
    }

    fn read(&self, session: &mut Session, table: &QualifiedName) -> Result<Past> {
        let tags = QualifiedName::new(table.schema.clone(), "tags");
        // One of the tags after a change names the script of what was reworked later.
        let rows = session.query(&format!(
            "SELECT c.change, c.script_hash, c.change_id, c.committed_at, c.project, \
             (SELECT pg_catalog.string_agg(t.tag, E'\\n' ORDER BY t.planned_at) FROM {tags} t \
              WHERE t.project = c.project AND t.planned_at >= c.planned_at) \
             FROM {table} c ORDER BY c.committed_at, c.planned_at"
        ))?;
        let mut projects: Vec<&str> = rows.iter().map(|row| row.text(4)).collect();
        projects.sort_unstable();
        projects.dedup();
        if projects.len() > 1 {
            let message = format!("{table} holds several projects: {}", projects.join(", "));
            return Err(Error::failed("history_unclear", message)
                .hint("only a table of one project can be taken over"));
        }
        let mut last: BTreeMap<&str, usize> = BTreeMap::new();
        for (index, row) in rows.iter().enumerate() {
            last.insert(row.text(0), index);
        }
        let past = rows.iter().enumerate().map(|(index, row)| {
            let reworked = last.get(row.text(0)) != Some(&index);
            let mut tagged = row.text(5).lines().map(|tag| format!("{}{tag}", row.text(0)));
            let key = tagged.next().filter(|_| reworked).unwrap_or_else(|| row.text(0).to_owned());
            let others = tagged.filter(|_| reworked).collect();
            // Of changes that older versions deployed, the identity stands where the hash should be.
            let checksum = row.owned(1).filter(|hash| hash != row.text(2));
            Row { shown: key.clone(), key, others, checksum, at: row.owned(3) }
        });
        Ok(Past { rows: past.collect(), ..Past::default() })
    }

    fn checksums(&self, migrations: &[Migration]) -> Result<Vec<Vec<String>>> {
        let of = |migration: &Migration| Ok(vec![checksum::sha1(&checksum::bytes(&migration.up.path)?)]);
        migrations.iter().map(of).collect()
    }

    fn applied(&self, at: &Mirror<'_>, _: &Migration, _: &Run<'_>) -> Result<String> {
        Err(not_written(at))
    }

    fn reverted(&self, at: &Mirror<'_>, _: &Migration, _: Option<&Migration>) -> Result<String> {
        Err(not_written(at))
    }
}

fn not_written(at: &Mirror<'_>) -> Error {
    let message = format!("rows of {} cannot be written from here", at.table);
    Error::usage(message)
        .cause("the identity of a change is a hash over the plan before it")
        .hint("leave out --keep-history; going back: sqitch deploy --log-only")
}
