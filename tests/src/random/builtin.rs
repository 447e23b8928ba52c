//! The types that every server has, with the values that copiers get wrong.

/// What an index can be made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each says yes or no for one access method")]
pub(super) struct Indexes {
    pub(super) btree: bool,
    pub(super) hash: bool,
    pub(super) gist: bool,
    pub(super) gin: bool,
    pub(super) brin: bool,
    pub(super) text: bool,
}

const NO: Indexes = Indexes { btree: false, hash: false, gist: false, gin: false, brin: false, text: false };
const BTREE: Indexes = Indexes { btree: true, ..NO };
const ORDER: Indexes = Indexes { btree: true, hash: true, brin: true, ..NO };
const KEY: Indexes = Indexes { btree: true, hash: true, ..NO };
const TEXT: Indexes = Indexes { text: true, ..ORDER };
const GIST: Indexes = Indexes { gist: true, ..NO };
const RANGE: Indexes = Indexes { gist: true, ..KEY };
const VECTOR: Indexes = Indexes { gist: true, gin: true, ..BTREE };
const JSONB: Indexes = Indexes { gin: true, ..KEY };

/// A type.
#[derive(Debug)]
pub(super) struct Builtin {
    /// As it is written.
    pub(super) name: &'static str,
    /// The major version that brought it.
    pub(super) since: u32,
    pub(super) indexes: Indexes,
    /// Values as text.
    pub(super) values: &'static [&'static str],
    /// Many values: an expression over the integer `g`.
    pub(super) made: Option<&'static str>,
    /// Values that only later versions have, with that version.
    pub(super) later: &'static [(u32, &'static str)],
}

const fn of(name: &'static str, indexes: Indexes, values: &'static [&'static str]) -> Builtin {
    Builtin { name, since: 12, indexes, values, made: None, later: &[] }
}

const fn making(
    name: &'static str,
    indexes: Indexes,
    values: &'static [&'static str],
    made: &'static str,
) -> Builtin {
    Builtin { name, since: 12, indexes, values, made: Some(made), later: &[] }
}

const fn since(since: u32, name: &'static str, indexes: Indexes, values: &'static [&'static str]) -> Builtin {
    Builtin { name, since, indexes, values, made: None, later: &[] }
}

const INFINITE_NUMBERS: &[(u32, &str)] = &[(14, "Infinity"), (14, "-Infinity")];
const INFINITE_SPANS: &[(u32, &str)] =
    &[(17, "infinity"), (17, "-infinity"), (15, "2562047788:00:54.775807")];

const TEXTS: &[&str] = &[
    "",
    " ",
    "plain",
    "trailing ",
    "tab\there",
    "new\nline",
    "carriage\rreturn\r\n",
    "back\\slash",
    "\\.",
    "\\N",
    "\\",
    "NULL",
    "null",
    "'",
    "\"",
    "a,b;c|d",
    "ünïcödé",
    "e\u{301}",
    "🐘🐘",
    "\u{feff}bom",
    "\u{1}\u{7f}",
    "\u{8}\u{b}\u{c}",
    "{}",
    "(,)",
    "$$",
    "-- x",
    "\u{10ffff}",
];
const JSONS: &[&str] = &[
    "{}",
    "[]",
    "null",
    "0",
    "-1.50e3",
    "\"\"",
    "{\"a\": 1, \"a\": 2}",
    "[1,  2,\n 3]",
    "{\"k\":\"\\u00e9\\n\\t\\\\\"}",
    "[[[]], {\"x\": {\"y\": null}}]",
    "12345678901234567890.1234567890",
    "\"🐘\"",
    "true",
];

/// All of them.
pub(super) const BUILTINS: &[Builtin] = &[
    of("boolean", BTREE, &["t", "f"]),
    making("smallint", ORDER, &["-32768", "32767", "0"], "((g * 31) % 65536 - 32768)::smallint"),
    making(
        "integer",
        ORDER,
        &["-2147483648", "2147483647", "0", "-1"],
        "('x' || substr(md5(g::text), 1, 8))::bit(32)::integer",
    ),
    making(
        "bigint",
        ORDER,
        &["-9223372036854775808", "9223372036854775807", "0"],
        "('x' || substr(md5(g::text), 1, 16))::bit(64)::bigint",
    ),
    Builtin {
        later: INFINITE_NUMBERS,
        ..making(
            "numeric",
            ORDER,
            &[
                "NaN",
                "0",
                "0.00",
                "1.10",
                "-1.1",
                "1e-30",
                "1e40",
                "123456789012345678901234567890.12345678901234567890",
                "-0",
            ],
            "(('x' || substr(md5(g::text), 1, 16))::bit(64)::bigint / 1000.0)::numeric",
        )
    },
    of("numeric(12,3)", ORDER, &["NaN", "0", "-0.001", "999999999.999", "1.5"]),
    of("numeric(5,0)", ORDER, &["99999", "-1", "NaN"]),
    since(15, "numeric(3,5)", ORDER, &["0.00999", "-0.00001"]),
    since(15, "numeric(3,-2)", ORDER, &["12345", "-99900"]),
    making(
        "real",
        ORDER,
        &[
            "0",
            "-0",
            "NaN",
            "Infinity",
            "-Infinity",
            "1e-45",
            "1.1754944e-38",
            "3.4028235e38",
            "0.1",
            "0.100000024",
            "16777217",
        ],
        "(sin(g) * 1e6)::real",
    ),
    making(
        "double precision",
        ORDER,
        &[
            "0",
            "-0",
            "NaN",
            "Infinity",
            "-Infinity",
            "5e-324",
            "2.2250738585072014e-308",
            "1.7976931348623157e308",
            "0.1",
            "0.30000000000000004",
            "0.3",
            "1e15",
            "123456789.12345679",
            "9007199254740993",
        ],
        "sin(g) * exp(g % 600 - 300)",
    ),
    of("money", BTREE, &["0", "12.34", "-0.01", "92233720368547758.07", "-92233720368547758.08"]),
    making("text", TEXT, TEXTS, "repeat(md5(g::text), (g % 40)::integer)"),
    making(
        "character varying(40)",
        TEXT,
        &["", "a ", "ünïcödé", "\\N", "\t\n"],
        "left(md5(g::text), (g % 33)::integer)",
    ),
    of("character varying", TEXT, &["", "x", "\\."]),
    of("character(6)", TEXT, &["", "ab", "abcdef", "é", " a"]),
    of("\"char\"", BTREE, &["", "a", "\\"]),
    of("name", BTREE, &["", "pg_class", "with space"]),
    making(
        "bytea",
        KEY,
        &["", "\\x00", "\\x5c4e", "\\xdeadbeef", "\\x0a0d09"],
        "decode(repeat(md5(g::text), (g % 9)::integer), 'hex')",
    ),
    of("bit(5)", BTREE, &["00000", "11111", "10101"]),
    of("bit varying", BTREE, &["", "1", "0000000001"]),
    of(
        "bit varying(70)",
        BTREE,
        &["", "101", "1111111111111111111111111111111111111111111111111111111111111111111111"],
    ),
    making(
        "date",
        ORDER,
        &[
            "infinity",
            "-infinity",
            "0044-03-15 BC",
            "4713-01-01 BC",
            "2024-02-29",
            "5874897-12-31",
            "0001-01-01",
        ],
        "date '1900-01-01' + g::integer",
    ),
    of("time", ORDER, &["00:00", "24:00", "23:59:59.999999", "12:00:00.1"]),
    of("time(2)", ORDER, &["12:34:56.789"]),
    of("time with time zone", KEY, &["00:00+00", "24:00-15:59", "12:34:56.789012+05:30"]),
    making(
        "timestamp",
        ORDER,
        &[
            "infinity",
            "-infinity",
            "0044-03-15 12:00 BC",
            "4713-01-01 00:00 BC",
            "294276-12-31 23:59:59.999999",
            "2024-01-01 00:00:00.000001",
        ],
        "timestamp '2001-02-03 04:05:06.7' + g * interval '3 hours 7.000001 seconds'",
    ),
    making(
        "timestamp with time zone",
        ORDER,
        &[
            "infinity",
            "-infinity",
            "0044-03-15 12:00+00 BC",
            "294276-12-31 23:59:59.999999+00",
            "2024-10-27 00:30+00",
            "1970-01-01 00:00+05:53:28",
        ],
        "timestamptz '1970-01-01 00:00+00' + g * interval '1 day 1 hour 0.1 seconds'",
    ),
    of("timestamp(0) with time zone", ORDER, &["2024-01-01 00:00:00.5+00", "infinity"]),
    Builtin {
        later: INFINITE_SPANS,
        ..of(
            "interval",
            ORDER,
            &[
                "0",
                "1 mon -1 day 00:00:01",
                "-178000000 years",
                "1 year 2 mons 3 days 04:05:06.789",
                "-00:00:00.000001",
                "24:00:00",
                "1 day",
            ],
        )
    },
    of("interval day to second(3)", ORDER, &["1 day 02:03:04.5678", "-1 day"]),
    making(
        "uuid",
        ORDER,
        &["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"],
        "md5(g::text)::uuid",
    ),
    of("json", NO, JSONS),
    making(
        "jsonb",
        JSONB,
        JSONS,
        "jsonb_build_object('id', g, 'tags', jsonb_build_array(g % 3, md5(g::text)), 'none', NULL)",
    ),
    since(12, "jsonpath", NO, &["$", "$.a[*] ? (@ > 1)", "strict $.\"b c\""]),
    of("xml", NO, &["<a/>", "<a b=\"c\">&lt;é</a>", "text <b>only</b>", "<!-- c --><a/>"]),
    of("inet", KEY, &["0.0.0.0/0", "10.1.2.3/8", "::1", "2001:db8::/32", "255.255.255.255"]),
    of("cidr", KEY, &["10.0.0.0/8", "2001:db8::/32", "::/0", "192.168.1.1/32"]),
    of("macaddr", ORDER, &["08:00:2b:01:02:03", "ff:ff:ff:ff:ff:ff"]),
    of("macaddr8", ORDER, &["08:00:2b:01:02:03:04:05"]),
    of("point", GIST, &["(0,-0)", "(1.1,2.2)", "(NaN,Infinity)", "(1e-300,-1e300)"]),
    of("line", NO, &["{1,-1,0}", "{0.1,0.2,0.30000000000000004}"]),
    of("lseg", NO, &["[(0,0),(1,1)]"]),
    of("box", GIST, &["(1,1),(0,0)", "(0.1,0.2),(-3,-4)"]),
    of("path", NO, &["((0,0),(1,1),(2,0))", "[(0,0),(1,1.5)]"]),
    of("polygon", GIST, &["((0,0),(1,1),(2,0))", "((0,0))"]),
    of("circle", GIST, &["<(0,0),1>", "<(1.5,-2),0>"]),
    of("tsvector", VECTOR, &["", "'a':1A 'b':2,3B 'quo''te' 'spa ce'", "'\\\\' '🐘'"]),
    of("tsquery", BTREE, &["", "'a' & !'b' | 'c':*A", "'x' <-> 'y' <2> 'z'"]),
    of("int4range", RANGE, &["empty", "(,)", "[1,5)", "(,5]", "[10,)"]),
    of("int8range", RANGE, &["[-9223372036854775808,0)", "empty"]),
    of("numrange", RANGE, &["[0.10,1.00]", "(,NaN)", "empty"]),
    of("daterange", RANGE, &["[2024-01-01,2024-02-01)", "[-infinity,infinity)", "(,0044-03-15 BC)"]),
    of("tsrange", RANGE, &["[\"2024-01-01 00:00:00\",infinity]", "(,)"]),
    of("tstzrange", RANGE, &["[\"2024-01-01 00:00:00+00\",\"2024-01-02 00:00:00.5+00\")", "empty"]),
    since(14, "int4multirange", BTREE, &["{}", "{[1,5),[10,20)}", "{(,)}"]),
    since(14, "nummultirange", BTREE, &["{[0.1,1.00),[2,)}", "{}"]),
    since(14, "tstzmultirange", BTREE, &["{[\"2024-01-01 00:00:00+00\",infinity]}"]),
    of("oid", ORDER, &["0", "4294967295", "1259"]),
    of("xid", NO, &["0", "4294967295"]),
    of("cid", NO, &["7"]),
    of("tid", BTREE, &["(0,1)", "(4294967295,65535)"]),
    since(13, "xid8", BTREE, &["0", "18446744073709551615"]),
    since(13, "pg_snapshot", NO, &["10:20:10,14,15", "1:1:"]),
    of("txid_snapshot", NO, &["10:20:10,14,15"]),
    of("pg_lsn", KEY, &["0/0", "16/B374D848", "FFFFFFFF/FFFFFFFF"]),
    of("regclass", NO, &["pg_catalog.pg_class", "-", "pg_catalog.pg_attribute_relid_attnum_index"]),
    of("regtype", NO, &["integer", "timestamp with time zone[]", "-"]),
    of("regproc", NO, &["pg_catalog.now", "-"]),
    of("regprocedure", NO, &["pg_catalog.lower(text)", "-"]),
    of("regoperator", NO, &["pg_catalog.+(integer,integer)"]),
    of("regnamespace", NO, &["pg_catalog", "-"]),
    of("regrole", NO, &["postgres", "-"]),
    of("regconfig", NO, &["pg_catalog.english", "pg_catalog.simple"]),
    of("regdictionary", NO, &["pg_catalog.simple"]),
    since(13, "regcollation", NO, &["pg_catalog.\"C\"", "-"]),
    of("int2vector", NO, &["", "1 2 3"]),
    of("oidvector", BTREE, &["", "1259 0"]),
    of("refcursor", NO, &["", "cursor name"]),
];
