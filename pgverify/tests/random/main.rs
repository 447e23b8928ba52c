//! No false alarms: what databases out of a number hold comes back as it was, on the same version and on later ones.
//!
//! The script of a seed that fails is left in the directory for temporary files, to be run by hand.
#![expect(clippy::unwrap_used, reason = "what a test cannot do, it fails with")]

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use testkit::{Cluster, Random, TempDir, Tool, is_long, majors};

/// Seeds of a run, over all pairs of versions; four times as many with `PGRUNBOOK_TEST_ALL=1`.
const SEEDS: u64 = 25;

/// Databases that are on their way at the same time.
const LANES: usize = 2;

/// One private cluster is made for so many seeds; the others share servers.
const PRIVATE_EVERY: u64 = 25;

fn seeds() -> u64 {
    if is_long() { 4 * SEEDS } else { SEEDS }
}

/// A source's version and a copy's: each version with itself, and with every later one.
fn pairs() -> Vec<(u32, u32)> {
    let majors = majors();
    majors
        .iter()
        .flat_map(|&from| majors.iter().map(move |&to| (from, to)))
        .filter(|(from, to)| from <= to)
        .collect()
}

/// A seed, and where it comes from and goes to.
struct Trip {
    seed: u64,
    from: u32,
    to: u32,
}

impl Trip {
    /// Into a database of a server that runs, or into a private cluster. The test fails unless the copy is proved equal.
    fn make(&self) {
        let source = Cluster::shared(self.from).database(&format!("random_{}", self.seed));
        source.run(&Random::schema(self.seed, self.from));
        let store = TempDir::new();
        Tool::pgsnap("create").database(&source).store(store.path()).run().success();
        let verify = Tool::named("pgverify").args(["restore", "latest"]).store(store.path());
        let outcome = if self.seed.is_multiple_of(PRIVATE_EVERY) {
            verify.args(["--pg-version", &self.to.to_string()]).run()
        } else {
            let server = Cluster::shared(self.to).existing("postgres");
            verify.args(["--server", &server.connection(), "--create-roles"]).run()
        };
        let outcome = outcome.success();
        assert_eq!(outcome.result()["proved"], true, "{outcome}");
        for kind in ["difference", "skipped", "error"] {
            assert!(outcome.records_of(kind).is_empty(), "{outcome}");
        }
        let name = source.name();
        source.cluster().existing("postgres").run(&format!("DROP DATABASE \"{name}\""));
    }

    fn script(&self) -> PathBuf {
        let path = std::env::temp_dir().join(format!("random-{}-{}.sql", self.seed, self.from));
        std::fs::write(&path, Random::schema(self.seed, self.from)).unwrap();
        path
    }
}

#[test]
fn random_databases_come_back_equal_on_every_version() {
    // Whoever holds one keeps the server for all.
    let _servers: Vec<_> = majors().into_iter().map(Cluster::shared).collect();
    let pairs = pairs();
    let next = AtomicU64::new(0);
    let lane = || {
        let mut failed = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds() {
                return failed;
            }
            let (from, to) = pairs[usize::try_from(seed).unwrap() % pairs.len()];
            let trip = Trip { seed, from, to };
            if catch_unwind(AssertUnwindSafe(|| trip.make())).is_err() {
                let told = format!("seed {seed}, {from} to {to}: {}", trip.script().display());
                drop(writeln!(std::io::stderr(), "FAILED {told}"));
                failed.push(told);
            }
        }
    };
    let failed: Vec<String> = std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..LANES).map(|_| scope.spawn(lane)).collect();
        lanes.into_iter().flat_map(|lane| lane.join().unwrap()).collect()
    });
    assert!(failed.is_empty(), "{} of {} (see above):\n{}", failed.len(), seeds(), failed.join("\n"));
}
