//! The state of sequences, read behind the rows: sequences know no snapshot, so read last they are never behind.

use crate::error::{Context as _, Result};
use crate::format::manifest::Sequence;
use crate::name::{QualifiedName, literal};
use crate::pg::session::Session;

/// Sequences read in one statement: each is locked until the statement ends.
pub const BATCH: usize = 500;

/// Reads the sequences `names`, in a session that is in no transaction.
pub fn read(session: &mut Session, names: &[QualifiedName]) -> Result<Vec<Sequence>> {
    let mut sequences = Vec::with_capacity(names.len());
    for batch in names.chunks(BATCH) {
        let selects: Vec<_> = batch
            .iter()
            .enumerate()
            .map(|(index, name)| format!("SELECT {index}, last_value, is_called FROM {name}"))
            .collect();
        let rows =
            session.query(&selects.join(" UNION ALL ")).context(|| "cannot read the sequences".to_owned())?;
        for row in rows {
            let Some(name) = batch.get(row.number::<usize>(0)?) else { continue };
            sequences.push(Sequence {
                schema: name.schema.clone(),
                name: name.name.clone(),
                last_value: row.text(1).to_owned(),
                is_called: row.is_true(2),
            });
        }
    }
    Ok(sequences)
}

/// Sets them, many in one statement.
pub fn write(session: &mut Session, sequences: &[&Sequence]) -> Result<()> {
    for batch in sequences.chunks(BATCH) {
        let calls: Vec<_> = batch
            .iter()
            .map(|sequence| {
                let name = QualifiedName::new(&sequence.schema, &sequence.name).to_string();
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
