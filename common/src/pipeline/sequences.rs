//! The state of sequences, read behind the rows: sequences know no snapshot, so read last they are never behind.

use crate::error::{Context as _, Result};
use crate::format::manifest::Sequence;
use crate::name::literal;
use crate::pg::catalog::Relation;
use crate::pg::session::Session;

/// Sequences read in one statement: each is locked until the statement ends.
const BATCH: usize = 500;

/// Reads all `relations`, which are sequences, in a session that is in no transaction.
pub(super) fn read(session: &mut Session, relations: &[Relation]) -> Result<Vec<Sequence>> {
    let mut sequences = Vec::with_capacity(relations.len());
    for batch in relations.chunks(BATCH) {
        let selects: Vec<_> = batch
            .iter()
            .enumerate()
            .map(|(index, sequence)| format!("SELECT {index}, last_value, is_called FROM {}", sequence.name))
            .collect();
        let rows =
            session.query(&selects.join(" UNION ALL ")).context(|| "cannot read the sequences".to_owned())?;
        for row in rows {
            let Some(relation) = batch.get(row.number::<usize>(0)?) else { continue };
            sequences.push(Sequence {
                schema: relation.name.schema.clone(),
                name: relation.name.name.clone(),
                last_value: row.text(1).to_owned(),
                is_called: row.is_true(2),
            });
        }
    }
    Ok(sequences)
}

/// Sets them, many in one statement.
pub(super) fn write(session: &mut Session, sequences: &[Sequence]) -> Result<()> {
    for batch in sequences.chunks(BATCH) {
        let calls: Vec<_> = batch
            .iter()
            .map(|sequence| {
                let name = crate::name::QualifiedName::new(&sequence.schema, &sequence.name).to_string();
                format!(
                    "pg_catalog.setval({}, {}, {})",
                    literal(&name),
                    sequence.last_value,
                    sequence.is_called
                )
            })
            .collect();
        session
            .execute(&format!("SELECT {}", calls.join(", ")))
            .context(|| "cannot set the sequences".to_owned())?;
    }
    Ok(())
}
