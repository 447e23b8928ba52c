//! Roles, and what belongs to whom and who may do what with it.

use super::Script;
use super::tables::Kind;
use common::name::{ident, literal};

/// The same in all scripts, for they belong to the cluster.
pub(super) const ROLES: &[&str] =
    &["random_owner", "random_reader", "Random \"odd\" role 🐘", "random user", "random-group", "Random all"];

impl Script {
    /// Scripts that run at the same time on one cluster make them at the same time.
    pub(super) fn make_roles(&mut self) {
        for role in ROLES {
            self.say(&format!(
                "DO $do$ BEGIN CREATE ROLE {}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $do$",
                ident(role)
            ));
        }
    }

    pub(super) fn give_rights(&mut self) {
        for owned in std::mem::take(&mut self.owned) {
            let (alter, grant, name) = (owned.alter, owned.grant, &owned.name);
            if self.rng.chance(35) {
                let owner = self.role();
                self.say(&format!("ALTER {alter} {name} OWNER TO {owner}"));
            }
            for _ in 0..self.rng.below(3) {
                let role = if self.rng.chance(20) { "PUBLIC".to_owned() } else { self.role() };
                let option = if role != "PUBLIC" && self.rng.chance(25) { " WITH GRANT OPTION" } else { "" };
                let privilege = if self.rng.chance(20) { "ALL" } else { *self.rng.pick(owned.privileges) };
                self.say(&format!("GRANT {privilege} ON {grant} {name} TO {role}{option}"));
            }
            if self.rng.chance(10) {
                let what = if ["FUNCTION", "PROCEDURE", "TYPE"].contains(&grant) {
                    "PUBLIC"
                } else {
                    "CURRENT_USER"
                };
                self.say(&format!("REVOKE ALL ON {grant} {name} FROM {what}"));
            }
        }
        self.give_columns();
        self.give_defaults();
    }

    fn role(&mut self) -> String {
        ident(self.rng.word(ROLES))
    }

    fn give_columns(&mut self) {
        for table in self.tables.clone() {
            if table.kind == Kind::Partition || !self.rng.chance(20) {
                continue;
            }
            for (column, _) in table.columns.iter().take(2) {
                let (role, privilege) =
                    (self.role(), self.rng.word(&["SELECT", "UPDATE", "INSERT", "REFERENCES"]));
                self.say(&format!("GRANT {privilege} ({column}) ON TABLE {} TO {role}", table.name));
            }
            if self.major >= 17 && self.rng.chance(50) {
                let role = self.role();
                self.say(&format!("GRANT MAINTAIN ON TABLE {} TO {role}", table.name));
            }
        }
    }

    fn give_defaults(&mut self) {
        for _ in 0..self.rng.below(4) {
            let (owner, role) = (self.role(), self.role());
            let schema = self.rng.pick(&self.schemas).clone();
            let place =
                if self.rng.chance(50) { format!(" IN SCHEMA {}", ident(&schema)) } else { String::new() };
            let forms = [
                format!("FOR ROLE {owner}{place} GRANT SELECT, INSERT ON TABLES TO {role} WITH GRANT OPTION"),
                format!("FOR ROLE {owner}{place} GRANT USAGE ON SEQUENCES TO PUBLIC"),
                format!("FOR ROLE {owner} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC"),
                format!("FOR ROLE {owner} REVOKE USAGE ON TYPES FROM PUBLIC"),
                format!("FOR ROLE {owner} GRANT CREATE ON SCHEMAS TO {role}"),
                format!("{place} GRANT SELECT ON TABLES TO {role}"),
            ];
            let form = self.rng.pick(&forms).clone();
            self.say(&format!("ALTER DEFAULT PRIVILEGES {form}"));
        }
        if self.rng.chance(30) {
            let role = self.role();
            let words = literal("the database's own 'words'");
            self.say(&format!(
                "DO $do$ BEGIN EXECUTE pg_catalog.format('COMMENT ON DATABASE %I IS %L', current_database(), {words}); \
                 EXECUTE pg_catalog.format('ALTER DATABASE %I SET work_mem = ''5MB''', current_database()); \
                 EXECUTE pg_catalog.format('ALTER ROLE %I IN DATABASE %I SET search_path = public, ''odd path''', {}, current_database()); \
                 EXECUTE pg_catalog.format('GRANT TEMPORARY ON DATABASE %I TO %I', current_database(), {}); END $do$",
                literal("random_reader"),
                literal("random user"),
            ));
            self.say(&format!("GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_waldir() TO {role}"));
        }
    }
}
