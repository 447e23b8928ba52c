CREATE TABLE u (id int PRIMARY KEY, code varchar(20) NOT NULL UNIQUE, n int, CONSTRAINT u_n CHECK (n > 0));
CREATE TABLE t (
    id int CONSTRAINT t_pkey PRIMARY KEY,
    u_id int CONSTRAINT t_u_fk REFERENCES u,
    name varchar(20), note text, n int NOT NULL, ts timestamp, price numeric(10,2),
    CONSTRAINT t_note_set CHECK (note IS NOT NULL),
    CONSTRAINT t_later CHECK (n > 0) NOT VALID
);
ALTER TABLE t ADD CONSTRAINT t_later_fk FOREIGN KEY (n) REFERENCES u NOT VALID;
CREATE INDEX t_n ON t (n);
CREATE INDEX t_expr ON t (lower(name));
CREATE UNIQUE INDEX t_name ON t (name);
CREATE UNIQUE INDEX t_n_id ON t (n, id);
CREATE VIEW v AS SELECT id FROM t;
CREATE MATERIALIZED VIEW m AS SELECT id FROM t;
CREATE UNIQUE INDEX m_id ON m (id);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE w (id int PRIMARY KEY, n int);
CREATE TRIGGER w_touch BEFORE INSERT ON w FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TABLE parent (a int);
CREATE TABLE kid (b int) INHERITS (parent);
CREATE TABLE p (id int, k int, u_id int REFERENCES u, CONSTRAINT p_pkey PRIMARY KEY (id, k)) PARTITION BY RANGE (k);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE TABLE pd PARTITION OF p DEFAULT;
CREATE TABLE fresh_part (id int NOT NULL, k int NOT NULL, u_id int);
CREATE TABLE proven_part (id int NOT NULL, k int NOT NULL, u_id int, CONSTRAINT in_range CHECK (k >= 20 AND k < 30));
CREATE TABLE ready_part (
    id int NOT NULL, k int NOT NULL, u_id int REFERENCES u,
    PRIMARY KEY (id, k), CONSTRAINT in_range CHECK (k >= 20 AND k < 30)
);
CREATE TABLE q (id int, k int) PARTITION BY LIST (k);
CREATE TABLE q1 PARTITION OF q FOR VALUES IN (1);
CREATE TABLE free_part (id int, k int);
CREATE TYPE mood AS ENUM ('fine');
CREATE SEQUENCE s;
INSERT INTO u SELECT i, 'c' || i, i FROM generate_series(1, 20) i;
INSERT INTO t SELECT i, i, 'n' || i, 'x', i, now(), i FROM generate_series(1, 20) i;
INSERT INTO p SELECT i, i, i FROM generate_series(1, 12) i;
INSERT INTO w VALUES (1, 1);
REFRESH MATERIALIZED VIEW m;
ANALYZE;
