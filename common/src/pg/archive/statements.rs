//! What is sent to a server to make an entry: its definition, in its tablespace, with its owner.
//!
//! Follows `_printTocEntry` of pg_restore; the definitions themselves are pg_dump's.

use super::{Entry, older};
use crate::name::{QualifiedName, ident};

/// How entries are spelled for a target.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of pg_restore with a meaning of its own")]
pub struct Spelling {
    /// `--no-owner`.
    pub no_owner: bool,
    /// `--no-privileges`.
    pub no_privileges: bool,
    /// `--no-tablespaces`.
    pub no_tablespaces: bool,
    /// `--no-comments`.
    pub no_comments: bool,
    /// `--no-publications`.
    pub no_publications: bool,
    /// `--no-subscriptions`.
    pub no_subscriptions: bool,
    /// `--no-security-labels`.
    pub no_security_labels: bool,
}

/// Kinds whose owner is set by `ALTER <kind> <name> OWNER TO`.
const OWNED: &[&str] = &[
    "COLLATION",
    "CONVERSION",
    "DOMAIN",
    "FOREIGN TABLE",
    "MATERIALIZED VIEW",
    "SEQUENCE",
    "STATISTICS",
    "TABLE",
    "TEXT SEARCH DICTIONARY",
    "TEXT SEARCH CONFIGURATION",
    "TYPE",
    "VIEW",
    "DATABASE",
    "PROCEDURAL LANGUAGE",
    "SCHEMA",
    "EVENT TRIGGER",
    "FOREIGN DATA WRAPPER",
    "SERVER",
    "PUBLICATION",
    "SUBSCRIPTION",
];

/// Kinds whose name is spelled with arguments, as in their DROP statement.
const OWNED_AS_DROPPED: &[&str] =
    &["AGGREGATE", "FUNCTION", "OPERATOR", "OPERATOR CLASS", "OPERATOR FAMILY", "PROCEDURE"];

impl Spelling {
    /// Whether this entry is made at all.
    pub fn wants(&self, entry: &Entry) -> bool {
        match entry.kind.as_str() {
            "ACL" | "ACL LANGUAGE" | "DEFAULT ACL" => !self.no_privileges,
            "COMMENT" => !self.no_comments,
            "SECURITY LABEL" => !self.no_security_labels,
            "PUBLICATION" | "PUBLICATION TABLE" | "PUBLICATION TABLES IN SCHEMA" => !self.no_publications,
            "SUBSCRIPTION" => !self.no_subscriptions,
            _ => true,
        }
    }

    /// The statements that make `entry` on a server of version `major`, each to be sent by itself.
    pub fn statements(&self, entry: &Entry, major: u32) -> Vec<String> {
        let mut statements = Vec::new();
        if let Some(tablespace) = entry.tablespace.as_ref().filter(|_| !self.no_tablespaces) {
            let name = if tablespace.is_empty() { "''".to_owned() } else { ident(tablespace) };
            statements.push(format!("SET default_tablespace = {name};"));
        }
        let partitioned = entry.relation_kind == Some('p');
        if let Some(method) = entry.access_method.as_ref().filter(|method| !method.is_empty() && !partitioned)
        {
            statements.push(format!("SET default_table_access_method = {};", ident(method)));
        }
        // With AUTHORIZATION in it, the definition would set the owner by itself.
        if self.no_owner && entry.kind == "SCHEMA" && !entry.definition.starts_with("--") {
            statements.push(format!("CREATE SCHEMA {};", ident(&entry.tag)));
        } else if !entry.definition.is_empty() {
            statements.push(older::fit(&entry.kind, &entry.definition, major));
        }
        if let Some(method) = entry.access_method.as_ref().filter(|method| !method.is_empty() && partitioned)
        {
            statements.push(format!("ALTER TABLE {} SET ACCESS METHOD {};", name(entry), ident(method)));
        }
        if let Some(owned) = self.owned(entry) {
            statements.push(format!("ALTER {owned} OWNER TO {};", ident(&entry.owner)));
        }
        statements
    }

    fn owned(&self, entry: &Entry) -> Option<String> {
        if self.no_owner || entry.owner.is_empty() || entry.drop.is_empty() {
            return None;
        }
        if OWNED.contains(&entry.kind.as_str()) {
            return Some(format!("{} {}", entry.kind, name(entry)));
        }
        if OWNED_AS_DROPPED.contains(&entry.kind.as_str()) {
            let dropped = entry.drop.trim_end().strip_suffix(';')?;
            return Some(dropped.strip_prefix("DROP ")?.to_owned());
        }
        None
    }
}

impl Entry {
    /// Its DROP statement, which does not mind when it is not there.
    pub fn drop_if_exists(&self) -> String {
        let drop = self.drop.trim();
        if let Some(rest) = drop.strip_prefix("ALTER TABLE ONLY ") {
            let rest = rest.replacen(" DROP CONSTRAINT ", " DROP CONSTRAINT IF EXISTS ", 1);
            return format!("ALTER TABLE IF EXISTS ONLY {rest}");
        }
        if let Some(rest) = drop.strip_prefix("ALTER TABLE ") {
            return format!("ALTER TABLE IF EXISTS {rest}");
        }
        for kind in DROPPED.iter().chain(OWNED).chain(OWNED_AS_DROPPED).filter(|kind| self.kind == **kind) {
            if let Some(rest) = drop.strip_prefix("DROP ").and_then(|rest| rest.strip_prefix(kind)) {
                return format!("DROP {kind} IF EXISTS{rest}");
            }
        }
        drop.to_owned()
    }
}

/// Further kinds whose DROP statement begins with their own name.
const DROPPED: &[&str] = &[
    "INDEX",
    "TRIGGER",
    "RULE",
    "POLICY",
    "EXTENSION",
    "CAST",
    "ACCESS METHOD",
    "TRANSFORM",
    "USER MAPPING",
    "TEXT SEARCH PARSER",
    "TEXT SEARCH TEMPLATE",
];

fn name(entry: &Entry) -> String {
    match &entry.namespace {
        Some(schema) if !schema.is_empty() => QualifiedName::new(schema, &entry.tag).to_string(),
        _ => ident(&entry.tag),
    }
}
