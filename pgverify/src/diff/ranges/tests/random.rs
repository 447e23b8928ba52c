//! Seeded chance: many small tables with many ways to differ, against what plain SQL finds.

use super::{Kind, compare, pair, shape};
use std::collections::BTreeMap;
use testkit::Database;

fn rows(database: &Database) -> BTreeMap<String, Vec<String>> {
    let rows = database.rows("SELECT a || ',' || b, v, w FROM t");
    rows.into_iter().map(|mut row| (row.remove(0), row)).collect()
}

#[test]
fn what_is_found_is_what_a_comparison_of_all_rows_finds() {
    for seed in 0..12_u32 {
        let (count, percent) = (20 + seed * 37, [0, 1, 3, 50, 95][seed as usize % 5]);
        let random = |salt: u32| format!("('x' || substr(md5(i || ' {seed} {salt}'), 1, 7))::bit(28)::int");
        let both = format!(
            "CREATE TABLE t (a integer, b text COLLATE \"C\", v text, w integer, PRIMARY KEY (a, b)); \
             INSERT INTO t SELECT {} % 9, i::text, repeat('v', {} % 40), i FROM generate_series(1, {count}) i",
            random(1),
            random(2)
        );
        let damage = format!(
            "UPDATE t SET v = v || 'x' FROM generate_series(1, {count}) i WHERE b = i::text AND {} % 100 < {percent}; \
             DELETE FROM t USING generate_series(1, {count}) i WHERE b = i::text AND {} % 100 < {percent}; \
             INSERT INTO t SELECT {} % 12 - 2, 'n' || i, 'new', 0 FROM generate_series(1, {count}) i WHERE {} % 100 < {percent}",
            random(3),
            random(4),
            random(5),
            random(6)
        );
        let sides = pair(&both, "", &damage);
        let shape = shape(&sides, &["a", "b"]);
        let found = compare(&sides, &shape);
        let (a, b) = (rows(&sides.0), rows(&sides.1));
        let mut expected = [Vec::new(), Vec::new(), Vec::new()];
        for (key, row) in &a {
            match b.get(key) {
                None => expected[0].push(key.clone()),
                Some(other) if other != row => expected[2].push(key.clone()),
                Some(_) => {}
            }
        }
        expected[1] = b.keys().filter(|key| !a.contains_key(*key)).cloned().collect();
        for (kind, mut keys) in [Kind::Missing, Kind::Extra, Kind::Changed].into_iter().zip(expected) {
            keys.sort();
            assert_eq!(found.keys(&shape, kind), keys, "seed {seed}, {kind:?}");
        }
    }
}
