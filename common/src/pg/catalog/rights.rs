//! What the session's user may not read.

use crate::error::Result;
use crate::name::{QualifiedName, ident};
use crate::pg::session::Session;

/// Why something can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// No privilege of this name.
    Privilege(&'static str),
    /// Row security would hide rows.
    RowSecurity,
}

/// Something that can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lacking {
    /// What is missing.
    pub lack: Lack,
    /// `SCHEMA`, `TABLE` or `SEQUENCE`.
    pub kind: String,
    /// The schema.
    pub schema: String,
    /// The object in it; none when it is the schema itself.
    pub name: Option<String>,
}

impl Lacking {
    /// Its name in quotes.
    pub fn quoted(&self) -> String {
        match &self.name {
            Some(name) => QualifiedName::new(&self.schema, name).to_string(),
            None => ident(&self.schema),
        }
    }

    /// Whether it keeps the relation `name` from being read.
    pub fn hides(&self, name: &QualifiedName) -> bool {
        self.schema == name.schema && self.name.as_ref().is_none_or(|own| *own == name.name)
    }

    /// For messages: what is missing.
    pub fn reason(&self) -> String {
        match self.lack {
            Lack::Privilege(privilege) => format!("no {privilege}"),
            Lack::RowSecurity => "row security would hide rows".to_owned(),
        }
    }

    /// The statement that mends it for `user`.
    pub fn grant(&self, user: &str) -> String {
        match self.lack {
            Lack::Privilege(privilege) => {
                format!("GRANT {privilege} ON {} {} TO {};", self.kind, self.quoted(), ident(user))
            }
            Lack::RowSecurity => format!("ALTER ROLE {} BYPASSRLS;", ident(user)),
        }
    }
}

/// What of the relations `oids` the user of `session` may not read.
pub fn rights(session: &mut Session, oids: &[u32]) -> Result<Vec<Lacking>> {
    let oids: Vec<_> = oids.iter().map(u32::to_string).collect();
    let array = format!("{{{}}}", oids.join(","));
    let rows = session.query_with(include_str!("../sql/rights.sql"), &[Some(&array)])?;
    let lacking = rows.iter().map(|row| Lacking {
        lack: match row.text(0) {
            "USAGE" => Lack::Privilege("USAGE"),
            "BYPASSRLS" => Lack::RowSecurity,
            _ => Lack::Privilege("SELECT"),
        },
        kind: row.text(1).to_owned(),
        schema: row.text(2).to_owned(),
        name: row.owned(3),
    });
    Ok(lacking.collect())
}

/// How many large objects there are, and how many of them the user of `session` may not read.
pub fn unreadable_objects(session: &mut Session) -> Result<(u64, u64)> {
    let row = session.query_one(include_str!("../sql/large_object_rights.sql"))?;
    Ok((row.number(0)?, row.number(1)?))
}
