//! Tables that are parts of others: partitions of every strategy, also of partitions, and inheritance.

use super::Script;
use super::tables::{Kind, Table};
use super::types::Type;
use common::name::{QualifiedName, ident};

/// A partitioned table that is being made.
struct Parent {
    name: QualifiedName,
    id: String,
    key: String,
    value: (String, Type),
    /// What the key of a row is: an expression over `g`.
    key_of_row: String,
    /// Whether the number alone is a key.
    keyed: bool,
}

impl Script {
    pub(super) fn make_families(&mut self) {
        for _ in 0..self.rng.below(3) {
            self.make_partitioned();
        }
        if self.rng.chance(40) {
            self.make_inheritance();
        }
    }

    fn make_partitioned(&mut self) {
        match self.rng.below(5) {
            0 => self.by_range_of_numbers(),
            1 => self.by_range_of_dates(),
            2 => self.by_list(),
            3 => self.by_hash(),
            _ => self.by_enum(),
        }
    }

    fn parent(&mut self, strategy: &str, key: Option<&str>, key_of_row: &str, keyed: bool) -> Parent {
        let name = self.new_name("parted");
        let id = ident(&self.names.fresh(&mut self.rng, "id"));
        let column = ident(&self.names.fresh(&mut self.rng, "key"));
        let value = (ident(&self.names.fresh(&mut self.rng, "value")), self.any_type());
        let of_key = key.map(|of| format!(", {column} {of}")).unwrap_or_default();
        let by = if key.is_some() { &column } else { &id };
        let primary = if keyed && key.is_none() {
            format!(", PRIMARY KEY ({id})")
        } else if keyed {
            format!(", UNIQUE ({column}, {id})")
        } else {
            String::new()
        };
        self.say(&format!(
            "CREATE TABLE {name} ({id} integer NOT NULL{of_key}, {} {}{primary}) PARTITION BY {strategy} ({by})",
            value.0, value.1.sql
        ));
        let key = if key.is_some() { column } else { id.clone() };
        Parent { name, id, key, value, key_of_row: key_of_row.into(), keyed: keyed && key_of_row.is_empty() }
    }

    fn part(&mut self, parent: &Parent, bound: &str) -> QualifiedName {
        let name = self.new_name("part");
        if self.rng.chance(25) {
            self.attach(parent, &name, bound);
        } else {
            self.say(&format!("CREATE TABLE {name} PARTITION OF {} {bound}", parent.name));
        }
        self.comment("TABLE", &name.to_string());
        self.owned_part(&name);
        name
    }

    /// A table that became a partition: its columns stand in another order, and one is gone.
    fn attach(&mut self, parent: &Parent, name: &QualifiedName, bound: &str) {
        let mut columns = vec![format!("{} {}", parent.value.0, parent.value.1.sql), "gone_ text".to_owned()];
        columns.push(format!("{} integer NOT NULL", parent.id));
        let by_key = parent.key != parent.id;
        if by_key {
            columns.insert(1, format!("LIKE {}", parent.name));
            // LIKE brings all columns in the parent's order; the others would be there twice.
            columns = vec!["gone_ text".to_owned(), format!("LIKE {}", parent.name)];
        }
        self.say(&format!("CREATE TABLE {name} ({})", columns.join(", ")));
        self.say(&format!("ALTER TABLE {name} DROP COLUMN gone_"));
        self.say(&format!("ALTER TABLE {} ATTACH PARTITION {name} {bound}", parent.name));
    }

    fn owned_part(&mut self, name: &QualifiedName) {
        let privileges: &[&str] = &["SELECT", "INSERT", "TRIGGER"];
        self.owned.push(super::Owned { alter: "TABLE", grant: "TABLE", name: name.to_string(), privileges });
        self.tables.push(Table {
            name: name.clone(),
            id: None,
            keyed: false,
            rows: 0,
            columns: Vec::new(),
            kind: Kind::Partition,
        });
    }

    fn finish(&mut self, parent: Parent) {
        let rows = if self.rng.chance(10) { 0 } else { self.rng.between(1, 400) };
        let value = parent.value.1.values_of_many(&mut self.rng);
        let (columns, values) = if parent.key == parent.id {
            (format!("{}, {}", parent.id, parent.value.0), format!("g, {value}"))
        } else {
            (
                format!("{}, {}, {}", parent.id, parent.key, parent.value.0),
                format!("g, {}, {value}", parent.key_of_row),
            )
        };
        self.say(&format!(
            "INSERT INTO {} ({columns}) SELECT {values} FROM generate_series(1, {rows}) AS g",
            parent.name
        ));
        let Parent { name, id, keyed, value, .. } = parent;
        self.register(Table {
            name,
            id: Some(id),
            keyed,
            rows,
            columns: vec![value],
            kind: Kind::Partitioned,
        });
    }

    fn by_range_of_numbers(&mut self) {
        let keyed = self.rng.chance(70);
        let parent = self.parent("RANGE", None, "", keyed);
        self.part(&parent, "FOR VALUES FROM (MINVALUE) TO (100)");
        self.part(&parent, "FOR VALUES FROM (100) TO (200)");
        if self.rng.chance(50) {
            self.part(&parent, "DEFAULT");
        } else {
            self.part(&parent, "FOR VALUES FROM (200) TO (MAXVALUE)");
        }
        self.finish(parent);
    }

    fn by_range_of_dates(&mut self) {
        let parent = self.parent("RANGE", Some("date"), "date '2024-01-01' + g", false);
        self.part(&parent, "FOR VALUES FROM ('2024-01-01') TO ('2024-07-01')");
        self.part(&parent, "FOR VALUES FROM ('2024-07-01') TO ('2025-01-01')");
        self.part(&parent, "DEFAULT");
        self.finish(parent);
    }

    fn by_list(&mut self) {
        let rows = "CASE g % 5 WHEN 0 THEN NULL WHEN 1 THEN 'north' WHEN 2 THEN 'it''s' WHEN 3 THEN 'sü\\d' ELSE 'rest' || g END";
        let keyed = self.rng.chance(50);
        let parent = self.parent("LIST", Some("text COLLATE pg_catalog.\"C\""), rows, keyed);
        self.part(&parent, "FOR VALUES IN ('north', 'it''s')");
        self.part(&parent, "FOR VALUES IN ('sü\\d', NULL)");
        if self.rng.chance(50) {
            let below = self.new_name("below");
            self.say(&format!(
                "CREATE TABLE {below} PARTITION OF {} DEFAULT PARTITION BY HASH ({})",
                parent.name, parent.id
            ));
            self.owned_part(&below);
            for remainder in 0..3 {
                let name = self.new_name("part");
                let bound = format!("FOR VALUES WITH (MODULUS 3, REMAINDER {remainder})");
                self.say(&format!("CREATE TABLE {name} PARTITION OF {below} {bound}"));
                self.owned_part(&name);
            }
        } else {
            self.part(&parent, "DEFAULT");
        }
        self.finish(parent);
    }

    fn by_hash(&mut self) {
        let (key, rows) = *self.rng.pick(&[
            (None, ""),
            (Some("text"), "md5(g::text)"),
            (Some("uuid"), "md5(g::text)::uuid"),
            (Some("numeric"), "g / 7.0"),
            (Some("timestamp with time zone"), "timestamptz '2024-01-01 00:00+00' + g * interval '1 hour'"),
        ]);
        let keyed = self.rng.chance(50);
        let parent = self.parent("HASH", key, rows, keyed);
        self.part(&parent, "FOR VALUES WITH (MODULUS 2, REMAINDER 0)");
        self.part(&parent, "FOR VALUES WITH (MODULUS 4, REMAINDER 1)");
        self.part(&parent, "FOR VALUES WITH (MODULUS 4, REMAINDER 3)");
        self.finish(parent);
    }

    /// The hash of an enum's label depends on the server: rows come back in other partitions.
    fn by_enum(&mut self) {
        let (of, labels) = self.enums[0].clone();
        let rows = format!("(ARRAY[{}]::{of}[])[1 + g % {}]", labels.join(", "), labels.len());
        let strategy = self.rng.word(&["HASH", "LIST"]);
        let parent = self.parent(strategy, Some(&of), &rows, false);
        if strategy == "HASH" {
            for remainder in 0..3 {
                self.part(&parent, &format!("FOR VALUES WITH (MODULUS 3, REMAINDER {remainder})"));
            }
        } else {
            self.part(&parent, &format!("FOR VALUES IN ({})", labels[0]));
            self.part(&parent, "DEFAULT");
        }
        self.finish(parent);
    }

    fn make_inheritance(&mut self) {
        let [parent, child, grandchild] = ["parent", "child", "grandchild"].map(|name| self.new_name(name));
        let id = ident(&self.names.fresh(&mut self.rng, "id"));
        let [one, other] =
            [(); 2].map(|()| (ident(&self.names.fresh(&mut self.rng, "value")), self.any_type()));
        self.say(&format!(
            "CREATE TABLE {parent} ({id} integer NOT NULL, {} {}, CONSTRAINT inherited CHECK ({id} > 0), CONSTRAINT own CHECK ({id} < 100000) NO INHERIT)",
            one.0, one.1.sql
        ));
        self.say(&format!(
            "CREATE TABLE {child} ({} {}, UNIQUE ({id})) INHERITS ({parent})",
            other.0, other.1.sql
        ));
        self.say(&format!("CREATE TABLE {grandchild} ({id} integer DEFAULT 5) INHERITS ({child})"));
        let value = one.1.values_of_many(&mut self.rng);
        for (table, own) in [(&parent, false), (&child, true), (&grandchild, true)] {
            let rows = self.rng.below(30);
            let more =
                if own { format!(", {}", other.1.values_of_many(&mut self.rng)) } else { String::new() };
            let more_names = if own { format!(", {}", other.0) } else { String::new() };
            self.say(&format!(
                "INSERT INTO {table} ({id}, {}{more_names}) SELECT g, {value}{more} FROM generate_series(1, {rows}) AS g",
                one.0
            ));
        }
        let default = one.1.value(&mut self.rng);
        self.say(&format!("ALTER TABLE {child} ALTER COLUMN {} SET DEFAULT {default}", one.0));
        for (name, columns) in [
            (parent, vec![one.clone()]),
            (child, vec![one.clone(), other.clone()]),
            (grandchild, vec![one, other]),
        ] {
            self.register(Table { name, id: None, keyed: false, rows: 0, columns, kind: Kind::Child });
        }
    }
}
