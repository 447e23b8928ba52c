//! What of a schema counts in a comparison.

/// True is what counts; by default everything does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of pg_restore with a meaning of its own")]
pub struct Scope {
    /// Who owns what.
    pub owners: bool,
    /// What was granted and revoked, and what will be by default.
    pub privileges: bool,
    /// Comments.
    pub comments: bool,
    /// In which tablespace something lies.
    pub tablespaces: bool,
    /// Publications, with what is in them.
    pub publications: bool,
    /// Subscriptions.
    pub subscriptions: bool,
    /// Security labels.
    pub security_labels: bool,
    /// The database itself: its owner, settings, encoding, locale.
    pub database: bool,
    /// Which version of an extension is installed.
    pub extension_versions: bool,
}

impl Default for Scope {
    fn default() -> Self {
        Self {
            owners: true,
            privileges: true,
            comments: true,
            tablespaces: true,
            publications: true,
            subscriptions: true,
            security_labels: true,
            database: true,
            extension_versions: true,
        }
    }
}

impl Scope {
    /// Whether objects of this kind count.
    pub(super) fn wants(&self, kind: &str) -> bool {
        match kind {
            "publication" | "published table" | "published schema" => self.publications,
            "subscription" => self.subscriptions,
            "security label" => self.security_labels,
            "database" | "setting" => self.database,
            "default privileges" => self.privileges,
            _ => true,
        }
    }

    /// Whether this property counts.
    pub(super) fn wants_property(&self, kind: &str, property: &str) -> bool {
        match property {
            "owner" => self.owners,
            "privileges" => self.privileges,
            "comment" => self.comments,
            "tablespace" => self.tablespaces,
            "version" if kind == "extension" => self.extension_versions,
            _ => true,
        }
    }
}
