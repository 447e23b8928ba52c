//! What only shows after weeks, or on a disk that lies: the files of a server are changed while it is stopped.

use super::{comes, flags, quiet};
use common::sandbox::Options;
use std::os::unix::fs::FileExt;
use std::path::Path;
use testkit::{Cluster, is_long, majors, newest_major};

/// Seconds between 1970 and 2000, where the server's clock begins.
const EPOCH: i64 = 946_684_800;

/// Makes the statistics in the files of a stopped server say that they were reset so long before.
fn age_statistics(data: &Path, reset: i64, days: i64) {
    let (before, after) = (reset.to_ne_bytes(), (reset - days * 86_400_000_000).to_ne_bytes());
    let mut found = 0;
    for entry in data.join("pg_stat").read_dir().unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        for at in 0..bytes.len().saturating_sub(7) {
            if bytes[at..at + 8] == before {
                bytes[at..at + 8].copy_from_slice(&after);
                found += 1;
            }
        }
        std::fs::write(&path, bytes).unwrap();
    }
    assert!(found > 0, "the moment of the reset is nowhere in {}", data.display());
}

#[test]
fn indexes_that_nobody_uses_and_tables_that_nobody_vacuums_are_told_after_a_while() {
    let cluster = Cluster::start(newest_major(), &[]);
    let database = cluster.database("aged");
    let name = database.name().to_owned();
    database.run("SELECT pg_stat_reset()");
    database.run("CREATE TABLE t (id int, far int); INSERT INTO t SELECT i, i FROM generate_series(1, 100000) AS i; CREATE INDEX never ON t (id); CREATE INDEX often ON t (far); ANALYZE t");
    database.run("SET enable_seqscan = off; SET enable_bitmapscan = off; SELECT count(*) FROM generate_series(1, 30) AS i, LATERAL (SELECT * FROM t WHERE t.far = i) AS s");
    database.run("DELETE FROM t WHERE id % 2 = 0");
    let counted = "SELECT n_dead_tup > 40000 AND (SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'often') > 20 FROM pg_stat_user_tables";
    super::eventually("the statistics know", || database.scalar(counted) == "t");
    quiet(&database, "indexes.unused", &[]);
    quiet(&database, "vacuum.not_vacuumed", &[]);
    let reset = format!(
        "SELECT ((extract(epoch FROM stats_reset)::numeric - {EPOCH}) * 1000000)::bigint FROM pg_stat_database WHERE datname = current_database()"
    );
    let reset: i64 = database.scalar(&reset).parse().unwrap();
    drop(database);
    let cluster = cluster.edited(|data| age_statistics(data, reset, 40));
    let database = cluster.existing(&name);
    let said = flags(&database, "indexes.unused", &[], "info", "\"never\"");
    assert!(said["message"].as_str().unwrap().ends_with("was used 0 times in 40 days"), "{said}");
    super::spares(&database, "indexes.unused", &[], "\"often\"");
    let said = flags(&database, "vacuum.not_vacuumed", &[], "warn", "\"t\"");
    assert!(said["value"].as_f64().unwrap() > 39.0 * 86400.0, "{said}");
    database.run(said["hint"].as_str().unwrap().split(';').next().unwrap());
    super::eventually("the statistics know", || {
        super::look(&database, "vacuum.not_vacuumed", &[])[0]["status"] == "ok"
    });
}

#[test]
fn a_page_that_does_not_fit_its_checksum_is_critical() {
    // Each start takes its time.
    let all = if is_long() { majors() } else { vec![newest_major()] };
    for major in all {
        let options = Options { major: Some(major), checksums: true, ..Options::default() };
        let cluster = Cluster::start_with(&options);
        let database = cluster.database("pages");
        let name = database.name().to_owned();
        database.run("CREATE TABLE t AS SELECT i FROM generate_series(1, 10000) AS i; CHECKPOINT");
        let file = database.scalar("SELECT pg_relation_filepath('t')");
        quiet(&database, "availability.checksums", &[]);
        quiet(&database, "availability.checksum_failures", &[]);
        drop(database);
        let cluster = cluster.edited(|data| {
            let page = std::fs::File::options().write(true).open(data.join(&file)).unwrap();
            page.write_all_at(b"the disk lies", 8192 + 4000).unwrap();
        });
        let database = cluster.existing(&name);
        let read = cluster.client("psql", &name).args(["-Xqc", "SELECT sum(i) FROM t"]).output().unwrap();
        assert!(!read.status.success(), "PostgreSQL {major} reads a page that is damaged");
        comes(&database, "availability.checksum_failures", &[], "crit");
        flags(&database, "availability.checksum_failures", &[], "crit", &name);
    }
}
