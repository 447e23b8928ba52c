//! What goes wrong while migrations are applied: kills, lost connections, locks of others, deadlocks, full disks. Nothing is
//! applied twice, nothing recorded that did not happen, nothing that happened unrecorded.
#![expect(clippy::unwrap_used, reason = "what a test cannot do, it fails with")]

mod disk;
mod history;
mod kills;
mod locks;
mod lost;

use testkit::{Cluster, Database, Started, TempDir, Tool, newest_major};

/// A database and a directory for migrations.
struct Shop {
    database: Database,
    directory: TempDir,
}

impl Shop {
    fn with(files: &[(&str, &str)]) -> Self {
        let shop =
            Self { database: Cluster::shared(newest_major()).database("shop"), directory: TempDir::new() };
        for (name, text) in files {
            shop.directory.write(name, text);
        }
        shop
    }

    fn tool(&self, command: &str) -> Tool {
        Tool::named("pgshift").arg(command).database(&self.database).arg("--dir").arg(self.directory.path())
    }

    fn apply(&self) -> Tool {
        self.tool("apply").arg("--no-gate")
    }

    fn history(&self) -> Vec<Vec<String>> {
        self.database.rows("SELECT version, state, statements_done FROM pgshift.migrations ORDER BY id")
    }

    fn count(&self, what: &str) -> String {
        self.database.scalar(&format!("SELECT count(*) FROM {what}"))
    }

    /// Server processes of pgshift in this database that wait for somebody's lock. A concurrent build of an index waits
    /// for a moment for the snapshot of who looks, too: that does not count.
    fn waiting(&self) -> usize {
        self.database
            .rows(
                "SELECT w.pid FROM pg_stat_activity w WHERE w.datname = current_database() AND w.application_name = 'pgshift' \
                 AND w.wait_event_type = 'Lock' AND EXISTS (SELECT FROM pg_stat_activity o \
                 WHERE o.pid = ANY (pg_blocking_pids(w.pid)) AND o.pid <> pg_backend_pid() \
                 AND o.backend_type = 'client backend' AND o.application_name <> 'pgshift')",
            )
            .len()
    }

    /// Waits until a statement of `started` waits for somebody's lock.
    fn until_it_waits(&self, started: &mut Started) {
        started.wait_until("it waits for a lock", || self.waiting() > 0);
    }
}
