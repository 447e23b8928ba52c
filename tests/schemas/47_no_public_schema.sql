-- min: 12
-- covers: 44
-- gains: public (every new database has it, and pg_dump does not drop it)
-- about: a database without the schema "public", and with an extension's comment and language gone

DROP SCHEMA public;
DROP EXTENSION plpgsql;
CREATE SCHEMA only_one;
CREATE TABLE only_one.t (id integer PRIMARY KEY);
INSERT INTO only_one.t VALUES (1);
