-- min: 12
-- covers: 21 25 26
-- about: partitions by list, range and hash, defaults, partitions of partitions, other column orders, indexes attached and detached, foreign keys both ways

CREATE TABLE sales (id bigint NOT NULL, at date NOT NULL, region text, amount numeric(10, 2)) PARTITION BY RANGE (at);
CREATE TABLE sales_2023 PARTITION OF sales FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE sales_2024 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY LIST (region);
CREATE TABLE sales_2024_north PARTITION OF sales_2024 FOR VALUES IN ('north', 'far north', NULL);
CREATE TABLE sales_2024_rest PARTITION OF sales_2024 DEFAULT PARTITION BY HASH (id);
CREATE TABLE sales_2024_rest_0 PARTITION OF sales_2024_rest FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE sales_2024_rest_1 PARTITION OF sales_2024_rest FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE sales_2024_rest_3 PARTITION OF sales_2024_rest FOR VALUES WITH (MODULUS 4, REMAINDER 3);
CREATE TABLE sales_old PARTITION OF sales FOR VALUES FROM (MINVALUE) TO ('2023-01-01');
CREATE TABLE sales_other PARTITION OF sales DEFAULT;
-- Attached later: its columns stand in another order and one is gone.
CREATE TABLE sales_2025 (amount numeric(10, 2), gone text, region text, at date NOT NULL, id bigint NOT NULL);
INSERT INTO sales_2025 VALUES (1.10, 'gone', 'south', '2025-05-05', 50001);
ALTER TABLE sales_2025 DROP COLUMN gone;
ALTER TABLE sales ATTACH PARTITION sales_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
-- Detached: a table like any other.
CREATE TABLE sales_2026 PARTITION OF sales FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
ALTER TABLE sales DETACH PARTITION sales_2026;
INSERT INTO sales_2026 VALUES (1, '2001-01-01', 'no longer checked', 0);
INSERT INTO sales
SELECT i, date '2022-06-01' + i, CASE i % 4 WHEN 0 THEN 'north' WHEN 1 THEN NULL WHEN 2 THEN 'far north' ELSE 'south' END, i / 100.0
FROM generate_series(1, 1600) i;
CREATE INDEX sales_at ON sales (at);
CREATE UNIQUE INDEX sales_key ON sales (id, at, region);
-- An index of the parent only, to which the partitions' own are attached: two of them, so it is not valid yet.
CREATE INDEX sales_amount ON ONLY sales (amount);
CREATE INDEX sales_2023_amount ON sales_2023 (amount);
ALTER INDEX sales_amount ATTACH PARTITION sales_2023_amount;
CREATE INDEX sales_2025_own ON sales_2025 (region, amount) WHERE amount > 0;
ALTER TABLE sales_2023 ADD CONSTRAINT own_check CHECK (amount >= 0) NOT VALID;
ALTER TABLE sales_2023 ALTER COLUMN region SET DEFAULT 'somewhere';

-- Several columns, expressions, a text key with MINVALUE and MAXVALUE.
CREATE TABLE by_expression (a integer, b text) PARTITION BY RANGE ((a % 10), lower(b));
CREATE TABLE by_expression_low PARTITION OF by_expression FOR VALUES FROM (MINVALUE, MINVALUE) TO (5, 'm');
CREATE TABLE by_expression_high PARTITION OF by_expression FOR VALUES FROM (5, 'm') TO (MAXVALUE, MAXVALUE);
INSERT INTO by_expression SELECT i, chr(65 + i % 26) FROM generate_series(1, 100) i;

-- Foreign keys to, from and between partitioned tables.
CREATE TABLE accounts (id integer, kind text, PRIMARY KEY (id, kind)) PARTITION BY LIST (kind);
CREATE TABLE accounts_a PARTITION OF accounts FOR VALUES IN ('a');
CREATE TABLE accounts_b PARTITION OF accounts FOR VALUES IN ('b');
INSERT INTO accounts SELECT i, CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' END FROM generate_series(1, 20) i;
CREATE TABLE moves (id integer, account integer, kind text, FOREIGN KEY (account, kind) REFERENCES accounts ON DELETE CASCADE) PARTITION BY RANGE (id);
CREATE TABLE moves_1 PARTITION OF moves FOR VALUES FROM (1) TO (11);
CREATE TABLE moves_2 PARTITION OF moves FOR VALUES FROM (11) TO (21);
INSERT INTO moves SELECT i, i, CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' END FROM generate_series(1, 20) i;
CREATE TABLE notes (account integer, kind text, FOREIGN KEY (account, kind) REFERENCES accounts);
INSERT INTO notes VALUES (1, 'b'), (NULL, 'a');
CREATE TABLE no_partitions (id integer) PARTITION BY LIST (id);
