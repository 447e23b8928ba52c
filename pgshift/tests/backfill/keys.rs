//! Keys of all kinds.

use super::Shop;
use testkit::{Cluster, majors};

/// Keys of every type are gone along without gap or overlap, whatever the session writes values like.
#[test]
fn any_type_that_can_be_ordered_is_a_key() {
    let types = [
        ("float8", "(i - 100) / 7.0::float8"),
        ("numeric", "(i - 100) / 7.0"),
        ("text", "chr(200 + i) || ' '' \\ ' || i"),
        ("timestamptz", "'2024-03-31'::timestamptz + i * interval '7 min 3.000007 s'"),
        ("date", "'2024-01-09'::date + i"),
        ("interval", "(i - 100) * interval '1 day 3 hours' - interval '2 months'"),
        ("bytea", "sha256(i::text::bytea)"),
        ("uuid", "md5(i::text)::uuid"),
        ("char(5)", "i::text"),
        ("int[]", "ARRAY[i % 7, i]"),
        ("mood", "(ARRAY['low', 'high']::mood[])[1 + i % 2]"),
    ];
    for major in majors() {
        let shop = Shop::on(Cluster::shared(major).database("keys"), &[]);
        shop.database.run(&format!(
            "ALTER DATABASE {0} SET datestyle = 'SQL, DMY'; ALTER DATABASE {0} SET intervalstyle = 'sql_standard'; \
             ALTER DATABASE {0} SET extra_float_digits = -5; CREATE TYPE mood AS ENUM ('low', 'high')",
            shop.database.name()
        ));
        for (index, (of_type, value)) in types.iter().enumerate() {
            shop.database.run(&format!(
                "CREATE TABLE k{index} (\"K k\" {of_type} NOT NULL, n int); INSERT INTO k{index} SELECT {value}, 0 \
                 FROM generate_series(1, 100) i; CREATE INDEX ON k{index} (\"K k\")"
            ));
            let text = format!(
                "-- pgshift: backfill table=public.k{index} key=\"K k\" batch=3\nUPDATE k{index} x SET n = n + 1 WHERE :batch(x)"
            );
            shop.directory.write(format!("{}_k.sql", index + 1), text);
        }
        let applied = shop.apply().run().success();
        for (index, (of_type, _)) in types.iter().enumerate() {
            let wrong = format!("SELECT count(*) FROM k{index} WHERE n <> 1");
            assert_eq!(shop.database.scalar(&wrong), "0", "{of_type} on {major}: {applied}");
        }
        assert!(applied.records_of("warning").is_empty(), "{applied}");
    }
}

#[test]
fn several_columns_are_a_key_and_partitions_are_one_table() {
    let shop = Shop::new(&[
        (
            "1_lines.sql",
            "CREATE TABLE lines (o int, l text, n int DEFAULT 0, PRIMARY KEY (l, o)) PARTITION BY HASH (l); \
             CREATE TABLE lines_0 PARTITION OF lines FOR VALUES WITH (MODULUS 2, REMAINDER 0); \
             CREATE TABLE lines_1 PARTITION OF lines FOR VALUES WITH (MODULUS 2, REMAINDER 1); \
             INSERT INTO lines SELECT o, 'l' || l FROM generate_series(1, 40) o, generate_series(1, 4) l;",
        ),
        (
            "2_n.sql",
            "SET work_mem = '8MB';\n-- pgshift: backfill table=lines batch=7 pause=1ms\n\
             WITH b AS (SELECT l, o FROM lines WHERE :batch) UPDATE lines x SET n = x.n + 1 FROM b WHERE (x.l, x.o) = (b.l, b.o);",
        ),
    ]);
    let applied = shop.apply().run().success();
    assert_eq!(shop.database.rows("SELECT n, count(*) FROM lines GROUP BY n"), [["1", "160"]], "{applied}");
    let last = applied.records_of("backfill").last().copied().unwrap().clone();
    assert_eq!(last["key"], serde_json::json!(["l", "o"]), "{applied}");
    assert_eq!(last["rows_done"], 160, "{applied}");
}

#[test]
fn rows_are_moved_to_another_table() {
    let shop = Shop::new(&[
        ("1_old.sql", "CREATE TABLE old (LIKE t);"),
        (
            "2_copy.sql",
            "-- pgshift: backfill table=t batch=10\nINSERT INTO old SELECT * FROM t WHERE id <= 90 AND :batch;",
        ),
        ("3_drop.sql", "-- pgshift: backfill table=t batch=10\nDELETE FROM t WHERE id <= 90 AND :batch;"),
    ]);
    shop.apply().run().success();
    assert_eq!(
        shop.database.rows("SELECT count(*), count(DISTINCT id), max(id) FROM old"),
        [["90", "90", "90"]]
    );
    assert_eq!(shop.database.rows("SELECT count(*), min(id) FROM t"), [["110", "91"]]);
}

#[test]
fn rows_are_merged_in_batches() {
    // MERGE came with PostgreSQL 15.
    for major in majors().into_iter().filter(|major| *major >= 15) {
        let shop = Shop::on(Cluster::shared(major).database("merge"), &[]);
        shop.database.run("CREATE TABLE copy (id int PRIMARY KEY, a int, n int DEFAULT 0); INSERT INTO copy SELECT id, 0 FROM t WHERE id % 2 = 0");
        shop.directory.write(
            "1_merge.sql",
            "-- pgshift: backfill table=t batch=7\n\
             MERGE INTO copy c USING (SELECT id, a FROM t WHERE :batch) s ON c.id = s.id\n\
             WHEN MATCHED THEN UPDATE SET a = s.a, n = c.n + 1\nWHEN NOT MATCHED THEN INSERT (id, a, n) VALUES (s.id, s.a, 1)",
        );
        let applied = shop.apply().run().success();
        let wrong = "SELECT count(*) FROM t FULL JOIN copy c USING (id) WHERE c.a IS DISTINCT FROM t.a OR n IS DISTINCT FROM 1";
        assert_eq!(shop.database.scalar(wrong), "0", "{major}: {applied}");
        let last = applied.records_of("backfill").last().copied().unwrap();
        assert!(last["batches"].as_u64().unwrap() > 1 && last["rows_done"] == 200, "{applied}");
    }
}
