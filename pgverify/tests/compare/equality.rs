//! Pairs of rows that others take for equal, and of tables that others take for different.

use crate::kit::{compare, rows, two, verdict};

/// A type, and two values of it that others confuse.
const UNEQUAL: &[(&str, &str, &str)] = &[
    ("text", "NULL", "''"),
    ("text", "NULL", "'<null>'"),
    ("text", "NULL", r"'\N'"),
    ("text", "'a'", "'a '"),
    ("text", "'a'", "'A'"),
    ("text", r"E'a\\b'", r"E'a\b'"),
    ("text", r"E'\u00e9'", r"E'e\u0301'"),
    ("text", r"E'a\r\nb'", r"E'a\nb'"),
    ("numeric", "1.0", "1.00"),
    ("numeric", "1e25", "1e25 + 1"),
    ("numeric", "'NaN'", "0"),
    ("numeric", "1e-40", "2e-40"),
    ("float8", "1e-20", "2e-20"),
    ("float8", "0.3", "0.30000000000000004"),
    ("float8", "0", "'-0'"),
    ("float8", "'NaN'", "'Infinity'"),
    ("float8", "1.7976931348623157e308", "1.7976931348623155e308"),
    ("float4", "0.1", "0.10000001"),
    ("timestamp", "'infinity'", "'-infinity'"),
    ("timestamp", "'infinity'", "NULL"),
    ("timestamptz", "'infinity'", "'-infinity'"),
    ("timestamptz", "'2024-01-01 00:00:00.123456+00'", "'2024-01-01 00:00:00.123457+00'"),
    ("date", "'0044-03-15 BC'", "'0044-03-15'"),
    ("date", "'infinity'", "'-infinity'"),
    ("time", "'24:00'", "'00:00'"),
    ("interval", "'1 month'", "'30 days'"),
    ("interval", "'1 day'", "'24 hours'"),
    ("jsonb", r#"'{"a":1.0}'"#, r#"'{"a":1.00}'"#),
    ("jsonb", r#"'{"a":null}'"#, "'{}'"),
    ("json", r#"'{"a":1}'"#, r#"'{"a": 1}'"#),
    ("bytea", r"'\x00'", r"'\x'"),
    ("bytea", r"'\x5c'", r"'\x5c5c'"),
    ("bool", "false", "NULL"),
    ("char(4)", "'a'", "'b'"),
    ("bit(4)", "B'0001'", "B'0010'"),
    ("varbit", "B'0'", "B'00'"),
    ("int[]", "'{1,2}'", "'{{1,2}}'"),
    ("int[]", "'{1,2}'", "'[0:1]={1,2}'"),
    ("text[]", "'{NULL}'", r#"'{"NULL"}'"#),
    ("text[]", "'{}'", r#"'{""}'"#),
    ("inet", "'10.0.0.1/32'", "'10.0.0.1/24'"),
    ("int4range", "'empty'", "'[1,2)'"),
    ("point", "'(0,0)'", "'(0,-0)'"),
    ("money", "1.00", "1.01"),
    ("xml", "'<a/>'", "'<a></a>'"),
    ("regclass", "'pg_class'", "'pg_type'"),
    ("uuid", "'00000000-0000-0000-0000-000000000001'", "NULL"),
];

#[test]
fn what_others_take_for_equal_differs() {
    let table = |side: usize| {
        let each = UNEQUAL.iter().enumerate().map(|(index, (kind, a, b))| {
            let value = if side == 0 { a } else { b };
            format!("CREATE TABLE t{index} (id int PRIMARY KEY, v {kind}); INSERT INTO t{index} VALUES (1, {value}), (2, NULL);")
        });
        each.collect::<String>()
    };
    let (a, b) = two("unequal", &table(0), &table(1));
    for arguments in [&[][..], &["--rows"]] {
        let outcome = compare(&a, &b, arguments).exit(1);
        let tables = outcome.records_of("table");
        assert_eq!(tables.len(), UNEQUAL.len());
        for table in tables {
            let index: usize = table["table"].as_str().unwrap()[1..].parse().unwrap();
            assert_eq!(table["verdict"], "differs", "{:?}", UNEQUAL[index]);
            if !arguments.is_empty() {
                assert_eq!(
                    (&table["changed"], &table["missing"], &table["extra"]),
                    (&1.into(), &0.into(), &0.into())
                );
            }
        }
        if !arguments.is_empty() {
            assert!(rows(&outcome).iter().all(|row| row == r#"changed {"id":"1"} ["v"]"#), "{outcome}");
        }
    }
    compare(&a, &a.cluster().database_with("again", &format!("TEMPLATE {}", a.name())), &["--rows"])
        .success();
}

#[test]
fn separators_in_values_do_not_make_rows_equal() {
    let table = |values: &str| format!("CREATE TABLE t (a text, b text); INSERT INTO t VALUES {values}");
    for (a, b) in [
        ("('x|y', 'z')", "('x', 'y|z')"),
        (r"(E'x\ty', 'z')", r"('x', E'y\tz')"),
        ("('x,y', 'z')", "('x', 'y,z')"),
        ("('', NULL)", "(NULL, '')"),
        (r"(E'a\nb', 'c')", "('a', 'c'), ('b', 'c')"),
    ] {
        let (a, b) = two("separators", &table(a), &table(b));
        assert_eq!(verdict(&compare(&a, &b, &[]).exit(1)), "differs");
    }
}

#[test]
fn copies_are_counted_where_there_is_no_key() {
    let table = |values: &str| format!("CREATE TABLE t (a text); INSERT INTO t VALUES {values}");
    let (a, b) = two("copies", &table("('A'), ('A')"), &table("('B'), ('B')"));
    compare(&a, &b, &[]).exit(1);
    let (a, b) =
        two("copies", &table("('A'), ('A'), ('A'), ('B'), (NULL)"), &table("('A'), ('B'), ('B'), (NULL)"));
    let outcome = compare(&a, &b, &["--rows"]).exit(1);
    let rows: Vec<_> = outcome
        .records_of("row")
        .iter()
        .map(|row| format!("{} {} {}", row["kind"].as_str().unwrap(), row["a_copies"], row["b_copies"]))
        .collect();
    assert_eq!(rows, ["missing 3 1", "extra 1 2"]);
    let table = outcome.record("table");
    assert_eq!((&table["missing"], &table["extra"], table.get("key")), (&2.into(), &1.into(), None));
}

#[test]
fn values_swapped_between_two_rows_differ() {
    let table = |values: &str| {
        format!("CREATE TABLE t (id int PRIMARY KEY, a int, b int); INSERT INTO t VALUES {values}")
    };
    let (a, b) = two("swapped", &table("(1, 10, 20), (2, 30, 40)"), &table("(1, 30, 20), (2, 10, 40)"));
    compare(&a, &b, &[]).exit(1);
    let outcome = compare(&a, &b, &["--rows"]).exit(1);
    assert_eq!(rows(&outcome), [r#"changed {"id":"1"} ["a"]"#, r#"changed {"id":"2"} ["a"]"#]);
}

#[test]
fn order_of_rows_and_of_columns_and_holes_in_them_do_not_count() {
    let (a, b) = two(
        "order",
        "CREATE TABLE t (id int PRIMARY KEY, a text, b int); INSERT INTO t VALUES (1, 'x', 5), (2, 'y', 6)",
        "CREATE TABLE t (b int, gone int, a text, id int PRIMARY KEY); ALTER TABLE t DROP COLUMN gone; \
         INSERT INTO t (id, a, b) VALUES (2, 'y', 6), (1, 'x', 5)",
    );
    compare(&a, &b, &["-a"]).success();
    let outcome = compare(&a, &b, &["-a", "--rows"]).success();
    assert_eq!(outcome.result()["proved"], true);
}

#[test]
fn settings_of_a_side_do_not_count() {
    let (a, b) = two("settings", SETTINGS, SETTINGS);
    let name = b.name().to_owned();
    for setting in [
        "datestyle = 'SQL, DMY'",
        "intervalstyle = 'sql_standard'",
        "timezone = 'Asia/Tokyo'",
        "bytea_output = 'escape'",
        "extra_float_digits = 0",
        "search_path = 'pg_catalog'",
        "lc_monetary = 'C'",
        "statement_timeout = '1ms'",
        "default_transaction_isolation = 'serializable'",
        "quote_all_identifiers = on",
    ] {
        b.run(&format!("ALTER DATABASE {name} SET {setting}"));
    }
    compare(&a, &b, &["-a", "--rows"]).success();
}

const SETTINGS: &str = "CREATE TABLE t (id int PRIMARY KEY, d date, i interval, z timestamptz, b bytea, f float8, r regclass); \
    INSERT INTO t VALUES (1, '2024-02-03', '1 mon -2 days', '2024-02-03 04:05:06+07', '\\x00ff', 0.1::float8 + 0.2, 't')";

#[test]
fn a_column_on_one_side_only_and_one_of_another_type_differ() {
    let (a, b) = two(
        "columns",
        "CREATE TABLE t (id int PRIMARY KEY, a text, n int); INSERT INTO t VALUES (1, 'x', 5)",
        "CREATE TABLE t (id int PRIMARY KEY, b text, n bigint); INSERT INTO t VALUES (1, 'x', 5)",
    );
    let outcome = compare(&a, &b, &["-a", "--rows"]).exit(1);
    let said = crate::kit::differences(&outcome);
    for column in ["a", "b", "n"] {
        assert!(said.contains(&format!("column \"public\".\"t\".\"{column}\": type")), "{outcome}");
    }
    assert!(rows(&outcome).is_empty(), "the common columns are equal: {outcome}");
    assert_eq!(verdict(&outcome), "differs");
}

#[test]
fn a_collation_that_takes_other_text_for_equal_does_not_hide_it() {
    let made = |a: &str| {
        format!(
            "CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false); \
             CREATE TABLE t (k text COLLATE ci PRIMARY KEY, v text COLLATE ci); INSERT INTO t VALUES {a}"
        )
    };
    let (a, b) = two("collation", &made("('abc', 'x'), ('d', 'e')"), &made("('ABC', 'x'), ('d', 'E')"));
    let outcome = compare(&a, &b, &["--rows"]).exit(1);
    let mut found = rows(&outcome);
    found.sort();
    assert_eq!(found, [r#"changed {"k":"d"} ["v"]"#, r#"extra {"k":"ABC"} []"#, r#"missing {"k":"abc"} []"#]);
}
