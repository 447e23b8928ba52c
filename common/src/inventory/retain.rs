//! What of an inventory a `pg_dump` archive holds, when it was made of a part of the database.

use super::Inventory;
use crate::pg::archive::Contents;
use std::collections::HashSet;

impl Inventory {
    /// Leaves out what is not in the archive.
    ///
    /// The entries of the archive's table of contents name their objects by catalog and OID, and parts (columns,
    /// constraints, triggers) go with what they are a part of. For an archive of the whole database there is no need to.
    pub fn retain(&mut self, contents: &Contents) {
        let there: HashSet<(u32, u32)> =
            contents.entries.iter().map(|entry| (entry.catalog, entry.oid)).collect();
        self.objects.retain(|object| there.contains(&(object.class, object.oid)));
    }
}
