//! Views and materialised views, also on each other, with expressions that versions spell differently.

use super::tables::Kind;
use super::{Owned, Script};
use common::name::ident;

/// Expressions over the integer `I`. None depends on the time, the session or the order of rows.
const EXPRESSIONS: &[&str] = &[
    "I + 1",
    "I::text || 'it''s \\'",
    "CASE WHEN I > 5 THEN 'high' WHEN I IS NULL THEN NULL ELSE 'low' END",
    "extract(year FROM date '2024-01-01' + I::integer)::integer",
    "date_part('month', timestamp '2024-01-01' + I * interval '1 day')::integer",
    "substring('abcdefgh' FROM 2 FOR (I % 4)::integer)",
    "overlay('abcdef' PLACING 'X' FROM 2 FOR 1)",
    "position('c' IN 'abc')",
    "trim(BOTH 'x' FROM 'xxaxx')",
    "(timestamp '2024-01-01 12:00') AT TIME ZONE 'UTC'",
    "I IN (1, 2, 3)",
    "I = ANY (ARRAY[1, 2, 3])",
    "I BETWEEN 3 AND 7",
    "(I, 1) = (2, 1)",
    "ROW(I, 'x') IS NOT NULL",
    "I IS DISTINCT FROM 3",
    "NOT (I > 1 AND I < 5 OR I = 9)",
    "COALESCE(NULLIF(I, 3), 0)",
    "GREATEST(I, 3, 5)",
    "ARRAY[I, 2]",
    "(ARRAY['a', 'b', 'c'])[1 + I % 3]",
    "('{\"a\": {\"b\": 1}}'::jsonb #> '{a,b}')",
    "I::text COLLATE pg_catalog.\"C\"",
    "'x' LIKE 'x%' AND I::text ~ '^1' AND I::text NOT ILIKE '%9'",
    "I::text SIMILAR TO '(1|2)%'",
    "(I::double precision / 3)::numeric(10,4)",
    "interval '1 day 02:03:04' * I",
    "B'101'::bit(3)",
    "'12.5'::money::numeric",
    "date '2024-02-29' - 1",
    "int4range(1, 5) @> 3",
    "to_tsvector('pg_catalog.simple', 'a b') @@ 'a'::tsquery",
    "(SELECT max(x) FROM (VALUES (1), (2)) AS v(x))",
    "EXISTS (SELECT 1 WHERE I > 3)",
    "- I ^ 2",
    "I % 3 <> 0",
    "I::smallint",
    "xmlelement(name a, xmlattributes(I AS b))::text",
];

impl Script {
    pub(super) fn make_views(&mut self) {
        let tables: Vec<_> = self
            .tables
            .iter()
            .filter(|table| matches!(table.kind, Kind::Plain | Kind::Partitioned))
            .filter_map(|table| Some((table.name.to_string(), table.id.clone()?)))
            .collect();
        if tables.is_empty() {
            return;
        }
        // What a later view may read: its name and its column of numbers.
        let mut sources = tables;
        // A filled view reads with the rights of the owners of those that it reads: then all stay with one owner.
        let filled = self.rng.chance(60);
        for _ in 0..self.rng.between(1, 4) {
            let (from, id) = self.rng.pick(&sources).clone();
            let number = ident(&self.names.fresh(&mut self.rng, "number"));
            let query = self.query(&from, &id, &number, &sources);
            let name = self.new_name("view").to_string();
            if filled && self.rng.chance(50) {
                self.make_matview(&name, &number, &query);
            } else {
                self.make_view(&name, &query, !filled);
            }
            sources.push((name, number));
        }
    }

    fn make_view(&mut self, name: &str, query: &str, given_away: bool) {
        let mut options = vec!["", "", " WITH (security_barrier = true)"];
        if self.major >= 15 {
            options.push(" WITH (security_invoker = true)");
        }
        let option = *self.rng.pick(&options);
        self.say(&format!("CREATE VIEW {name}{option} AS {query}"));
        self.comment("VIEW", name);
        if given_away {
            let privileges: &[&str] = &["SELECT", "UPDATE"];
            self.owned.push(Owned { alter: "VIEW", grant: "TABLE", name: name.into(), privileges });
        }
    }

    fn make_matview(&mut self, name: &str, number: &str, query: &str) {
        self.say(&format!("CREATE MATERIALIZED VIEW {name} AS {query}"));
        if self.rng.chance(40) {
            let index = ident(&self.names.fresh(&mut self.rng, "index"));
            self.say(&format!("CREATE INDEX {index} ON {name} ({number} DESC)"));
        }
        self.comment("MATERIALIZED VIEW", name);
        if self.rng.chance(15) {
            // Nothing reads it: what reads one that is not filled cannot be filled either.
            let empty = self.new_name("unfilled");
            self.say(&format!(
                "CREATE MATERIALIZED VIEW {empty} AS SELECT {number} FROM {name} WITH NO DATA"
            ));
        }
    }

    /// A query with a first column of numbers.
    fn query(&mut self, from: &str, id: &str, number: &str, sources: &[(String, String)]) -> String {
        let mut columns = vec![format!("t.{id}::integer AS {number}")];
        for _ in 0..self.rng.between(1, 5) {
            let column = ident(&self.names.fresh(&mut self.rng, "column"));
            let expression = self.expression(&format!("t.{id}::integer"));
            columns.push(format!("{expression} AS {column}"));
        }
        let columns = columns.join(", ");
        let (other, other_id) = self.rng.pick(sources).clone();
        let condition = self.expression(&format!("t.{id}::integer"));
        let forms = [
            format!("SELECT {columns} FROM {from} AS t"),
            format!("SELECT {columns} FROM {from} AS t WHERE ({condition}) IS NOT NULL AND t.{id} > 2"),
            format!("SELECT {columns} FROM {from} AS t LEFT JOIN {other} AS o ON t.{id} = o.{other_id}"),
            format!(
                "SELECT count(*)::integer AS {number}, min(t.{id}) FILTER (WHERE t.{id} > 1) AS least, t.{id} % 3 AS rest FROM {from} AS t GROUP BY t.{id} % 3 HAVING count(*) > 0"
            ),
            format!(
                "SELECT t.{id}::integer AS {number}, row_number() OVER w AS n, sum(t.{id}) OVER (w ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS s FROM {from} AS t WINDOW w AS (ORDER BY t.{id})"
            ),
            format!("WITH c AS (SELECT {columns} FROM {from} AS t) SELECT c.* FROM c WHERE c.{number} > 1"),
            format!(
                "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT r.n AS {number}, t.{id} AS other FROM r JOIN {from} AS t ON t.{id} = r.n"
            ),
            format!(
                "SELECT t.{id}::integer AS {number}, 'a' AS kind FROM {from} AS t UNION ALL SELECT o.{other_id}::integer, 'b' FROM {other} AS o"
            ),
            format!(
                "SELECT DISTINCT ON (t.{id} % 4) t.{id}::integer AS {number}, l.x FROM {from} AS t, LATERAL (SELECT t.{id} * 2 AS x) AS l ORDER BY t.{id} % 4, t.{id}"
            ),
            format!(
                "SELECT grouping(t.{id} % 2) AS {number}, count(*) AS n FROM {from} AS t GROUP BY GROUPING SETS ((t.{id} % 2), ())"
            ),
            format!(
                "SELECT v.{number}, v.w FROM (VALUES (1, 'x'), (2, NULL)) AS v ({number}, w) WHERE EXISTS (SELECT FROM {from} AS t WHERE t.{id} >= v.{number})"
            ),
            format!(
                "SELECT t.{id}::integer AS {number}, array_agg(u.x ORDER BY u.x DESC) AS a FROM {from} AS t CROSS JOIN unnest(ARRAY[1, 2]) WITH ORDINALITY AS u (x, o) GROUP BY t.{id}"
            ),
        ];
        self.rng.pick(&forms).clone()
    }

    /// An expression over a number.
    fn expression(&mut self, number: &str) -> String {
        let chosen = self.rng.word(EXPRESSIONS);
        // The letter stands alone in all of them.
        let mut out = String::new();
        let mut before = ' ';
        let mut rest = chosen.chars().peekable();
        while let Some(letter) = rest.next() {
            let after = rest.peek().copied().unwrap_or(' ');
            if letter == 'I' && !before.is_alphanumeric() && !after.is_alphanumeric() {
                out += number;
            } else {
                out.push(letter);
            }
            before = letter;
        }
        out
    }
}
