//! Indexes that are built while others write: what a failed attempt leaves behind is invalid, and must not pass for built.

use crate::records::ShiftResult;
use crate::script::Words;
use common::cli;
use common::error::{Error, Result};
use common::name::literal;
use common::pg::session::Session;
use common::records::Warning;

/// What a statement builds, as far as it may leave something behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Building {
    /// `CREATE INDEX CONCURRENTLY name ON table`.
    Named {
        /// The index, as it is written.
        name: String,
        /// The table, as it is written.
        table: String,
    },
    /// `REINDEX … CONCURRENTLY` of a table or an index: PostgreSQL names the new one.
    Rebuilt {
        /// The table or index, as it is written.
        name: String,
    },
    /// Nothing of which that could be told.
    Nothing,
}

impl Building {
    /// What `text` builds.
    pub(crate) fn of(text: &[u8]) -> Self {
        Self::parse(&Words::of(text)).unwrap_or(Self::Nothing)
    }

    fn parse(words: &Words<'_>) -> Option<Self> {
        if words.is(0, "reindex") {
            let at = words.find(1, "concurrently")? + 1;
            let kind = words.is(at - 2, "table") || words.is(at - 2, "index");
            let (name, _) = words.name(at)?;
            return kind.then_some(Self::Rebuilt { name });
        }
        if !words.is(0, "create") {
            return None;
        }
        let at = words.find(1, "concurrently").filter(|at| words.is(at - 1, "index"))? + 1;
        let at = if words.is(at, "if") { at + 3 } else { at };
        let (name, behind) = words.name(at).filter(|_| !words.is(at, "on"))?;
        let at = words.find(behind, "on")? + 1;
        let at = if words.is(at, "only") { at + 1 } else { at };
        let (table, _) = words.name(at)?;
        Some(Self::Named { name, table })
    }

    /// Whether the named index is there and valid; none when it is not there.
    pub(crate) fn is_valid(&self, worker: &mut Session) -> Result<Option<bool>> {
        let Some(sql) = self.query() else { return Ok(None) };
        Ok(worker.query(&sql)?.first().map(|row| row.is_true(1)))
    }

    /// Drops what an earlier attempt left behind: even with IF NOT EXISTS it must not pass for the index.
    pub(crate) fn clear(&self, worker: &mut Session, session: &cli::Session<ShiftResult>) -> Result<()> {
        let Some(sql) = self.query() else { return Ok(()) };
        for row in worker.query(&sql)? {
            if row.is_true(1) {
                continue;
            }
            let name = row.text(0);
            if let Some(pid) = row.optional(2) {
                return Err(Error::failed(
                    "index_being_built",
                    format!("index {name} is being built by pid {pid}"),
                )
                .hint("wait for it, then run this again"));
            }
            worker.execute(&format!("DROP INDEX CONCURRENTLY {name}"))?;
            let message = "an invalid index that a failed attempt had left behind was dropped";
            session.warn(&Warning::new("invalid_index", message).object(name));
        }
        Ok(())
    }

    /// Fails unless the index is there and valid.
    pub(crate) fn check(&self, worker: &mut Session) -> Result<()> {
        let Self::Named { name, .. } = self else { return Ok(()) };
        match self.is_valid(worker)? {
            Some(true) => Ok(()),
            Some(false) => Err(Error::failed("invalid_index", format!("index {name} is invalid"))
                .hint(format!("DROP INDEX CONCURRENTLY {name}, and run this again"))),
            None => Err(Error::failed("no_index", format!("index {name} is not there after it was created"))),
        }
    }

    /// The indexes in question: name, whether valid, and who is building it just now.
    fn query(&self) -> Option<String> {
        let wanted = match self {
            Self::Named { name, table } => format!(
                "i.indrelid = pg_catalog.to_regclass({}) AND c.relname = \
                 (pg_catalog.parse_ident({}))[1]::pg_catalog.name",
                literal(table),
                literal(name)
            ),
            Self::Rebuilt { name } => format!(
                "i.indrelid IN (SELECT pg_catalog.to_regclass({0}) UNION ALL SELECT x.indrelid FROM pg_catalog.pg_index x \
                 WHERE x.indexrelid = pg_catalog.to_regclass({0})) AND NOT i.indisvalid \
                 AND c.relname ~ '_cc(new|old)[0-9]*$'",
                literal(name)
            ),
            Self::Nothing => return None,
        };
        Some(format!(
            "SELECT i.indexrelid::pg_catalog.regclass, i.indisvalid AND i.indisready, \
             (SELECT p.pid FROM pg_catalog.pg_stat_progress_create_index p JOIN pg_catalog.pg_locks l ON l.pid = p.pid \
             WHERE l.relation = i.indrelid AND l.database = p.datid LIMIT 1) \
             FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid WHERE {wanted}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_and_its_table_are_read_from_the_statement() {
        let named = |sql: &str, name: &str, table: &str| {
            let building = Building::Named { name: name.into(), table: table.into() };
            assert_eq!(Building::of(sql.as_bytes()), building, "{sql}");
        };
        named("CREATE INDEX CONCURRENTLY i ON t (a)", "i", "t");
        named(
            "create unique index concurrently if not exists \"I x\" on only s.\"T\" (a)",
            "\"I x\"",
            "s.\"T\"",
        );
        assert_eq!(Building::of(b"CREATE INDEX CONCURRENTLY ON t (a)"), Building::Nothing);
        assert_eq!(Building::of(b"CREATE INDEX i ON t (a)"), Building::Nothing);
        let rebuilt = Building::Rebuilt { name: "s.t".into() };
        assert_eq!(Building::of(b"REINDEX (VERBOSE) TABLE CONCURRENTLY s.t"), rebuilt);
    }
}
